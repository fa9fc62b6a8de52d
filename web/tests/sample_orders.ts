// Orders as the API lists them, for tests; what a test is about is given, the rest is plain.
import type { OrderHead } from '../src/api.ts';

const AT = '2026-11-26T10:00:00.000Z';

export function orderHead(given: Partial<OrderHead>): OrderHead {
  // A field that the API has later is no matter of these tests.
  const plain: Partial<OrderHead> = {
    order_id: '0123456789ABCDEF',
    reference: '2026-0042',
    buyer_id: 'buyer-7',
    seller_id: 'seller-1',
    revision: 1,
    payment_status: 'pending_payment',
    currency: 'EUR',
    total: 2500,
    lock: null,
    payment: null,
    unapplied: [],
    refunds: [],
    refunded: 0,
    refund_status: 'none',
    disputed: false,
    disputes: [],
    ledger: { agreed: 2500, captured: 0, refunded: 0, returned: 0, owed: 0, written_off: 0, kept: 0, disputed: 0 },
    created_at: AT,
    updated_at: AT,
  };
  return { ...plain, ...given } as OrderHead;
}

export function attempt(given: Partial<NonNullable<OrderHead['payment']>>): NonNullable<OrderHead['payment']> {
  return {
    attempt_id: '0123456789ABCDEF_AAAAAAAA',
    order_id: '0123456789ABCDEF',
    revision: 1,
    status: 'open',
    gateway: 'stripe',
    amount: 2500,
    currency: 'EUR',
    captured: null,
    pay_url: null,
    expires_at: AT,
    ...given,
  };
}
