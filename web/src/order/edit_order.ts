// The form of an edit: it shows what changes before it is saved, keeps what was typed whatever becomes of the order, and
// stops a payment first where one holds the order.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order } from '../api.ts';
import type { Desk } from '../desk.ts';
import type { AskOnce } from '../elements/ask_once.ts';
import { PageElement } from '../elements/page_element.ts';
import { moneyText } from '../money.ts';
import { Problem, type FieldError } from '../problem.ts';
import { text, wordText, type TextKey } from '../texts/index.ts';
import { patchOf } from './content_patch.ts';
import { differenceView } from './difference_view.ts';
import { addressFields, noteField, sellerFields } from './draft_fields.ts';
import type { DraftForm } from './draft_form.ts';
import { contentOf, draftOf, isChanged, storedLine, type Draft, type Read } from './draft.ts';
import { editRights, isLeftAlone, type EditRights } from './edit_rights.ts';
import { errorsOf, focusFault, refusalView } from './faults.ts';
import { difference, isEmpty, type Content, type Difference } from './line_diff.ts';
import { lineFields } from './line_fields.ts';
import { actionsOf, type Action } from './possible_actions.ts';
import { rebased } from './rebase.ts';

/** What somebody else changed while the form was open. `both`: the fields that the user changed too. */
interface Meanwhile {
  readonly found: Difference;
  readonly both: readonly string[];
}

/** What was typed, and the order that it stands on. */
export interface Edit {
  readonly base: Order;
  readonly draft: Draft;
}

/** The name of that order's form, by which its input is kept. */
export const formOf = (orderId: string): string => `edit:${orderId}`;

/** Where a change goes now: an edit, a stop and change of that attempt, or nowhere. */
type Way = { readonly kind: 'edit' } | { readonly kind: 'stop'; readonly attemptId: string } | { readonly kind: 'closed' };

/**
 * `<edit-order .desk .order .actions>`; sends `saved` with the order as its detail, and `left`. `order` may change while
 * the form is open: what the user typed stays, on the order as it is now.
 */
export class EditOrder extends PageElement {
  static override properties = {
    desk: { attribute: false },
    order: { attribute: false },
    actions: { attribute: false },
    kept: { attribute: false },
    draft: { state: true },
    problem: { state: true },
    meanwhile: { state: true },
    busy: { state: true },
    notMade: { state: true },
  };

  declare desk: Desk;
  declare order: Order;
  declare actions: readonly Action[];
  /** What was typed before the user signed in again; null where the form begins anew. */
  declare kept: Edit | null;
  declare draft: Draft | null;
  declare problem: unknown;
  declare meanwhile: Meanwhile | null;
  declare busy: boolean;
  declare notMade: boolean;
  /** The order that the draft stands on. */
  private base: Order | null = null;
  /** The order that the form began with, once there is a later one. */
  private begun: Order | null = null;

  constructor() {
    super();
    this.kept = null;
    this.draft = null;
    this.problem = null;
    this.meanwhile = null;
    this.busy = false;
    this.notMade = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.desk.router.unsaved = () => this.isUnsaved;
    this.desk.router.typed = () => ({ form: formOf(this.order.order_id), input: { base: this.base, draft: this.draft } });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.desk.router.unsaved = () => false;
    this.desk.router.typed = () => null;
  }

  /** Whether the user has typed what is not saved. */
  get isUnsaved(): boolean {
    return this.draft !== null && this.base !== null && isChanged(this.draft, draftOf(this.base, this.base.currency));
  }

  protected override willUpdate(): void {
    if (this.base === null) {
      this.base = this.kept?.base ?? this.order;
      this.draft = this.kept?.draft ?? draftOf(this.order, this.order.currency);
    }
    if (this.order.revision > this.base.revision) {
      this.moveTo(this.order);
      this.closeIfMade(this.order);
    }
  }

  protected override render(): TemplateResult {
    const base = this.base as Order;
    const read = this.read();
    const found = 'content' in read ? difference(base, read.content) : null;
    return html`<form class="card edit" aria-labelledby="edit-heading" novalidate @submit=${this.submit}>
      <h2 id="edit-heading" tabindex="-1">${text('edit_title')}</h2>
      ${this.meanwhileView()} ${this.wayView()} ${this.fields(read)} ${this.changesView(found)}
      ${this.notMade ? notice('edit_not_made') : nothing}
      ${refusalView(this.problem, this.desk)}
      <div class="actions">
        ${this.saveButton(found)}
        <button type="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${this.leave}>${text('edit_discard')}</button>
      </div>
    </form>
    <ask-once id="ask-stop" danger .heading=${text('action_stop_and_change_title')} .confirm=${text('action_stop_and_change')}
      .lead=${this.stopLead(found)} .ways=${{ signIn: this.desk.signIn }} .act=${() => this.stopAndChange()}></ask-once>`;
  }

  private get rights(): EditRights {
    return editRights(this.order, this.desk.session.caller);
  }

  private read(): Read {
    const base = this.base as Order;
    return contentOf(this.draft as Draft, base, base.currency);
  }

  private fields(read: Read): TemplateResult {
    const form: DraftForm = {
      draft: this.draft as Draft,
      currency: this.order.currency,
      rights: this.rights,
      errors: [...('errors' in read ? read.errors.map(inWords) : []), ...errorsOf(this.problem)],
      change: (change) => {
        this.draft = { ...(this.draft as Draft), ...change };
      },
      isFixed: (place) => this.isFixed(place),
    };
    return html`${lineFields(form)} ${noteField(form)} ${addressFields(form)} ${sellerFields(form)}`;
  }

  // A buyer's lines keep their article and price.
  private isFixed(place: number): boolean {
    const line = (this.draft as Draft).lines[place];
    const stored = line && storedLine(this.base as Order, line);
    return stored !== undefined && isLeftAlone(stored);
  }

  private changesView(found: Difference | null): TemplateResult {
    const words = found === null ? text('edit_fix') : text('edit_no_changes');
    return html`<section class="preview" aria-live="polite">
      <h3>${text('edit_changes')}</h3>
      ${found === null || isEmpty(found) ? html`<p>${words}</p>` : differenceView(found, this.order.currency)}
    </section>`;
  }

  private saveButton(found: Difference | null): TemplateResult | typeof nothing {
    const way = this.way;
    const idle = this.busy || found === null || isEmpty(found);
    const words = this.busy ? text('working') : text(way.kind === 'stop' ? 'action_stop_and_change' : 'edit_save');
    return way.kind === 'closed'
      ? nothing
      : html`<button class=${way.kind === 'stop' ? 'danger' : 'primary'} aria-disabled=${idle ? 'true' : nothing}>${words}</button>`;
  }

  /** Where the change goes, as the order is now. */
  private get way(): Way {
    const [stop] = actionsOf(this.actions, 'stop_and_change');
    if (stop) {
      return { kind: 'stop', attemptId: stop.attemptId };
    }
    return actionsOf(this.actions, 'edit').length > 0 ? { kind: 'edit' } : { kind: 'closed' };
  }

  private wayView(): TemplateResult | typeof nothing {
    const { kind } = this.way;
    return kind === 'edit' ? nothing : notice(kind === 'stop' ? 'edit_locked' : 'edit_closed');
  }

  private meanwhileView(): TemplateResult | typeof nothing {
    if (this.meanwhile === null) {
      return nothing;
    }
    const { found, both } = this.meanwhile;
    const fields = both.map((name) => wordText('field_', name)).join(', ');
    return html`<div class="notice" role="status">
      <p><strong>${text('edit_meanwhile')}</strong> ${text('edit_meanwhile_lead')}</p>
      ${differenceView(found, this.order.currency)}
      ${both.length === 0 ? nothing : html`<p>${text('edit_both', { fields })}</p>`}
    </div>`;
  }

  private stopLead(found: Difference | null): string {
    const total = moneyText(found?.total.after ?? this.order.total, this.order.currency);
    return text('action_stop_and_change_lead', { gateway: this.order.payment?.gateway ?? text('the_gateway'), total });
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const read = this.read();
    const way = this.way;
    if (this.busy || !('content' in read) || !this.isDifferent(read.content)) {
      focusFault(this);
      return;
    }
    if (way.kind === 'stop') {
      await (this.querySelector('#ask-stop') as AskOnce).open();
    } else if (way.kind === 'edit') {
      await this.save(read.content);
    }
  }

  private isDifferent(content: Content): boolean {
    return !isEmpty(difference(this.base as Order, content));
  }

  private async save(content: Content): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      const base = this.base as Order;
      const call = { path: { order_id: base.order_id }, match: `"${base.revision}"`, body: patchOf(base, content) };
      this.saved((await this.desk.api.patch('/orders/{order_id}', call)).data);
    } catch (problem) {
      await this.refused(problem);
    } finally {
      this.busy = false;
    }
  }

  /** The dialog's action: stop the payment, then change the order. Raises `Problem`. */
  private async stopAndChange(): Promise<void> {
    const [read, way, base] = [this.read(), this.way, this.base as Order];
    if ('content' in read && way.kind === 'edit') {
      // The payment ended while the user was asked: there is nothing to stop any more.
      await this.save(read.content);
    }
    if (!('content' in read) || way.kind !== 'stop') {
      return;
    }
    const path = { order_id: base.order_id, attempt_id: way.attemptId };
    const call = { path, match: `"${base.revision}"`, body: { edit: patchOf(base, read.content) } };
    try {
      const answer = await this.desk.api.post('/orders/{order_id}/payments/{attempt_id}/cancellation', call);
      this.answered(answer.data, answer.status);
    } catch (problem) {
      await this.refused(problem);
      // What may pass is tried again in the dialog; the form shows all else.
      if (!(problem instanceof Problem) || problem.passes) {
        throw problem;
      }
    }
  }

  private answered(order: Order, status: number): void {
    this.problem = null;
    this.notMade = status === 202;
    if (this.notMade) {
      this.changed(order);
    } else {
      this.saved(order);
    }
  }

  private saved(order: Order): void {
    this.base = null;
    this.draft = null;
    this.desk.announce(text('edit_saved'));
    this.dispatchEvent(new CustomEvent('saved', { detail: order, bubbles: true }));
  }

  /** Show what stands against the change; where the order is another than the user saw, read it. */
  private async refused(problem: unknown): Promise<void> {
    this.notMade = false;
    const stale = problem instanceof Problem && (problem.status === 412 || problem.status === 409);
    const order = stale ? await this.latest() : null;
    const moved = order !== null && order.revision > (this.base as Order).revision;
    if (order !== null) {
      this.changed(order);
    }
    // What changed is shown in place of the refusal, which says no more.
    this.problem = moved && (problem as Problem).status === 412 ? null : problem;
    void this.updateComplete.then(() => focusFault(this));
  }

  private async latest(): Promise<Order | null> {
    const path = { order_id: this.order.order_id };
    return this.desk.api.get('/orders/{order_id}', { path }).then(({ data }) => data, () => null);
  }

  private changed(order: Order): void {
    this.dispatchEvent(new CustomEvent('changed', { detail: order, bubbles: true }));
  }

  /** Put the user's edit on the order as it is now. */
  private moveTo(order: Order): void {
    const base = this.base as Order;
    const { draft, both } = rebased(draftOf(base, base.currency), draftOf(order, order.currency), this.draft as Draft);
    this.begun ??= base;
    this.meanwhile = { found: difference(this.begun, order), both };
    this.draft = draft;
    this.base = order;
  }

  /** Close the form where an edit without an answer turns out to have been made. */
  private closeIfMade(order: Order): void {
    const { problem } = this;
    if (problem instanceof Problem && problem.outcomeUnknown && !this.isUnsaved) {
      queueMicrotask(() => this.saved(order));
    }
  }

  private leave(): void {
    if (!this.busy && (!this.isUnsaved || confirm(text('edit_discard_sure')))) {
      this.base = null;
      this.draft = null;
      this.dispatchEvent(new Event('left', { bubbles: true }));
    }
  }
}

const inWords = ({ field, problem }: FieldError): FieldError => ({ field, problem: text(`fault_${problem}` as TextKey) });

const notice = (stem: 'edit_locked' | 'edit_closed' | 'edit_not_made'): TemplateResult =>
  html`<div class="notice" role="status"><p><strong>${text(stem)}</strong></p><p>${text(`${stem}_lead`)}</p></div>`;

customElements.define('edit-order', EditOrder);
