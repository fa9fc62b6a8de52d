// Why an order is locked, by whom and until when, as one value that a page puts into words.
import type { Lock, Order, OrderEvent } from '../api.ts';
import type { ActorRole } from './api_types.ts';

export type LockState =
  | 'opening'
  | 'being_paid'
  | 'overdue'
  | 'processing'
  | 'releasing'
  | 'review';

/**
 * A lock. `by` is who began the payment, null while the history does not show it; `until` is when it ends at the
 * latest, `nextCheck` when the gateway is asked again, `givenUp` why a payment is given up; each null where unknown.
 */
export interface LockReason {
  readonly state: LockState;
  readonly attemptId: string;
  readonly gateway: string | null;
  readonly by: ActorRole | null;
  readonly since: string;
  readonly until: string | null;
  readonly nextCheck: string | null;
  readonly givenUp: string | null;
}

/** Why the order is locked; null where it is not. `events` are its history, as far as it was read. */
export function lockReason(order: Order, events: readonly OrderEvent[]): LockReason | null {
  const { lock } = order;
  if (lock === null) {
    return null;
  }
  const own = events.filter((event) => event.attempt_id === lock.attempt_id);
  const state = stateOf(order, lock);
  return {
    state,
    attemptId: lock.attempt_id,
    gateway: order.payment?.gateway ?? null,
    by: last(own, 'OrderLocked')?.actor ?? null,
    since: lock.since,
    until: lock.until,
    nextCheck: nextCheck(own, state),
    givenUp: state === 'releasing' ? (last(own, 'ReleasePending')?.detail?.reason ?? null) : null,
  };
}

function stateOf(order: Order, lock: Lock): LockState {
  if (lock.reason !== 'in_payment') {
    return lock.reason;
  }
  if (order.payment?.status === 'processing') {
    return 'processing';
  }
  if (lock.overdue) {
    return 'overdue';
  }
  return order.payment?.status === 'opening' ? 'opening' : 'being_paid';
}

function nextCheck(events: readonly OrderEvent[], state: LockState): string | null {
  const type = state === 'releasing' ? 'ReleasePending' : 'PaymentProcessing';
  const asked = state === 'releasing' || state === 'processing';
  return asked ? (last(events, type)?.detail?.next_check ?? null) : null;
}

function last(events: readonly OrderEvent[], type: OrderEvent['type']): OrderEvent | undefined {
  return events.filter((event) => event.type === type).sort((one, other) => other.seq - one.seq)[0];
}
