import { html, type TemplateResult } from 'lit';
import type { Desk } from '../desk.ts';
import { PageElement } from '../elements/page_element.ts';
import { text } from '../texts/index.ts';

export class AttentionView extends PageElement {
  static override properties = { desk: { attribute: false } };

  declare desk: Desk;

  protected override render(): TemplateResult {
    return html`<h1 tabindex="-1">${text('attention_title')}</h1>`;
  }
}

customElements.define('attention-view', AttentionView);
