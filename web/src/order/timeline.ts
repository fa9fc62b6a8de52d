// An order's history as a person reads it: the newest first, the events of a payment attempt together.
import type { OrderEvent } from '../api.ts';

/** Events that belong together: those of one attempt, or a run of the order's own. `attemptId` null: the order's. */
export interface EventGroup {
  readonly attemptId: string | null;
  readonly events: readonly OrderEvent[];
}

/**
 * The groups, the one with the newest event first; in each the newest event first.
 *
 * An event that comes twice is shown once. What happened to the order itself between two events of one attempt stands
 * as a group of its own.
 */
export function timeline(events: readonly OrderEvent[]): readonly EventGroup[] {
  const inOrder = [...new Map(events.map((event) => [event.seq, event])).values()].sort((one, other) => other.seq - one.seq);
  const groups: { attemptId: string | null; events: OrderEvent[] }[] = [];
  let before: string | null | undefined;
  for (const event of inOrder) {
    const attemptId = event.attempt_id ?? null;
    const continued = attemptId === null ? (before === null ? groups.at(-1) : undefined) : groups.find((group) => group.attemptId === attemptId);
    if (continued) {
      continued.events.push(event);
    } else {
      groups.push({ attemptId, events: [event] });
    }
    before = attemptId;
  }
  return groups;
}

/** The events with a further page of them. */
export function withNewer(known: readonly OrderEvent[], page: readonly OrderEvent[]): readonly OrderEvent[] {
  const newest = lastSeq(known);
  return [...known, ...page.filter((event) => event.seq > newest)];
}

/** The `seq` of the newest event; 0 where there is none. */
export function lastSeq(events: readonly OrderEvent[]): number {
  return events.reduce((newest, event) => Math.max(newest, event.seq), 0);
}
