import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderHead } from '../src/api.ts';
import { concernsOf, waitsSince } from '../src/views/concerns.ts';
import { actionNamed, type Action } from '../src/order/possible_actions.ts';
import { attempt, orderHead } from './sample_orders.ts';

const SINCE = '2026-11-26T10:00:00.000Z';
const HOUR_LATER = Date.parse('2026-11-26T11:00:00.000Z');
const lock = (reason: 'in_payment' | 'releasing' | 'review'): OrderHead['lock'] =>
  ({ attempt_id: attempt({}).attempt_id, reason, since: SINCE, until: null, overdue: false });
const unapplied = (given: Partial<OrderHead['unapplied'][number]>): OrderHead['unapplied'][number] => ({
  payment_id: 'pi_1', attempt_id: '0123456789ABCDEF_BBBBBBBB', amount: 900, currency: 'EUR', returned: 0, status: 'due',
  refund_id: 'r1', reason: 'order_edited', since: SINCE, ...given,
});
const refund = (status: 'due' | 'refunded' | 'refused' | 'written_off'): OrderHead['refunds'][number] =>
  ({ refund_id: 'r2', amount: 300, currency: 'EUR', status, reason: 'x', requested_at: SINCE });
const shown = (order: OrderHead, now = HOUR_LATER): string[] =>
  concernsOf(order, now).map(({ cause, remedies }) => [cause, ...remedies.map((remedy) => remedy.action)].join(' '));

test('a release that is not confirmed leads to the question and to the release', () => {
  const order = orderHead({ payment_status: 'releasing', payment: attempt({ status: 'closing' }), lock: lock('releasing') });
  assert.deepEqual(shown(order), ['release_unconfirmed recheck:0123456789ABCDEF_AAAAAAAA release']);
  assert.equal(concernsOf(order, HOUR_LATER)[0]?.since, SINCE);
});

test('a review leads to its decision, with the money that was captured', () => {
  const captured = { payment_id: 'pi_1', amount: 2400, currency: 'USD', returned: 0 };
  const order = orderHead({ payment_status: 'review', payment: attempt({ captured }), lock: lock('review') });
  assert.deepEqual(shown(order), ['review resolve']);
  assert.deepEqual([concernsOf(order, HOUR_LATER)[0]?.amount, concernsOf(order, HOUR_LATER)[0]?.currency], [2400, 'USD']);
});

test('a refund that was refused leads to the question and to its write-off', () => {
  const order = orderHead({ payment_status: 'paid', payment: attempt({ status: 'succeeded' }), refunds: [refund('refused')] });
  assert.deepEqual(shown(order), ['refund_refused recheck:0123456789ABCDEF_AAAAAAAA write_off:r2']);
  assert.deepEqual(shown(orderHead({ unapplied: [unapplied({ status: 'refused' })] })), ['refund_refused recheck:0123456789ABCDEF_BBBBBBBB write_off:r1']);
});

test('a refund that is due needs nobody for an hour', () => {
  const order = orderHead({ unapplied: [unapplied({ status: 'due' })] });
  assert.deepEqual(shown(order, HOUR_LATER - 1), []);
  assert.deepEqual(shown(order, HOUR_LATER), ['refund_overdue recheck:0123456789ABCDEF_BBBBBBBB']);
});

test('a payment that was reported needs nobody for an hour', () => {
  const order = orderHead({ unapplied: [unapplied({ status: 'claimed', refund_id: null })] });
  assert.deepEqual(shown(order, HOUR_LATER - 1), []);
  assert.deepEqual(shown(order, HOUR_LATER), ['payment_unconfirmed recheck:0123456789ABCDEF_BBBBBBBB']);
});

test('what is done needs nobody', () => {
  const done = ['refunded', 'written_off', 'returned'] as const;
  const order = orderHead({ unapplied: done.map((status) => unapplied({ status })), refunds: [refund('refunded'), refund('written_off')] });
  assert.deepEqual(shown(order), []);
});

test('a dispute says until when evidence is taken, and only while it is open', () => {
  const dispute = { dispute_id: 'd', payment_id: 'pi_1', amount: 900, currency: 'EUR', evidence_due: '2026-12-01T00:00:00.000Z' };
  const order = orderHead({ disputes: [{ ...dispute, status: 'open' }, { ...dispute, status: 'won' }] });
  assert.deepEqual(concernsOf(order, HOUR_LATER).map(({ cause, until }) => [cause, until]), [['payment_disputed', '2026-12-01T00:00:00.000Z']]);
});

test('a processing payment is a reason where nothing else is', () => {
  const order = orderHead({ payment_status: 'in_payment', payment: attempt({ status: 'processing' }), lock: lock('in_payment') });
  assert.deepEqual(shown(order), ['processing_too_long recheck:0123456789ABCDEF_AAAAAAAA release']);
  assert.deepEqual(shown({ ...order, unapplied: [unapplied({ status: 'refused' })] }).length, 1);
});

test('entries are sorted by what waits longest', () => {
  const earlier = unapplied({ status: 'refused', since: '2026-11-26T09:00:00.000Z' });
  assert.equal(waitsSince(concernsOf(orderHead({ unapplied: [unapplied({ status: 'refused' }), earlier] }), HOUR_LATER)), earlier.since);
});

test('the order view finds the action that a remedy names', () => {
  const writeOff = (refundId: string): Action => ({ kind: 'write_off', refund: { refundId, amount: 1, currency: 'EUR', status: 'refused' } });
  const actions: Action[] = [writeOff('r1'), writeOff('r2'), { kind: 'recheck', attemptId: 'a1', gateway: null }];
  assert.equal(actionNamed(actions, 'write_off:r2'), actions[1]);
  assert.equal(actionNamed(actions, 'write_off'), actions[0]);
  assert.equal(actionNamed(actions, 'recheck:a1'), actions[2]);
  assert.equal(actionNamed(actions, 'recheck:a2'), undefined);
});
