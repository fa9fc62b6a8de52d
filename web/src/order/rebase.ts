// A user's edit on top of an order that changed meanwhile: neither is lost.
import type { AddressDraft, Draft } from './draft.ts';
import { same, textNamed } from './line_diff.ts';

/** The edit based on the order as it is now; `both` are the fields that the user and somebody else changed. */
export interface Rebased {
  readonly draft: Draft;
  readonly both: readonly (keyof Draft)[];
}

type Texts = Readonly<Record<string, string>>;

/** One value of three, and whether both sides changed it, each in another way. */
interface Merged<Value> {
  readonly value: Value;
  readonly both: boolean;
}

/**
 * The user's form based on `now`, where it was begun from `base`.
 *
 * What the user did not change is as it is now, in addresses and metadata each text by itself. What they changed stays
 * theirs; a field that both changed is named.
 */
export function rebased(base: Draft, now: Draft, edited: Draft): Rebased {
  const merged = Object.fromEntries(
    (Object.keys(now) as (keyof Draft)[]).map((name) => [name, mergedField(name, base, now, edited)]),
  ) as { readonly [Name in keyof Draft]: Merged<Draft[Name]> };
  const fields = Object.entries(merged) as [keyof Draft, Merged<unknown>][];
  return {
    draft: Object.fromEntries(fields.map(([name, { value }]) => [name, value])) as unknown as Draft,
    both: fields.filter(([, { both }]) => both).map(([name]) => name),
  };
}

function mergedField(name: keyof Draft, base: Draft, now: Draft, edited: Draft): Merged<unknown> {
  if (name === 'shipping_address' || name === 'billing_address') {
    return mergedTexts(base[name], now[name], edited[name]) as Merged<AddressDraft>;
  }
  return name === 'metadata' ? mergedMetadata(base, now, edited) : mergedValue(base[name], now[name], edited[name]);
}

function mergedValue<Value>(base: Value, now: Value, edited: Value): Merged<Value> {
  const kept = same(base, edited);
  return { value: kept ? now : edited, both: !kept && !same(base, now) && !same(now, edited) };
}

function mergedTexts(base: Texts, now: Texts, edited: Texts): Merged<Texts> {
  const names = [...new Set([...Object.keys(now), ...Object.keys(edited)])];
  const merged = names.map((name) => [name, mergedValue(textNamed(base, name), textNamed(now, name), textNamed(edited, name))] as const);
  const given = merged.flatMap(([name, { value }]) => (value === null ? [] : [[name, value] as const]));
  return { value: Object.fromEntries(given), both: merged.some(([, { both }]) => both) };
}

// A form in which a text has no name yet, or one name is there twice, is kept as it was typed.
function mergedMetadata(base: Draft, now: Draft, edited: Draft): Merged<Draft['metadata']> {
  const texts = textsOf(edited);
  if (Object.keys(texts).length < edited.metadata.length) {
    return mergedValue(base.metadata, now.metadata, edited.metadata);
  }
  const { value, both } = mergedTexts(textsOf(base), textsOf(now), texts);
  return { value: Object.entries(value).map(([name, text]) => ({ name, text })), both };
}

function textsOf(draft: Draft): Texts {
  return Object.fromEntries(draft.metadata.filter(({ name }) => name !== '').map(({ name, text }) => [name, text]));
}
