// The form for a new order.
import { html, nothing, type TemplateResult } from 'lit';
import type { Desk } from '../desk.ts';
import { PageElement } from '../elements/page_element.ts';
import { emptyState, sum } from '../elements/shown.ts';
import { deskPath, orderPath } from '../router.ts';
import { text, type TextKey } from '../texts/index.ts';
import { addressFields, noteField, sellerFields } from './draft_fields.ts';
import type { DraftForm } from './draft_form.ts';
import { contentOf, isChanged, NO_DRAFT, type Draft, type Read } from './draft.ts';
import { ALL_RIGHTS } from './edit_rights.ts';
import { errorsOf, focusFault, refusalView } from './faults.ts';
import { check, input, valueOf } from './inputs.ts';
import { same, totalOf, type Content } from './line_diff.ts';
import { lineFields } from './line_fields.ts';
import { newOrderOf, NO_CONTENT, type Head } from './new_order.ts';
import { creates } from './viewer.ts';

const INTENT = 'create-order';

interface NewOrderForm {
  readonly head: Head;
  readonly draft: Draft;
}

export class CreateOrder extends PageElement {
  static override properties = {
    desk: { attribute: false },
    head: { state: true },
    draft: { state: true },
    problem: { state: true },
    busy: { state: true },
    tried: { state: true },
  };

  declare desk: Desk;
  declare head: Head;
  declare draft: Draft;
  declare problem: unknown;
  declare busy: boolean;
  /** The user has sent the form: what is missing is marked from then on. */
  declare tried: boolean;
  private begun: Head | null = null;

  constructor() {
    super();
    this.draft = NO_DRAFT;
    this.problem = null;
    this.busy = false;
    this.tried = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { caller } = this.desk.session;
    this.begun ??= { reference: '', buyer_id: '', seller_id: caller.roles.has('seller') ? caller.subject : '', currency: 'EUR', unique_reference: false };
    const kept = this.desk.keptInput.take(INTENT) as NewOrderForm | null;
    this.head ??= kept?.head ?? this.begun;
    this.draft = kept?.draft ?? this.draft;
    this.desk.router.typed = () => ({ form: INTENT, input: { head: this.head, draft: this.draft } satisfies NewOrderForm });
    this.desk.router.unsaved = () => isChanged(this.draft, NO_DRAFT) || !same(this.head, this.begun);
  }

  protected override render(): TemplateResult {
    if (!creates(this.desk.session.caller)) {
      const way = html`<a class="button" href=${deskPath()}>${text('to_orders')}</a>`;
      return html`<h1 tabindex="-1">${text('create_title')}</h1>${emptyState(text('create_not_yours'), text('create_not_yours_lead'), way)}`;
    }
    const read = contentOf(this.draft, NO_CONTENT, this.head.currency);
    return html`<h1 tabindex="-1">${text('create_title')}</h1>
      <p class="lead">${text('create_lead')}</p>
      <form class="card edit" novalidate @submit=${this.submit}>
        ${this.headFields(read)} ${this.contentFields(read)} ${this.totalView(read)}
        ${refusalView(this.problem, this.desk)}
        <div class="actions">
          <button class="primary" aria-disabled=${this.busy ? 'true' : nothing}>${text(this.busy ? 'working' : 'create_confirm')}</button>
        </div>
      </form>`;
  }

  private headFields(read: Read): TemplateResult {
    const { head } = this;
    const errors = this.errors(read);
    const set = (name: 'reference' | 'buyer_id' | 'seller_id') => (event: Event) => (this.head = { ...this.head, [name]: valueOf(event) });
    const setCurrency = (event: Event): void => {
      this.head = { ...this.head, currency: valueOf(event).trim().toUpperCase() };
    };
    // A seller creates their own orders; a service those of any seller.
    const own = !this.desk.session.caller.roles.has('service');
    return html`<div class="cells">
        ${input({ name: 'reference', label: text('field_reference'), hint: text('field_reference_hint') }, head.reference, errors, set('reference'))}
        ${input({ name: 'currency', label: text('field_currency') }, head.currency, errors, setCurrency)}
        ${input({ name: 'buyer_id', label: text('field_buyer_id') }, head.buyer_id, errors, set('buyer_id'))}
        ${input({ name: 'seller_id', label: text('field_seller_id') }, head.seller_id, errors, set('seller_id'), own)}
      </div>
      ${check('unique_reference', text('field_unique_reference'), head.unique_reference, (event) => (this.head = { ...this.head, unique_reference: (event.target as HTMLInputElement).checked }))}`;
  }

  private contentFields(read: Read): TemplateResult {
    const form: DraftForm = {
      draft: this.draft,
      currency: this.head.currency,
      rights: ALL_RIGHTS,
      errors: this.errors(read),
      change: (change) => {
        this.draft = { ...this.draft, ...change };
      },
      isFixed: () => false,
    };
    return html`${lineFields(form)} ${noteField(form)} ${addressFields(form)} ${sellerFields(form)}`;
  }

  // A form that nobody has sent yet is not wrong.
  private errors(read: Read): DraftForm['errors'] {
    const own = this.tried && 'errors' in read ? read.errors.map(({ field, problem }) => ({ field, problem: text(`fault_${problem}` as TextKey) })) : [];
    return [...own, ...errorsOf(this.problem)];
  }

  private totalView(read: Read): TemplateResult | typeof nothing {
    const isCurrency = /^[A-Z]{3}$/u.test(this.head.currency);
    return 'content' in read && isCurrency
      ? html`<dl class="facts totals"><div><dt>${text('order_total')}</dt><dd>${sum(totalOf(read.content.lines), this.head.currency)}</dd></div></dl>`
      : nothing;
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    this.tried = true;
    const read = contentOf(this.draft, NO_CONTENT, this.head.currency);
    if ('content' in read && !this.busy) {
      await this.place(read.content);
    }
    await this.updateComplete;
    focusFault(this);
  }

  private async place(content: Content): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      const body = newOrderOf(this.head, content);
      const { data } = await this.desk.api.post('/orders', { body, key: this.desk.intents.keyFor(INTENT, body) });
      this.desk.intents.finished(INTENT, body);
      this.placed(data.order_id);
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  }

  private placed(orderId: string): void {
    this.desk.announce(text('create_done'));
    // Who has gone on to another view stays there, with what they typed.
    if (this.isConnected) {
      this.desk.router.unsaved = () => false;
      this.desk.router.go(orderPath(orderId));
    }
  }
}

customElements.define('create-order', CreateOrder);
