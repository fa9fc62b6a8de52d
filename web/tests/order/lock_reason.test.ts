import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockReason } from '../../src/order/lock_reason.ts';
import { ATTEMPT, event, lockedOrder, sampleOrder } from './sample_orders.ts';

const locked = event(2, 'OrderLocked', { attempt_id: ATTEMPT, actor: 'payment_link' });

test('an unlocked order has no reason', () => {
  assert.equal(lockReason(sampleOrder(), [locked]), null);
});

test('a lock has who began the payment, at which gateway, and until when', () => {
  const found = lockReason(lockedOrder('in_payment'), [event(1, 'OrderLocked', { attempt_id: 'earlier' }), locked]);
  assert.deepEqual([found?.state, found?.by, found?.gateway, found?.until], ['being_paid', 'payment_link', 'sandbox', '2026-11-24T12:15:00.000Z']);
});

test('who began it is unknown while the history does not show it', () => {
  assert.equal(lockReason(lockedOrder('in_payment'), [])?.by, null);
});

test('the states of a lock differ: opening, overdue, processing, releasing, review', () => {
  const overdue = lockedOrder('in_payment');
  const states = [
    lockedOrder('in_payment', { status: 'opening' }),
    { ...overdue, lock: { ...overdue.lock!, overdue: true } },
    lockedOrder('in_payment', { status: 'processing' }),
    lockedOrder('releasing', { status: 'closing' }),
    lockedOrder('review', { status: 'mismatched' }),
  ].map((order) => lockReason(order, [])?.state);
  assert.deepEqual(states, ['opening', 'overdue', 'processing', 'releasing', 'review']);
});

test('a release has why the payment was given up, and when the gateway is asked again', () => {
  const asked = [7, 6].map((seq) =>
    event(seq, 'ReleasePending', { attempt_id: ATTEMPT, detail: { reason: 'cancelled', next_check: `2026-11-24T12:0${seq}:00.000Z` } }),
  );
  const found = lockReason(lockedOrder('releasing', { status: 'closing' }), [locked, ...asked]);
  assert.deepEqual([found?.givenUp, found?.nextCheck], ['cancelled', '2026-11-24T12:07:00.000Z']);
});
