// Which line before an edit each line after it stands for, as the API matches them: by sku, name and price with the
// same quantity, then without it, then by sku alone. A line before is taken once.
import type { Line } from '../api.ts';

type Key = (line: Line) => string;
const KEYS: readonly Key[] = [
  (line) => JSON.stringify([line.sku, line.name, line.unit_price, line.quantity]),
  (line) => JSON.stringify([line.sku, line.name, line.unit_price]),
  (line) => JSON.stringify([line.sku]),
];

/** By the place of a line after the edit, the place of the line that it was before. */
export function keptPlaces(before: readonly Line[], after: readonly Line[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const key of KEYS) {
    matchBy(key, before, after, found);
  }
  return found;
}

function matchBy(key: Key, before: readonly Line[], after: readonly Line[], found: Map<number, number>): void {
  const taken = new Set(found.values());
  const free = new Map<string, number[]>();
  before.forEach((line, place) => {
    if (!taken.has(place)) {
      free.set(key(line), [...(free.get(key(line)) ?? []), place]);
    }
  });
  after.forEach((line, place) => {
    const matched = found.has(place) ? undefined : free.get(key(line))?.shift();
    if (matched !== undefined) {
      found.set(place, matched);
    }
  });
}
