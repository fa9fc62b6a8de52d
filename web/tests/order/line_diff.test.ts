import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Line } from '../../src/api.ts';
import { moneyText } from '../../src/money.ts';
import { difference, hasLineChanges, isEmpty, sumOf, totalOf } from '../../src/order/line_diff.ts';
import { POT, sampleOrder, TEA } from './sample_orders.ts';

test('a difference names lines added, removed and changed, and both totals', () => {
  const after = sampleOrder({ lines: [{ ...TEA, quantity: 3 }, { sku: 'cup', name: 'Cup', quantity: 1, unit_price: 500, kind: 'item', fixed: false }] });
  const found = difference(sampleOrder({ lines: [TEA, POT] }), after);
  assert.deepEqual(found.added.map((line) => line.sku), ['cup']);
  assert.deepEqual(found.removed.map((line) => line.sku), ['pot']);
  assert.deepEqual(found.changed.map(({ before, after: now }) => [before.quantity, now.quantity]), [[2, 3]]);
  assert.deepEqual(found.total, { before: 6500n, after: 4250n });
});

test('a line with another price is the line of the same sku, changed', () => {
  const found = difference(sampleOrder(), sampleOrder({ lines: [{ ...TEA, unit_price: 1000 }] }));
  assert.equal(found.changed.length, 1);
  assert.deepEqual([found.added, found.removed], [[], []]);
});

test('of two lines of one sku each is matched to the one with its own price', () => {
  const dear = { ...TEA, unit_price: 2000 };
  const found = difference(sampleOrder({ lines: [TEA, dear] }), sampleOrder({ lines: [{ ...dear, quantity: 5 }, TEA] }));
  assert.deepEqual(found.changed.map(({ before, after }) => [before.unit_price, after.unit_price]), [[2000, 2000]]);
});

test('the same lines in another order are no change of a line, and not nothing', () => {
  const found = difference(sampleOrder({ lines: [TEA, POT] }), sampleOrder({ lines: [POT, TEA] }));
  assert.equal(found.reordered, true);
  assert.deepEqual([hasLineChanges(found), isEmpty(found)], [true, false]);
});

test('defaults that are left out are no difference', () => {
  const bare = { sku: TEA.sku, name: TEA.name, quantity: 2, unit_price: 1250 } as typeof TEA;
  assert.equal(isEmpty(difference(sampleOrder({ lines: [bare] }), sampleOrder({ lines: [{ ...TEA, max_quantity: null }] }))), true);
});

test('other fields are named, whatever the order of the names in them', () => {
  const before = sampleOrder({ note: 'Ring.', metadata: { one: '1', two: '2' } });
  const found = difference(before, sampleOrder({ note: null, metadata: { two: '2', one: '1' }, payable: false }));
  assert.deepEqual(found.fields, ['note', 'payable']);
});

test('a total is exact, also where its lines are larger than a number holds', () => {
  const dear: Line = { ...TEA, quantity: 1_000_000, unit_price: 1_000_000_000_000_000 };
  const discount: Line = { ...dear, sku: 'less', kind: 'discount', unit_price: -999_999_999_999_999 };
  const total = totalOf([dear, discount]);
  assert.equal(moneyText(total, 'EUR', 'en'), '€10,000.00');
  assert.equal(moneyText(sumOf(dear), 'EUR', 'en'), '€10,000,000,000,000,000,000.00');
});
