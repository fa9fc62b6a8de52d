// A user's edit on top of an order that changed meanwhile: neither is lost.
import { CONTENT_FIELDS, type Content, type ContentField, same, sameLine } from './line_diff.ts';
import type { Line } from '../api.ts';

/** The edit based on the order as it is now; `both` are the fields that the user and somebody else changed. */
export interface Rebased {
  readonly content: Content;
  readonly both: readonly (ContentField | 'lines')[];
}

/**
 * The user's content based on `now`, where it was begun from `base`.
 *
 * What the user did not change is as it is now. What they changed stays theirs; a field that both changed is named.
 */
export function rebased(base: Content, now: Content, edited: Content): Rebased {
  const both: (ContentField | 'lines')[] = [];
  const content: Content = { ...now };
  if (!sameLines(base.lines, edited.lines)) {
    content.lines = edited.lines;
    both.push(...(conflict(sameLines, base.lines, now.lines, edited.lines) ? ['lines' as const] : []));
  }
  for (const field of CONTENT_FIELDS) {
    both.push(...(keep(field, base, now, edited, content) ? [field] : []));
  }
  return { content, both };
}

/** Put the user's value of a field into `content`; gives whether somebody else changed it too, to another value. */
function keep<Field extends ContentField>(field: Field, base: Content, now: Content, edited: Content, content: Content): boolean {
  if (same(base[field], edited[field])) {
    return false;
  }
  content[field] = edited[field];
  return conflict(same, base[field], now[field], edited[field]);
}

function conflict<Value>(equal: (one: Value, other: Value) => boolean, base: Value, now: Value, edited: Value): boolean {
  return !equal(base, now) && !equal(now, edited);
}

function sameLines(one: readonly Line[], other: readonly Line[]): boolean {
  return one.length === other.length && one.every((line, place) => isSame(line, other[place]));
}

function isSame(line: Line, other: Line | undefined): boolean {
  return other !== undefined && sameLine(line, other);
}
