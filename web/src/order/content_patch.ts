// The merge patch of an edit: what the user changed, and nothing else.
import type { OrderPatch } from '../api.ts';
import { CONTENT_FIELDS, type Content, same, sameLine, textNamed, whole } from './line_diff.ts';

type Texts = Readonly<Record<string, string | null>>;

/** The patch that makes `before` into `after`; without a member where nothing changed. Lines are sent whole. */
export function patchOf(before: Content, after: Content): OrderPatch {
  const changed = CONTENT_FIELDS.filter((field) => !same(before[field], after[field]));
  const fields = changed.map((field) => [field, valueFor(before[field], after[field])] as const);
  const lines = linesDiffer(before, after) ? { lines: after.lines.map(whole) } : {};
  return { ...lines, ...Object.fromEntries(fields) } as OrderPatch;
}

function linesDiffer(before: Content, after: Content): boolean {
  const pairs = after.lines.map((line, place) => [before.lines[place], line] as const);
  return before.lines.length !== after.lines.length || pairs.some(([old, line]) => !old || !sameLine(old, line));
}

// In addresses and metadata each text is changed by itself, so that one of which this page does not know stays.
function valueFor(before: unknown, after: unknown): unknown {
  return isTexts(before) && isTexts(after) ? changedTexts(before, after) : after;
}

function isTexts(value: unknown): value is Texts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changedTexts(before: Texts, after: Texts): Texts {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => textNamed(before, name) !== textNamed(after, name));
  return Object.fromEntries(changed.map((name) => [name, textNamed(after, name)]));
}
