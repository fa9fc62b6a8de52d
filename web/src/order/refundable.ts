// What may still be refunded of an order's payment.
import type { Order } from '../api.ts';

const MOST_REFUNDS = 20;
const WITHOUT_A_GATEWAY: ReadonlySet<string> = new Set(['manual', 'none']);

/** Money that may be refunded, in minor units of `currency`. */
export interface Refundable {
  readonly left: number;
  readonly currency: string;
}

/** Whether a gateway took the payment; else a person declared it, or it cost nothing. */
export function isAtGateway(payment: { readonly gateway: string }): boolean {
  return !WITHOUT_A_GATEWAY.has(payment.gateway);
}

/** What is left of the payment for the order; undefined where nothing may be refunded now. */
export function refundable(order: Order): Refundable | undefined {
  const captured = order.payment_status === 'paid' ? order.payment?.captured : null;
  if (!captured || order.refunds.length >= MOST_REFUNDS || isDisputed(order, captured.payment_id)) {
    return undefined;
  }
  const left = captured.amount - order.refunded - owed(order);
  return left > 0 ? { left, currency: captured.currency } : undefined;
}

/** Whether the payer contests that payment now. */
export function isDisputed(order: Order, paymentId: string): boolean {
  return order.disputes.some((dispute) => dispute.payment_id === paymentId && dispute.status === 'open');
}

function owed(order: Order): number {
  const open = order.refunds.filter((refund) => refund.status === 'due' || refund.status === 'refused');
  return open.reduce((sum, refund) => sum + refund.amount, 0);
}
