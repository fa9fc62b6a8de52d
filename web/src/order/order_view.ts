// One order: its state, lines, history and actions.
import { html, type TemplateResult } from 'lit';
import type { Order } from '../api.ts';
import type { Desk } from '../desk.ts';
import { PageElement } from '../elements/page_element.ts';
import { problemView, waysOn } from '../elements/problem_view.ts';
import { statusBadges } from '../elements/shown.ts';
import { Live } from '../live.ts';
import { text } from '../texts/index.ts';

/** `action` is that of the address, as in `#release`; empty where it names none. */
export class OrderView extends PageElement {
  static override properties = {
    desk: { attribute: false },
    orderId: { attribute: false },
    action: { attribute: false },
    order: { state: true },
    problem: { state: true },
  };

  declare desk: Desk;
  declare orderId: string;
  declare action: string;
  declare order: Order | null;
  declare problem: unknown;
  private readonly live = new Live((signal) => this.read(signal));

  constructor() {
    super();
    this.order = null;
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.live.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.stop();
  }

  protected override render(): TemplateResult {
    const order = this.order;
    return html`<h1 tabindex="-1">${order ? text('order_title', { reference: order.reference }) : text('loading')}</h1>
      ${this.problem ? problemView(this.problem, waysOn(this.desk, () => this.live.now())) : ''} ${order ? statusBadges(order) : ''}`;
  }

  private async read(signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.desk.api.get('/orders/{order_id}', { path: { order_id: this.orderId }, signal });
      this.order = answer.data;
      this.problem = null;
    } catch (problem) {
      if (!signal.aborted) {
        this.problem = problem;
      }
      throw problem;
    }
  }
}

customElements.define('order-view', OrderView);
