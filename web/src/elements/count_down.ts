// What is left of a time, second by second, by the server's clock.
import { html, type TemplateResult } from 'lit';
import { text } from '../texts/index.ts';
import { leftText, type ServerClock } from '../times.ts';
import { PageElement } from './page_element.ts';

/** `<count-down .until=${text} .clock=${clock}>`; sends `over` once, when the time is over. */
export class CountDown extends PageElement {
  static override properties = { until: { attribute: false }, clock: { attribute: false } };

  declare until: string;
  declare clock: ServerClock;
  private timer: ReturnType<typeof setInterval> | undefined;
  private endedFor = '';

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => this.tick(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  protected override render(): TemplateResult {
    const left = this.left;
    const words = left > 0 ? text('list_left', { time: leftText(left) }) : text('time_over');
    // Not a live region: a screen reader that reads each second reads nothing else.
    return html`<span class="countdown" role="timer" aria-live="off">${words}</span>`;
  }

  private get left(): number {
    return Date.parse(this.until) - this.clock.now();
  }

  private tick(): void {
    this.requestUpdate();
    if (this.left <= 0 && this.endedFor !== this.until) {
      this.endedFor = this.until;
      this.dispatchEvent(new Event('over', { bubbles: true }));
    }
  }
}

customElements.define('count-down', CountDown);
