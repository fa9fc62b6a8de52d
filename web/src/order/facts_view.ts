// What an order has beside its lines: parties, note, addresses, contact, terms and the shop's own texts.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order } from '../api.ts';
import { instant } from '../elements/shown.ts';
import { text, wordText } from '../texts/index.ts';
import type { TextKey } from '../texts/index.ts';
import { ADDRESS_FIELDS } from './draft.ts';
import { partsOf } from './line_diff.ts';

type Shown = TemplateResult | string;
type Fact = readonly [string, Shown];

/** The facts as a list of terms; what an order does not have is left out. `subject` is the viewer's. */
export function factsView(order: Order, subject: string): TemplateResult {
  return list([
    [text('order_buyer'), partyText(order.buyer_id, subject)],
    [text('order_seller'), partyText(order.seller_id, subject)],
    [text('order_created'), instant(order.created_at)],
    ...given('order_paid_at', order.paid_at && instant(order.paid_at)),
    ...given('order_cancelled_at', order.cancelled && html`${instant(order.cancelled.at)}, ${wordText('cancelled_', order.cancelled.reason)}`),
    ...given('order_erased_at', order.erased_at && instant(order.erased_at)),
    [text('order_revision'), String(order.revision)],
    ...given('field_email', order.email),
    ...given('field_locale', order.locale),
    ...given('field_note', order.note && writtenText(order.note)),
    ...given('field_shipping_address', addressView(order.shipping_address)),
    ...given('field_billing_address', addressView(order.billing_address)),
    ...Object.entries(order.metadata ?? {}).map(([name, words]): Fact => [name, writtenText(words)]),
  ]);
}

/** When and by whom the order may be paid and edited. */
export function termsView(order: Order): TemplateResult {
  const rights = order.buyer_may?.map((right) => wordText('right_', right)).join(', ');
  return list([
    [text('field_payable'), text(order.payable ? 'yes' : 'no')],
    ...given('field_pay_by', order.pay_by && instant(order.pay_by)),
    [text('field_late_money'), wordText('late_', order.late_money ?? 'stack')],
    [text('field_buyer_may'), rights === undefined ? text('field_buyer_may_rule') : rights || '–'],
  ]);
}

function partyText(id: string, subject: string): Shown {
  return id === subject ? html`${text('order_you')} <span class="id">${id}</span>` : html`<span class="id">${id}</span>`;
}

function given(key: TextKey, value: Shown | null | '' | typeof nothing): Fact[] {
  return value === null || value === '' || value === nothing ? [] : [[text(key), value as Shown]];
}

/** An address as it is written on a parcel, and parts that this desk does not know after it. */
function addressView(address: Order['shipping_address']): TemplateResult | null {
  const parts = partsOf(address);
  const known = ADDRESS_FIELDS.flatMap((name) => parts.get(name) ?? []);
  const others = [...parts].filter(([name]) => !(ADDRESS_FIELDS as readonly string[]).includes(name)).map(([, value]) => value);
  const lines = [...known, ...others];
  return lines.length === 0 ? null : writtenText(lines.join('\n'));
}

// With its lines.
const writtenText = (words: string): TemplateResult => html`<span class="written">${words}</span>`;

function list(facts: readonly Fact[]): TemplateResult {
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}
