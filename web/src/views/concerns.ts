// Why an order needs a person: causes, since when, how much money, and what a person can do about each.
import type { OrderHead } from '../api.ts';

export type Cause =
  | 'release_unconfirmed'
  | 'processing_too_long'
  | 'review'
  | 'refund_overdue'
  | 'refund_refused'
  | 'payment_unconfirmed'
  | 'payment_disputed';

/** A remedy is an action of the order view; `action` is its name in the order's address. */
export interface Remedy {
  readonly kind: 'release' | 'resolve' | 'recheck' | 'write_off' | 'look';
  readonly action: string;
}

export interface Concern {
  readonly cause: Cause;
  /** Null where the order's answer does not name it. */
  readonly gateway: string | null;
  /** Null where the order's answer does not say it. */
  readonly since: string | null;
  readonly amount: number;
  readonly currency: string;
  /** Until when the gateway takes evidence, for a dispute. */
  readonly until: string | null;
  readonly remedies: readonly Remedy[];
}

// A refund or a reported payment that is open for less needs nobody.
const OVERDUE = 3_600_000;

const look: Remedy = { kind: 'look', action: '' };
const recheck = (attemptId: string): Remedy => ({ kind: 'recheck', action: `recheck:${attemptId}` });
const writeOff = (refundId: string): Remedy => ({ kind: 'write_off', action: `write_off:${refundId}` });
const release: Remedy = { kind: 'release', action: 'release' };
const resolve: Remedy = { kind: 'resolve', action: 'resolve' };

/**
 * What a person must look at in an order that the API lists as needing one. `now` is the server's time in milliseconds.
 * A payment's limit is the stack's: what is processing needs a person where nothing else is a reason for the entry.
 */
export function concernsOf(order: OrderHead, now: number): readonly Concern[] {
  const known = [...ofAttempt(order), ...ofRefunds(order, now), ...ofUnapplied(order, now), ...ofDisputes(order)];
  return known.length > 0 ? known : ofProcessing(order);
}

/** Since when the order waits, as text that sorts by time; empty where not known. */
export const waitsSince = (concerns: readonly Concern[]): string =>
  concerns.flatMap(({ since }) => since ?? []).sort()[0] ?? '';

function ofAttempt(order: OrderHead): Concern[] {
  const attempt = order.payment;
  if (!attempt) {
    return [];
  }
  const about = { gateway: attempt.gateway, since: order.lock?.since ?? null, until: null };
  if (order.payment_status === 'releasing') {
    const remedies = [recheck(attempt.attempt_id), release];
    return [{ ...about, cause: 'release_unconfirmed', amount: attempt.amount, currency: attempt.currency, remedies }];
  }
  if (order.payment_status === 'review') {
    const { amount, currency } = attempt.captured ?? attempt;
    return [{ ...about, cause: 'review', amount, currency, remedies: [resolve] }];
  }
  return [];
}

function ofProcessing(order: OrderHead): Concern[] {
  const attempt = order.payment;
  if (attempt?.status !== 'processing') {
    return [];
  }
  const { gateway, amount, currency, attempt_id: attemptId } = attempt;
  const remedies = [recheck(attemptId), release];
  return [{ cause: 'processing_too_long', gateway, since: order.lock?.since ?? null, amount, currency, until: null, remedies }];
}

function ofRefunds(order: OrderHead, now: number): Concern[] {
  const paid = order.payment;
  return order.refunds.flatMap((refund) => {
    const { refund_id: refundId, amount, currency, requested_at: since } = refund;
    const asks = paid ? [recheck(paid.attempt_id)] : [];
    const about = { gateway: paid?.gateway ?? null, since, amount, currency, until: null };
    return ofRefund(refund.status, since, now).map((cause) => ({ ...about, cause, remedies: [...asks, ...gaveUp(cause, refundId)] }));
  });
}

function ofUnapplied(order: OrderHead, now: number): Concern[] {
  return order.unapplied.flatMap((payment) => {
    const { attempt_id: attemptId, refund_id: refundId, amount, currency, since } = payment;
    const gateway = order.payment?.attempt_id === attemptId ? order.payment.gateway : null;
    const about = { gateway, since, amount, currency, until: null };
    const causes = payment.status === 'claimed' && isOverdue(since, now) ? (['payment_unconfirmed'] as const) : ofRefund(payment.status, since, now);
    return causes.map((cause) => ({ ...about, cause, remedies: [recheck(attemptId), ...gaveUp(cause, refundId)] }));
  });
}

function ofRefund(status: string, since: string, now: number): ('refund_refused' | 'refund_overdue')[] {
  if (status === 'refused') {
    return ['refund_refused'];
  }
  return status === 'due' && isOverdue(since, now) ? ['refund_overdue'] : [];
}

const gaveUp = (cause: Cause, refundId: string | null): Remedy[] =>
  cause === 'refund_refused' && refundId !== null ? [writeOff(refundId)] : [];

function ofDisputes(order: OrderHead): Concern[] {
  const open = order.disputes.filter((dispute) => dispute.status === 'open');
  return open.map(({ payment_id, amount, currency, evidence_due: until }) => {
    const gateway = order.payment?.captured?.payment_id === payment_id ? order.payment.gateway : null;
    return { cause: 'payment_disputed', gateway, since: null, amount, currency, until, remedies: [look] };
  });
}

const isOverdue = (since: string, now: number): boolean => Date.parse(since) + OVERDUE <= now;
