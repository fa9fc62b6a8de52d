// One order: why it is locked, its lines, money and history, and what can be done with it.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order, OrderEvent } from '../api.ts';
import type { Desk } from '../desk.ts';
import type { TypedFields } from '../elements/ask_once.ts';
import { PageElement } from '../elements/page_element.ts';
import { problemLine, problemView, waysOn } from '../elements/problem_view.ts';
import { statusBadges } from '../elements/shown.ts';
import { Live } from '../live.ts';
import { orderPath } from '../router.ts';
import { text } from '../texts/index.ts';
import './edit_order.ts';
import { formOf, type Edit, type EditOrder } from './edit_order.ts';
import { factsView, termsView } from './facts_view.ts';
import { linesView } from './lines_view.ts';
import { moneyView } from './money_view.ts';
import { nowView } from './now_view.ts';
import './order_actions.ts';
import { dialogOfOrder, wordsOf, type Begun, type OrderActions } from './order_actions.ts';
import { OrderReader } from './order_reader.ts';
import { actionsOf, possibleActions, type Action } from './possible_actions.ts';
import { timelineView } from './timeline_view.ts';

/** `action` is that of the address, as in `#release`; empty where it names none. */
export class OrderView extends PageElement {
  static override properties = {
    desk: { attribute: false },
    orderId: { attribute: false },
    action: { attribute: false },
    order: { state: true },
    events: { state: true },
    problem: { state: true },
    editing: { state: true },
    missed: { state: true },
  };

  declare desk: Desk;
  declare orderId: string;
  declare action: string;
  declare order: Order | null;
  declare events: readonly OrderEvent[];
  declare problem: unknown;
  declare editing: boolean;
  /** The action of the address is not possible. */
  declare missed: boolean;
  private kept: Edit | null = null;
  private reader: OrderReader | null = null;
  private readonly live = new Live((signal) => this.read(signal));

  constructor() {
    super();
    this.action = '';
    this.order = null;
    this.events = [];
    this.problem = null;
    this.editing = false;
    this.missed = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.live.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.stop();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    // Another order in the same view.
    if (changed.has('orderId') && changed.get('orderId') !== undefined) {
      this.reader = null;
      this.order = null;
      this.problem = null;
      this.events = [];
      this.editing = false;
      this.kept = null;
      this.missed = false;
      this.live.now();
    }
    if (this.order !== null && !this.editing) {
      this.kept = this.desk.keptInput.take(formOf(this.orderId)) as Edit | null;
      this.editing = this.kept !== null;
    }
  }

  protected override render(): TemplateResult {
    const order = this.order;
    if (order === null) {
      return html`<h1 tabindex="-1">${text('order_title', { reference: this.orderId })}</h1>
        ${this.problem ? problemView(this.problem, waysOn(this.desk, () => this.live.now())) : html`<p aria-busy="true">${text('loading')}</p>`}`;
    }
    const actions = this.actionsFor(order);
    return html`<div class="order-head">
        <h1 tabindex="-1">${text('order_title', { reference: order.reference })}</h1>
        ${statusBadges(order)}
        <p class="small id">${text('order_number', { id: order.order_id })}</p>
      </div>
      ${this.notices()}
      <div class="order-grid" @changed=${this.take} @settled=${this.focusHeading}>
        <div class="column">${this.nowCard(order, actions)} ${this.content(order, actions)}</div>
        <div class="column">${this.moneyCard(order, actions)} ${this.historyCard(order)}</div>
      </div>`;
  }

  protected override updated(): void {
    if (this.order !== null && this.action !== '') {
      const action = this.action;
      // Done once: a reload or the back button does not ask again.
      this.action = '';
      this.desk.router.replace(orderPath(this.orderId));
      void this.begin(action);
    }
    const begun = this.order === null ? null : (this.desk.keptInput.take(dialogOfOrder(this.orderId)) as Begun | null);
    if (begun !== null) {
      void this.begin(begun.name, begun.typed);
    }
  }

  private async begin(action: string, typed?: TypedFields): Promise<void> {
    this.missed = !(this.querySelector('order-actions') as OrderActions).begin(action, typed);
    await this.updateComplete;
  }

  private actionsFor(order: Order): readonly Action[] {
    return possibleActions(order, this.desk.session.caller, { fourEyes: this.desk.fourEyes });
  }

  private notices(): TemplateResult {
    const stale = this.problem === null ? nothing : html`<p class="notice" role="status">${text('order_stale', { problem: problemLine(this.problem) })}</p>`;
    const missed = this.missed ? html`<p class="notice" role="status">${text('order_not_possible')}</p>` : nothing;
    return html`${stale} ${missed}`;
  }

  private nowCard(order: Order, actions: readonly Action[]): TemplateResult {
    return html`<section class="card" aria-labelledby="now-heading" @over=${() => this.live.now()} @edit=${this.edit}>
      <h2 id="now-heading">${text('now')}</h2>
      ${nowView(order, this.events, this.desk)}
      <h3>${text('order_actions')}</h3>
      <order-actions .desk=${this.desk} .order=${order} .actions=${actions}></order-actions>
    </section>`;
  }

  private content(order: Order, actions: readonly Action[]): TemplateResult {
    if (this.editing) {
      return html`<edit-order .desk=${this.desk} .order=${order} .actions=${actions} .kept=${this.kept} @saved=${this.saved} @left=${this.closeForm}></edit-order>`;
    }
    return html`<section class="card" aria-labelledby="lines-heading"><h2 id="lines-heading">${text('order_lines')}</h2>${linesView(order)}</section>
      <section class="card" aria-labelledby="details-heading">
        <h2 id="details-heading">${text('order_details')}</h2>
        ${factsView(order, this.desk.session.caller.subject)}
        <h3>${text('order_terms')}</h3>
        ${termsView(order)}
      </section>`;
  }

  private moneyCard(order: Order, actions: readonly Action[]): TemplateResult {
    const writeOffs = actionsOf(actions, 'write_off');
    const buttons = (refundId: string): TemplateResult | typeof nothing => {
      const action = writeOffs.find(({ refund }) => refund.refundId === refundId);
      return action ? html`<button type="button" @click=${() => this.start(action)}>${wordsOf(action)}</button>` : nothing;
    };
    return html`<section class="card" aria-labelledby="money-heading">
      <h2 id="money-heading">${text('order_money')}</h2>
      ${moneyView(order, buttons)}
    </section>`;
  }

  private historyCard(order: Order): TemplateResult {
    return html`<section class="card" aria-labelledby="history-heading">
      <h2 id="history-heading">${text('order_history')}</h2>
      ${timelineView(order, this.events, this.desk.session.caller.subject)}
    </section>`;
  }

  private start(action: Action): void {
    (this.querySelector('order-actions') as OrderActions).start(action);
  }

  private edit(): void {
    this.editing = true;
    void this.updateComplete.then(async () => {
      const form = this.querySelector('edit-order') as EditOrder;
      await form.updateComplete;
      form.querySelector<HTMLElement>('h2')?.focus();
    });
  }

  private saved(event: CustomEvent<Order>): void {
    this.closeForm();
    this.show(event.detail);
  }

  private closeForm(): void {
    this.editing = false;
    this.kept = null;
    void this.updateComplete.then(() => this.focusHeading());
  }

  private focusHeading(): void {
    this.querySelector<HTMLElement>('h1')?.focus();
  }

  /** Take the order of an answer, or read it where there is none; its history is read in any case. */
  private take(event: CustomEvent<Order | null>): void {
    this.missed = false;
    if (event.detail) {
      this.show(event.detail);
    } else {
      this.live.now();
    }
  }

  private show(order: Order): void {
    this.reader?.accept(order);
    this.order = order;
    this.live.now();
  }

  private async read(signal: AbortSignal): Promise<void> {
    this.reader ??= new OrderReader(this.desk.api, this.orderId);
    const { reader } = this;
    try {
      await reader.read(signal);
      this.problem = null;
    } catch (problem) {
      if (!signal.aborted) {
        this.problem = problem;
      }
      throw problem;
    } finally {
      if (reader === this.reader && !signal.aborted) {
        this.order = reader.order;
        this.events = reader.events;
      }
    }
  }
}

customElements.define('order-view', OrderView);

declare global {
  interface HTMLElementTagNameMap {
    'order-view': OrderView;
  }
}
