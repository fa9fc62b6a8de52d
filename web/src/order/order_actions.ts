// What can be done with an order: a button for each possible action, and the dialog that asks about it.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order } from '../api.ts';
import type { Desk } from '../desk.ts';
import type { AskOnce, TypedFields } from '../elements/ask_once.ts';
import { PageElement } from '../elements/page_element.ts';
import { text } from '../texts/index.ts';
import { moneyText } from '../money.ts';
import { dialogOf, type Asked, type Dialog } from './action_dialogs.ts';
import { actionNamed, nameOf, type Action } from './possible_actions.ts';

/** A dialog that was open: its action's name, and what was typed. */
export interface Begun {
  readonly name: string;
  readonly typed: TypedFields;
}

/** The name of the dialogs of that order, by which their input is kept. */
export const dialogOfOrder = (orderId: string): string => `dialog:${orderId}`;

/**
 * `<order-actions .desk .order .actions>`; sends `edit` where the user wants the form, `changed` with the order, or null
 * where it is to be read again, and `settled` where the focus has nowhere to return to.
 */
export class OrderActions extends PageElement {
  static override properties = {
    desk: { attribute: false },
    order: { attribute: false },
    actions: { attribute: false },
    dialog: { state: true },
    link: { state: true },
  };

  declare desk: Desk;
  declare order: Order;
  declare actions: readonly Action[];
  declare dialog: Dialog | null;
  declare link: string;
  private hadFocus = false;

  constructor() {
    super();
    this.dialog = null;
    this.link = '';
  }

  /** Ask about the first possible action of that name, as in an order's address; false where none is possible. */
  begin(name: string, typed?: TypedFields): boolean {
    const action = actionNamed(this.actions, name);
    if (action) {
      this.start(action, typed);
    }
    return action !== undefined;
  }

  /** Ask about that action, or open the form where it is an edit. */
  start(action: Action, typed?: TypedFields): void {
    if (action.kind === 'edit' || action.kind === 'stop_and_change') {
      this.dispatchEvent(new Event('edit', { bubbles: true }));
    } else {
      void this.ask(action, typed).then(() => this.keepTyped(nameOf(action)));
    }
  }

  protected override willUpdate(): void {
    this.hadFocus = this.contains(document.activeElement);
  }

  // A button may go with what it did: the keyboard goes on from the order's heading.
  protected override updated(): void {
    if (this.hadFocus && document.activeElement === document.body) {
      this.settled();
    }
  }

  protected override render(): TemplateResult {
    // A refund is given up where it is shown.
    const shown = this.actions.filter(({ kind }) => kind !== 'write_off');
    const { dialog } = this;
    return html`<div class="action-row">
        ${shown.length === 0 ? html`<p>${text('order_no_actions')}</p>` : shown.map((action) => this.button(action))}
      </div>
      ${this.link === '' ? nothing : this.linkView()}
      <ask-once id="ask-action" ?danger=${dialog?.danger ?? false} .heading=${dialog?.heading ?? ''} .confirm=${dialog?.confirm ?? ''}
        .lead=${dialog?.lead ?? ''} .fields=${dialog?.fields} .ways=${{ signIn: this.desk.signIn }} .act=${(form: FormData) => this.act(form)}
        @done=${this.done}></ask-once>`;
  }

  private button(action: Action): TemplateResult {
    return html`<button type="button" class=${MAIN.has(action.kind) ? 'primary' : ''} data-action=${action.kind} @click=${() => this.start(action)}>
      ${wordsOf(action)}
    </button>`;
  }

  private linkView(): TemplateResult {
    return html`<div class="link-panel">
      <label for="pay-link">${text('action_pay_link')}</label>
      <input id="pay-link" readonly .value=${this.link} @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>
      <div class="action-row">
        <button type="button" @click=${this.copy}>${text('action_pay_link_copy')}</button>
        <button type="button" class="quiet" @click=${() => this.ask({ kind: 'renew_link' })}>${text('action_renew_link')}</button>
      </div>
    </div>`;
  }

  // The words of the dialog are those of the moment when it was opened: the user agrees to what they read.
  private async ask(action: Asked, typed?: TypedFields): Promise<void> {
    this.dialog = dialogOf(action, this.order, this.desk);
    await this.updateComplete;
    await this.asking.open(typed);
  }

  // While the dialog is open. A form below it goes first: more is typed there.
  private keepTyped(name: string): void {
    const { asking } = this;
    const { router } = this.desk;
    const { unsaved, typed } = router;
    router.unsaved = () => unsaved() || asking.typed !== null;
    router.typed = () => (unsaved() ? typed() : { form: dialogOfOrder(this.order.order_id), input: { name, typed: asking.typed ?? {} } satisfies Begun });
    asking.onceClosed(() => Object.assign(router, { unsaved, typed }));
  }

  private async act(form: FormData): Promise<void> {
    try {
      const outcome = await (this.dialog as Dialog).act(form);
      this.link = outcome.link ?? this.link;
      this.desk.announce(outcome.words);
      this.changed(outcome.order);
    } catch (problem) {
      // A refusal may mean that the order is another than the user sees.
      this.changed(null);
      throw problem;
    }
  }

  private changed(order: Order | null): void {
    this.dispatchEvent(new CustomEvent('changed', { detail: order, bubbles: true }));
  }

  // A dialog that was opened by the address gives the focus back to nothing.
  private done(): void {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.closest('dialog')) {
      this.settled();
    }
  }

  private settled(): void {
    this.dispatchEvent(new Event('settled', { bubbles: true }));
  }

  private get asking(): AskOnce {
    return this.querySelector('#ask-action') as AskOnce;
  }

  private async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.link).then(
      () => this.desk.announce(text('copied')),
      () => this.querySelector<HTMLInputElement>('#pay-link')?.focus(),
    );
  }
}

const MAIN: ReadonlySet<Action['kind']> = new Set(['edit', 'resolve']);

/** The words of an action's button. */
export function wordsOf(action: Action): string {
  switch (action.kind) {
    case 'edit':
      return text('edit');
    case 'recheck':
      return text('action_recheck', { gateway: action.gateway ?? text('the_gateway') });
    case 'write_off':
      return text('action_write_off', { amount: moneyText(action.refund.amount, action.refund.currency) });
    default:
      return text(`action_${action.kind}`);
  }
}

customElements.define('order-actions', OrderActions);
