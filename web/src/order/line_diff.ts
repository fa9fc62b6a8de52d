// What an edit changes, before it is saved: lines added, removed and changed, the totals, and the other fields.
import type { Address, Line, Order } from '../api.ts';
import { keptPlaces } from './line_matches.ts';

/** The editable part of an order; times and words as the API has them. */
export type Content = Pick<
  Order,
  | 'lines'
  | 'shipping_address'
  | 'billing_address'
  | 'note'
  | 'email'
  | 'locale'
  | 'metadata'
  | 'buyer_may'
  | 'payable'
  | 'pay_by'
  | 'late_money'
>;
export type ContentField = Exclude<keyof Content, 'lines'>;
export const CONTENT_FIELDS: readonly ContentField[] = [
  'note',
  'shipping_address',
  'billing_address',
  'email',
  'locale',
  'metadata',
  'buyer_may',
  'payable',
  'pay_by',
  'late_money',
];

/** A line before and after an edit. */
export interface ChangedLine {
  readonly before: Line;
  readonly after: Line;
}

/** The difference of two contents. Totals in minor units; `reordered`: the same lines in another order. */
export interface Difference {
  readonly added: readonly Line[];
  readonly removed: readonly Line[];
  readonly changed: readonly ChangedLine[];
  readonly reordered: boolean;
  readonly total: { readonly before: bigint; readonly after: bigint };
  readonly fields: readonly ContentField[];
}

/** What differs between two contents. */
export function difference(before: Content, after: Content): Difference {
  const kept = keptPlaces(before.lines, after.lines);
  const stayed = new Set(kept.values());
  const pairs = [...kept].map(([place, old]) => ({ before: at(before.lines, old), after: at(after.lines, place) }));
  const added = after.lines.filter((_, place) => !kept.has(place));
  const removed = before.lines.filter((_, place) => !stayed.has(place));
  const changed = pairs.filter((pair) => !sameLine(pair.before, pair.after));
  return {
    added,
    removed,
    changed,
    reordered: !(added.length || removed.length || changed.length) && [...kept].some(([place, old]) => place !== old),
    total: { before: totalOf(before.lines), after: totalOf(after.lines) },
    fields: CONTENT_FIELDS.filter((field) => !same(before[field], after[field])),
  };
}

/** Whether there is no difference. */
export function isEmpty(found: Difference): boolean {
  return !(hasLineChanges(found) || found.fields.length);
}

/** Whether the lines differ. */
export function hasLineChanges(found: Difference): boolean {
  return found.reordered || [found.added, found.removed, found.changed].some((lines) => lines.length > 0);
}

/** The price of all lines together, in minor units. */
export function totalOf(lines: readonly Line[]): bigint {
  return lines.reduce((sum, line) => sum + sumOf(line), 0n);
}

/** The price of a line, in minor units: one line alone can cost more than a number holds. */
export const sumOf = (line: Line): bigint => BigInt(line.quantity) * BigInt(line.unit_price);

/** Whether two values of the API are the same; the order of names, and names without a value, do not count. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

/** Whether two lines are the same; what is left out has its default. */
export function sameLine(one: Line, other: Line): boolean {
  return same(whole(one), whole(other));
}

/** A line with all fields of a line. */
export function whole(line: Line): Required<Line> {
  const { sku, name, quantity, unit_price, kind, fixed, max_quantity } = line;
  return { sku, name, quantity, unit_price, kind: kind ?? 'item', fixed: fixed ?? false, max_quantity: max_quantity ?? null };
}

/** The texts of an address, those without a value left out. */
export function partsOf(address: Address | null): ReadonlyMap<string, string> {
  const entries = Object.entries(address ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new Map(entries);
}

/** The text of that name, null where there is none; a shop may name one `constructor`, which every object has. */
export const textNamed = <Text>(texts: Readonly<Record<string, Text>>, name: string): Text | null =>
  Object.hasOwn(texts, name) ? (texts[name] ?? null) : null;

function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, inner]) => [name, plain(inner)]));
}

function at(lines: readonly Line[], place: number): Line {
  const line = lines[place];
  if (line === undefined) {
    throw new RangeError(`no line ${place}`);
  }
  return line;
}
