import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderHead } from '../src/api.ts';
import type { Caller, Role } from '../src/caller.ts';
import { collect, filtersOf, isKept, listQuery, orderIdIn, type Page } from '../src/views/list_query.ts';
import { orderHead } from './sample_orders.ts';

const caller = (...roles: Role[]): Caller => ({ subject: 'me', roles: new Set(roles), name: 'me' });
const filters = (query: string) => filtersOf(new URLSearchParams(query));
const lock: OrderHead['lock'] = { attempt_id: 'a', reason: 'in_payment', since: '2026-11-26T12:00:00.000Z', until: null, overdue: false };

test('a seller sees their own orders, whatever the address says', () => {
  assert.deepEqual(listQuery(filters('seller=other'), caller('seller')), { ask: { seller_id: 'me' } });
  assert.deepEqual(listQuery(filters('buyer=b&search=R-1'), caller('seller', 'buyer')), { ask: { seller_id: 'me', buyer_id: 'b', reference: 'R-1' } });
});

test('a buyer sees what they bought', () => {
  assert.deepEqual(listQuery(filters(''), caller('buyer')), { ask: { buyer_id: 'me' } });
});

test('an operator and a service name whose orders they list', () => {
  for (const role of ['operator', 'service'] as const) {
    assert.deepEqual(listQuery(filters('status=paid'), caller(role)), { missing: 'owner' });
    assert.deepEqual(listQuery(filters('buyer=b'), caller(role)), { ask: { buyer_id: 'b' } });
    assert.deepEqual(listQuery(filters('seller=s&cursor=c'), caller(role)), { ask: { seller_id: 's', cursor: 'c' } });
  }
});

test('a reference is searched among the orders of a seller', () => {
  assert.deepEqual(listQuery(filters('search=R-1&buyer=b'), caller('operator')), { missing: 'seller' });
});

test('an order\'s number is known as one, in small letters too', () => {
  assert.equal(orderIdIn('0123456789abcdef'), '0123456789ABCDEF');
  assert.equal(orderIdIn('0123456789ABCDEI'), null);
  assert.equal(orderIdIn('2026-0042'), null);
});

test('locked now is each order that something holds', () => {
  assert.ok(isKept(orderHead({ payment_status: 'review', lock }), 'locked'));
  assert.ok(!isKept(orderHead({ payment_status: 'paid' }), 'locked'));
  assert.ok(isKept(orderHead({ payment_status: 'paid' }), 'paid'));
  assert.ok(isKept(orderHead({}), ''));
});

const pages = (...found: Page[]) => {
  const asked: string[] = [];
  const read = (cursor: string): Promise<Page> => (asked.push(cursor), Promise.resolve(found.shift() ?? { orders: [], next_cursor: 'more' }));
  return { read, asked };
};

test('a page without a match leads on to the next one', async () => {
  const locked = orderHead({ lock });
  const { read, asked } = pages({ orders: [orderHead({})], next_cursor: 'c1' }, { orders: [locked], next_cursor: null });
  assert.deepEqual(await collect(read, '', 'locked'), { orders: [locked], next: null, looked: 2 });
  assert.deepEqual(asked, ['', 'c1']);
});

test('the search for matches ends after four pages, and can be gone on with', async () => {
  const { read, asked } = pages();
  assert.equal((await collect(read, '', 'locked')).next, 'more');
  assert.equal(asked.length, 4);
});

test('a full page is enough', async () => {
  const { read, asked } = pages({ orders: Array.from({ length: 50 }, () => orderHead({})), next_cursor: 'c1' });
  assert.equal((await collect(read, 'c0', '')).next, 'c1');
  assert.deepEqual(asked, ['c0']);
});
