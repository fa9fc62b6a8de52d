// An edit as its form has it: texts that a person types, and how they become an order's content.
import type { Line, Order } from '../api.ts';
import { fieldText, minorUnits } from '../money.ts';
import type { FieldError } from '../problem.ts';
import type { BuyerRight, LineKind } from './api_types.ts';
import { type Content, same, whole } from './line_diff.ts';
import { localTimeOf, timeFromLocal } from './local_time.ts';

/** A line's form fields. `price` in the currency's units, as in `12.50`; `most` empty where there is no limit. */
export interface LineDraft {
  readonly sku: string;
  readonly name: string;
  readonly quantity: string;
  readonly price: string;
  readonly kind: LineKind;
  readonly fixed: boolean;
  readonly most: string;
}

/** An address's form fields by the API's names. */
export type AddressDraft = Readonly<Record<AddressField, string>>;
export const ADDRESS_FIELDS = ['recipient', 'line1', 'line2', 'postal_code', 'city', 'region', 'country', 'phone'] as const;
export type AddressField = (typeof ADDRESS_FIELDS)[number];

export interface Draft {
  readonly lines: readonly LineDraft[];
  readonly note: string;
  readonly shipping_address: AddressDraft;
  readonly billing_address: AddressDraft;
  readonly email: string;
  readonly locale: string;
  readonly metadata: readonly { readonly name: string; readonly text: string }[];
  /** Null: the API's own rule decides what the buyer may edit. */
  readonly buyer_may: readonly BuyerRight[] | null;
  readonly payable: boolean;
  /** In the reader's own zone, as a `datetime-local` field has it. */
  readonly pay_by: string;
  readonly late_money: '' | 'accept' | 'refund';
}

export const NO_ADDRESS: AddressDraft = Object.fromEntries(ADDRESS_FIELDS.map((name) => [name, ''])) as Record<AddressField, string>;
export const NO_LINE: LineDraft = { sku: '', name: '', quantity: '1', price: '', kind: 'item', fixed: false, most: '' };
export const NO_DRAFT: Draft = {
  lines: [NO_LINE],
  note: '',
  shipping_address: NO_ADDRESS,
  billing_address: NO_ADDRESS,
  email: '',
  locale: '',
  metadata: [],
  buyer_may: null,
  payable: true,
  pay_by: '',
  late_money: '',
};

/** The form fields of a content in that currency. */
export function draftOf(content: Content, currency: string): Draft {
  return {
    lines: content.lines.map((line) => lineDraftOf(line, currency)),
    note: content.note ?? '',
    shipping_address: addressDraftOf(content.shipping_address),
    billing_address: addressDraftOf(content.billing_address),
    email: content.email ?? '',
    locale: content.locale ?? '',
    metadata: Object.entries(content.metadata ?? {}).map(([name, text]) => ({ name, text })),
    buyer_may: content.buyer_may,
    payable: content.payable,
    pay_by: content.pay_by === null ? '' : localTimeOf(content.pay_by),
    late_money: content.late_money ?? '',
  };
}

/** A content, or what is wrong with the form; a fault's field is named as the API names it. */
export type Read = { readonly content: Content } | { readonly errors: readonly FieldError[] };

/** The faults that a form finds itself; the texts of which `problem` is a key. */
export type DraftFault = 'not_a_number' | 'not_a_price' | 'not_a_time' | 'name_twice';

/**
 * The content of a form that began with `before`. Only what cannot be sent is a fault here: the API names all others.
 */
export function contentOf(draft: Draft, before: Content, currency: string): Read {
  const lines = draft.lines.map((line) => lineOf(line, currency));
  const payBy = payByOf(draft, before);
  const errors = [
    ...lines.flatMap((line, place) => ('faults' in line ? line.faults.map((fault) => named(`lines.${place}.${fault[0]}`, fault[1])) : [])),
    ...(payBy === undefined ? [named('pay_by', 'not_a_time')] : []),
    ...(hasNameTwice(draft) ? [named('metadata', 'name_twice')] : []),
  ];
  const read = lines.filter((line): line is Line => !('faults' in line));
  return errors.length > 0 || payBy === undefined ? { errors } : { content: kept({ ...fieldsOf(draft), lines: read, pay_by: payBy }, before) };
}

function fieldsOf(draft: Draft): Omit<Content, 'lines' | 'pay_by'> {
  return {
    note: draft.note || null,
    shipping_address: addressOf(draft.shipping_address),
    billing_address: addressOf(draft.billing_address),
    email: draft.email.trim() || null,
    locale: draft.locale.trim() || null,
    metadata: metadataOf(draft),
    buyer_may: draft.buyer_may === null ? null : [...draft.buyer_may],
    payable: draft.payable,
    late_money: draft.late_money || null,
  };
}

// Of an address the form has the fields that it knows; others stay. So does an empty note, which shows as none.
function kept(content: Content, before: Content): Content {
  return {
    ...content,
    note: content.note ?? (before.note === '' ? '' : null),
    shipping_address: withOthers(content.shipping_address, before.shipping_address),
    billing_address: withOthers(content.billing_address, before.billing_address),
  };
}

function withOthers(address: Order['shipping_address'], before: Order['shipping_address']): Order['shipping_address'] {
  const others = Object.entries(before ?? {}).filter(([name]) => !(ADDRESS_FIELDS as readonly string[]).includes(name));
  return address === null ? null : { ...Object.fromEntries(others), ...address };
}

type LineFault = readonly ['quantity' | 'unit_price' | 'max_quantity', DraftFault];

function lineOf(draft: LineDraft, currency: string): Line | { readonly faults: readonly LineFault[] } {
  const quantity = wholeNumber(draft.quantity);
  const price = minorUnits(draft.price, currency);
  const most = draft.most.trim() === '' ? null : wholeNumber(draft.most);
  if (quantity === undefined || price === null || most === undefined) {
    const faults: (LineFault | false)[] = [
      quantity === undefined && ['quantity', 'not_a_number'],
      price === null && ['unit_price', 'not_a_price'],
      most === undefined && ['max_quantity', 'not_a_number'],
    ];
    return { faults: faults.filter((fault) => fault !== false) };
  }
  const { sku, name, kind, fixed } = draft;
  return { sku, name, quantity, unit_price: price, kind, fixed, max_quantity: most };
}

function lineDraftOf(line: Line, currency: string): LineDraft {
  const { sku, name, quantity, unit_price, kind, fixed, max_quantity } = whole(line);
  const most = max_quantity === null ? '' : String(max_quantity);
  return { sku, name, quantity: String(quantity), price: fieldText(unit_price, currency), kind, fixed, most };
}

/** The line that those fields of a buyer stand for: a gift may have the article and name of what is paid for. */
export function storedLine(order: Order, { sku, name, price }: LineDraft): Line | undefined {
  const offer = [sku, name, price];
  return order.lines.find((line) => same([line.sku, line.name, fieldText(line.unit_price, order.currency)], offer));
}

function addressDraftOf(address: Order['shipping_address']): AddressDraft {
  const given: Readonly<Record<string, unknown>> = { ...address };
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '');
  return Object.fromEntries(ADDRESS_FIELDS.map((name) => [name, text(name)])) as Record<AddressField, string>;
}

function addressOf(draft: AddressDraft): Order['shipping_address'] {
  const given = ADDRESS_FIELDS.filter((name) => draft[name].trim() !== '').map((name) => [name, draft[name]]);
  return given.length === 0 ? null : (Object.fromEntries(given) as NonNullable<Order['shipping_address']>);
}

function metadataOf(draft: Draft): Content['metadata'] {
  const given = draft.metadata.filter(({ name }) => name !== '');
  return given.length === 0 ? null : Object.fromEntries(given.map(({ name, text }) => [name, text]));
}

function hasNameTwice(draft: Draft): boolean {
  const names = draft.metadata.map(({ name }) => name).filter((name) => name !== '');
  return new Set(names).size < names.length;
}

// The field has minutes; a time that nobody changed keeps its seconds.
function payByOf(draft: Draft, before: Content): string | null | undefined {
  const shown = before.pay_by === null ? '' : localTimeOf(before.pay_by);
  if (draft.pay_by === shown) {
    return before.pay_by;
  }
  return draft.pay_by === '' ? null : timeFromLocal(draft.pay_by);
}

function wholeNumber(text: string): number | undefined {
  return /^\s*\d{1,12}\s*$/u.test(text) ? Number(text) : undefined;
}

function named(field: string, problem: DraftFault): FieldError {
  return { field, problem };
}

/** Whether a person changed anything in a form. */
export function isChanged(draft: Draft, begun: Draft): boolean {
  return !same(draft, begun);
}
