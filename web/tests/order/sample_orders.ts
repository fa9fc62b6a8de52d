// Orders as the API answers them, for tests.
import type { Attempt, Line, Order, OrderEvent } from '../../src/api.ts';
import type { Role } from '../../src/caller.ts';
import type { Viewer } from '../../src/order/viewer.ts';

export const ATTEMPT = 'D7KY3NPF3FM5GY6V_0CCCCCCC';

export const TEA: Line = { sku: 'tea', name: 'Green tea', quantity: 2, unit_price: 1250, kind: 'item', fixed: false };
export const POT: Line = { sku: 'pot', name: 'Teapot', quantity: 1, unit_price: 4000, kind: 'item', fixed: false };

export const LEDGER: Order['ledger'] = {
  agreed: 2500, captured: 0, refunded: 0, returned: 0, owed: 0, written_off: 0, kept: 0, disputed: 0,
};

export function sampleOrder(changes: Partial<Order> = {}): Order {
  // A field that the API has later is no matter of these tests.
  const plain: Partial<Order> = {
    order_id: 'D7KY3NPF3FM5GY6V', reference: '2026-1001', buyer_id: 'buyer-1', seller_id: 'seller-1', revision: 1,
    payment_status: 'pending_payment', currency: 'EUR', total: 2500, lock: null, payment: null, unapplied: [], refunds: [],
    refunded: 0, refund_status: 'none', disputed: false, disputes: [], ledger: LEDGER,
    created_at: '2026-11-24T12:00:00.000Z', updated_at: '2026-11-24T12:00:00.000Z', lines: [TEA], shipping_address: null,
    note: null, buyer_may: null, email: null, locale: null, billing_address: null, metadata: null, payable: true,
    pay_by: null, late_money: null,
  };
  return { ...plain, ...changes } as Order;
}

export function sampleAttempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    attempt_id: ATTEMPT, order_id: 'D7KY3NPF3FM5GY6V', revision: 1, status: 'open', gateway: 'sandbox', amount: 2500,
    currency: 'EUR', captured: null, pay_url: 'https://gateway.example/pay', expires_at: '2026-11-24T12:15:00.000Z', ...changes,
  };
}

export function lockedOrder(reason: 'in_payment' | 'releasing' | 'review', attempt: Partial<Attempt> = {}, changes: Partial<Order> = {}): Order {
  const until = reason === 'in_payment' && attempt.status !== 'processing' ? '2026-11-24T12:15:00.000Z' : null;
  const lock = { attempt_id: ATTEMPT, reason, since: '2026-11-24T12:00:00.000Z', until, overdue: false };
  return sampleOrder({ payment_status: reason, lock, payment: sampleAttempt(attempt), ...changes });
}

export function paidOrder(changes: Partial<Order> = {}, captured: Partial<NonNullable<Attempt['captured']>> = {}): Order {
  const money = { payment_id: 'pay-1', amount: 2500, currency: 'EUR', returned: 0, ...captured };
  return sampleOrder({ payment_status: 'paid', payment: sampleAttempt({ status: 'succeeded', captured: money, pay_url: null }), ...changes });
}

export function event(seq: number, type: OrderEvent['type'], changes: Partial<OrderEvent> = {}): OrderEvent {
  return {
    order_id: 'D7KY3NPF3FM5GY6V', seq, type, at: `2026-11-24T12:00:${String(seq).padStart(2, '0')}.000Z`, actor: 'buyer',
    payment_status: 'pending_payment', revision: 1, ...changes,
  };
}

export function viewer(subject: string, ...roles: Role[]): Viewer {
  return { subject, roles: new Set(roles) };
}
