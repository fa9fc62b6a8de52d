// Which actions an order offers a viewer: those that the API would not refuse for the order as it is and for who asks.
//
// What the order's answer does not have: whether the stack demands four eyes (the page's configuration has it), the
// amounts that a gateway takes, and whether a gateway answers. The API's refusal is shown for the last two.
import type { Attempt, Order } from '../api.ts';
import { isAtGateway, refundable } from './refundable.ts';
import { actsForShop, decides, owns, type Viewer } from './viewer.ts';

/** A refund that a person may give up; `amount` in minor units. */
export interface OpenRefund {
  readonly refundId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'due' | 'refused';
}

export type Action =
  | { readonly kind: 'edit' }
  | { readonly kind: 'stop'; readonly attemptId: string }
  | { readonly kind: 'stop_and_change'; readonly attemptId: string }
  | { readonly kind: 'recheck'; readonly attemptId: string; readonly gateway: string | null }
  | { readonly kind: 'refund'; readonly left: number; readonly currency: string; readonly byHand: boolean }
  | { readonly kind: 'settle'; readonly amount: number; readonly currency: string }
  | { readonly kind: 'resolve'; readonly attemptId: string; readonly settles: boolean; readonly refunds: number }
  | { readonly kind: 'write_off'; readonly refund: OpenRefund }
  | { readonly kind: 'release'; readonly attemptId: string; readonly gateway: string }
  | { readonly kind: 'pay_link' }
  | { readonly kind: 'cancel' };
export type ActionKind = Action['kind'];

/** What the stack demands. `fourEyes`: nobody decides about the money of an order that they sell. */
export interface Rules {
  readonly fourEyes: boolean;
}

/** The actions that are possible, in the order in which they are offered. */
export function possibleActions(order: Order, viewer: Viewer, rules: Rules): readonly Action[] {
  return [
    ...ofUnlocked(order, viewer),
    ...ofLocked(order, viewer),
    ...ofReview(order, viewer, rules),
    ...ofMoney(order, viewer, rules),
    ...rechecks(order, viewer),
    ...(owns(viewer, order) ? [{ kind: 'pay_link' } as const] : []),
    ...(owns(viewer, order) && isUnlocked(order) ? [{ kind: 'cancel' } as const] : []),
  ];
}

/** The possible actions of one kind. */
export function actionsOf<Kind extends ActionKind>(actions: readonly Action[], kind: Kind): readonly Extract<Action, { kind: Kind }>[] {
  return actions.filter((action): action is Extract<Action, { kind: Kind }> => action.kind === kind);
}

/** The first action of that name: its kind, or its kind and what it is about, as in `write_off:<refund_id>`. */
export function actionNamed(actions: readonly Action[], name: string): Action | undefined {
  return actions.find((action) => action.kind === name || nameOf(action) === name);
}

/** The name of an action, with what it is about. */
export const nameOf = (action: Action): string => `${action.kind}:${subjectOf(action)}`;

function subjectOf(action: Action): string {
  if (action.kind === 'write_off') {
    return action.refund.refundId;
  }
  return 'attemptId' in action ? action.attemptId : '';
}

function isUnlocked(order: Order): boolean {
  return order.payment_status === 'pending_payment';
}

function ofUnlocked(order: Order, viewer: Viewer): Action[] {
  if (!isUnlocked(order)) {
    return [];
  }
  const edits: Action[] = owns(viewer, order) ? [{ kind: 'edit' }] : [];
  // What costs nothing is paid by its payment request alone.
  const settles = actsForShop(viewer, order) && order.total > 0;
  return settles ? [...edits, { kind: 'settle', amount: order.total, currency: order.currency }] : edits;
}

function ofLocked(order: Order, viewer: Viewer): Action[] {
  const attempt = heldBy(order);
  if (!attempt) {
    return [];
  }
  const attemptId = attempt.attempt_id;
  const isOwn = owns(viewer, order);
  // A payment that the payer has submitted cannot be given up: its bank decides.
  const stoppable = isOwn && attempt.status !== 'processing';
  const stops: Action[] = stoppable && order.payment_status === 'in_payment' ? [{ kind: 'stop', attemptId }] : [];
  const changes: Action[] = stoppable ? [{ kind: 'stop_and_change', attemptId }] : [];
  const releases: Action[] = viewer.roles.has('operator') ? [{ kind: 'release', attemptId, gateway: attempt.gateway }] : [];
  return [...stops, ...changes, ...releases];
}

function heldBy(order: Order): Attempt | null {
  return order.payment_status === 'in_payment' || order.payment_status === 'releasing' ? order.payment : null;
}

function ofReview(order: Order, viewer: Viewer, rules: Rules): Action[] {
  const captured = order.payment_status === 'review' ? order.payment?.captured : null;
  if (!captured || !order.payment || !decides(viewer, order, rules.fourEyes)) {
    return [];
  }
  const held = Math.max(0, captured.amount - captured.returned);
  // A gateway that reported no amount may still hold the money.
  const settles = held > 0 || captured.returned === 0;
  return [{ kind: 'resolve', attemptId: order.payment.attempt_id, settles, refunds: held }];
}

function ofMoney(order: Order, viewer: Viewer, rules: Rules): Action[] {
  const found = actsForShop(viewer, order) ? refundable(order) : undefined;
  const byHand = order.payment?.gateway === 'manual';
  const refunds: Action[] = found ? [{ kind: 'refund', ...found, byHand }] : [];
  const writeOffs = decides(viewer, order, rules.fourEyes) ? openRefunds(order) : [];
  return [...refunds, ...writeOffs.map((refund) => ({ kind: 'write_off', refund }) as const)];
}

/** The refunds of an order that were neither made nor given up: of its payment, and of money that did not pay for it. */
export function openRefunds(order: Order): readonly OpenRefund[] {
  const known = [...order.refunds, ...order.unapplied];
  return known.flatMap(({ refund_id: refundId, amount, currency, status }) =>
    refundId !== null && (status === 'due' || status === 'refused') ? [{ refundId, amount, currency, status }] : [],
  );
}

function rechecks(order: Order, viewer: Viewer): Action[] {
  const reads = viewer.roles.has('operator') || owns(viewer, order);
  const wanted = viewer.roles.has('operator') ? askedByOperator(order) : askedByOwner(order);
  const gateway = (attemptId: string): string | null =>
    order.payment?.attempt_id === attemptId ? order.payment.gateway : null;
  return reads
    ? [...new Set(wanted)].map((attemptId) => ({ kind: 'recheck', attemptId, gateway: gateway(attemptId) }))
    : [];
}

// Their question is asked only while the gateway may have something new to say.
function askedByOwner(order: Order): string[] {
  const held = heldBy(order);
  return [...(held ? [held.attempt_id] : []), ...unappliedAttempts(order, ['claimed'])];
}

function askedByOperator(order: Order): string[] {
  const { payment } = order;
  const own = payment && isAtGateway(payment) ? [payment.attempt_id] : [];
  return [...own, ...unappliedAttempts(order, ['claimed', 'due', 'refused'])];
}

function unappliedAttempts(order: Order, statuses: readonly string[]): string[] {
  return order.unapplied.filter(({ status }) => statuses.includes(status)).map((money) => money.attempt_id);
}

