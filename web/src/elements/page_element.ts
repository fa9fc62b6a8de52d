// Elements render into the page itself, not into a shadow tree: labels, descriptions and one style sheet reach all of it.
import { LitElement } from 'lit';

export class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
