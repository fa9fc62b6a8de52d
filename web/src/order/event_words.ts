// An event of the history in words: what happened, by whom, and what is particular to it.
import type { OrderEvent } from '../api.ts';
import { moneyText } from '../money.ts';
import { hasText, isolated, text, wordText, type TextKey } from '../texts/index.ts';
import { instantText } from '../times.ts';
import type { Changes } from './api_types.ts';

type Detail = NonNullable<OrderEvent['detail']>;

/** `subject` is the viewer's: what they did themselves says so. */
export function actorText(event: OrderEvent, subject: string): string {
  if (event.actor === 'gateway') {
    return event.actor_id ?? text('actor_gateway');
  }
  return event.actor_id === subject ? text('actor_you') : wordText('actor_', event.actor);
}

/** The event's title. */
export const eventTitle = (event: OrderEvent): string => wordText('event_', event.type);

/** What is particular to the event, a line each. `currency` is the order's. */
export function eventDetails(event: OrderEvent, currency: string): readonly string[] {
  const detail = event.detail ?? {};
  return [...moneyOf(event.type, detail), ...reasonsOf(detail), ...timesOf(detail), ...changesOf(event.changes ?? {}, currency)];
}

function moneyOf(type: OrderEvent['type'], detail: Detail): string[] {
  const { amount, currency, returned } = detail;
  const sum = amount === undefined || currency === undefined ? [] : [moneyText(amount, currency)];
  const back = returned && currency ? [text('detail_returned', { value: moneyText(returned, currency) })] : [];
  return [...(type === 'MoneyReturned' ? back : [...sum, ...back]), ...textOf('detail_gateway', detail.gateway), ...methodOf(detail)];
}

function methodOf(detail: Detail): string[] {
  return detail.method === undefined ? [] : [wordText('method_', detail.method)];
}

function reasonsOf(detail: Detail): string[] {
  return [
    ...reasonOf(detail.reason),
    ...(detail.status === undefined ? [] : [wordText('dispute_', detail.status)]),
    ...(detail.late ? [text('detail_late')] : []),
    ...(detail.forced ? [text('detail_forced')] : []),
    ...textOf('detail_cause', detail.cause),
    ...textOf('detail_remark', detail.remark),
    ...textOf('detail_note', detail.note),
    ...handedOver(detail),
  ];
}

// A release has a word of the API, a refund what a person wrote.
function reasonOf(reason: string | undefined): string[] {
  if (reason === undefined) {
    return [];
  }
  return [text('detail_because', { value: hasText(`reason_${reason}`) ? wordText('reason_', reason) : reason })];
}

function handedOver(detail: Detail): string[] {
  const { previous_buyer_id: from, buyer_id: to } = detail;
  return from && to ? [text('detail_handed_over', { from, to })] : [];
}

function timesOf(detail: Detail): string[] {
  const next = detail.next_check ?? detail.next_at ?? detail.check_at;
  return [
    ...timeOf('detail_until', detail.until),
    ...timeOf('detail_next', next),
    ...timeOf('detail_evidence', detail.evidence_due),
  ];
}

function changesOf(changes: Changes, currency: string): string[] {
  const { added = [], removed = [], changed = [] } = changes.lines ?? {};
  const total = changes.total ? [text('detail_total', { from: sumText(changes.total.from, currency), to: sumText(changes.total.to, currency) })] : [];
  const fields = (changes.fields ?? []).map((field) => wordText('field_', field));
  return [
    ...added.map((line) => `${text('edit_added')}: ${lineText(line, currency)}`),
    ...removed.map((line) => `${text('edit_removed')}: ${lineText(line, currency)}`),
    ...changed.map((line) => changedLine(line, currency)),
    ...total,
    ...(fields.length > 0 ? [text('detail_fields', { value: fields.join(', ') })] : []),
  ];
}

function lineText(line: { name: string; quantity: number; unit_price: number }, currency: string): string {
  return `${isolated(line.name)}, ${text('order_each', { quantity: line.quantity, price: moneyText(line.unit_price, currency) })}`;
}

type ChangedLine = NonNullable<NonNullable<Changes['lines']>['changed']>[number];

function changedLine({ sku, ...fields }: ChangedLine, currency: string): string {
  const shown = Object.entries(fields).map(([name, { from, to }]) => `${fieldName(name, currency)} ${valueText(name, from, currency)} → ${valueText(name, to, currency)}`);
  return `${isolated(sku)}: ${shown.join('; ')}`;
}

function fieldName(name: string, currency: string): string {
  return name === 'unit_price' ? text('field_unit_price', { currency }) : wordText('field_', name === 'max_quantity' ? 'most' : name);
}

function valueText(name: string, value: string | number | boolean | null, currency: string): string {
  if (typeof value === 'boolean') {
    return text(value ? 'yes' : 'no');
  }
  if (name === 'kind') {
    return wordText('kind_', String(value));
  }
  return name === 'unit_price' && typeof value === 'number' ? moneyText(value, currency) : isolated(String(value ?? '–'));
}

const sumText = (amount: number | null, currency: string): string => (amount === null ? '–' : moneyText(amount, currency));

const textOf = (key: TextKey, value: string | undefined): string[] => (value ? [text(key, { value })] : []);

const timeOf = (key: TextKey, at: string | undefined): string[] => (at ? [text(key, { value: instantText(at) })] : []);
