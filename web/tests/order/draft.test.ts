import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, draftOf, isChanged, storedLine } from '../../src/order/draft.ts';
import { patchOf } from '../../src/order/content_patch.ts';
import { POT, sampleOrder, TEA } from './sample_orders.ts';

const ADDRESS = { recipient: 'Ada Ek', line1: 'Storgatan 1', country: 'SE' };

test('a form that nobody touched changes nothing, seconds of a time and unknown fields of an address included', () => {
  const order = sampleOrder({
    lines: [TEA, { ...POT, kind: 'discount', unit_price: -50, max_quantity: 3 }],
    shipping_address: { ...ADDRESS, door: '4' } as typeof ADDRESS,
    metadata: { channel: 'web' },
    pay_by: '2026-12-01T10:11:12.345Z',
    buyer_may: ['note'],
    late_money: 'refund',
    note: 'One\nTwo',
  });
  const read = contentOf(draftOf(order, 'EUR'), order, 'EUR');
  assert.ok('content' in read);
  assert.deepEqual(patchOf(order, read.content), {});
});

test('prices are read in the places of the currency', () => {
  for (const [currency, written, amount] of [['EUR', '12.50', 1250], ['JPY', '1250', 1250], ['KWD', '1.250', 1250]] as const) {
    const order = sampleOrder({ currency });
    const draft = draftOf(order, currency);
    const read = contentOf({ ...draft, lines: [{ ...draft.lines[0]!, price: written }] }, order, currency);
    assert.ok('content' in read, currency);
    assert.equal(read.content.lines[0]?.unit_price, amount, currency);
  }
});

test('what is no number is named by the field that the API would name', () => {
  const order = sampleOrder({ lines: [TEA, POT] });
  const draft = draftOf(order, 'EUR');
  const wrong = { ...draft.lines[1]!, quantity: '1.5', price: '1,2,3', most: 'x' };
  const read = contentOf({ ...draft, lines: [draft.lines[0]!, wrong], pay_by: 'soon' }, order, 'EUR');
  assert.ok('errors' in read);
  assert.deepEqual(read.errors.map(({ field }) => field), ['lines.1.quantity', 'lines.1.unit_price', 'lines.1.max_quantity', 'pay_by']);
});

test('a metadata name that is there twice is a fault: one of the texts would be lost', () => {
  const order = sampleOrder();
  const draft = { ...draftOf(order, 'EUR'), metadata: [{ name: 'a', text: '1' }, { name: 'a', text: '2' }] };
  const read = contentOf(draft, order, 'EUR');
  assert.ok('errors' in read);
  assert.deepEqual(read.errors.map(({ field }) => field), ['metadata']);
});

test('an address that was emptied is removed', () => {
  const order = sampleOrder({ shipping_address: ADDRESS });
  const draft = draftOf(order, 'EUR');
  const empty = { ...draft.shipping_address, recipient: ' ', line1: '', country: '' };
  const read = contentOf({ ...draft, shipping_address: empty }, order, 'EUR');
  assert.ok('content' in read);
  assert.deepEqual(patchOf(order, read.content), { shipping_address: null });
});

test('a form is changed by what a person types, and is not once that is undone', () => {
  const begun = draftOf(sampleOrder(), 'EUR');
  assert.equal(isChanged({ ...begun, note: 'x' }, begun), true);
  assert.equal(isChanged({ ...begun, note: '' }, begun), false);
});

test('an order with an empty note is not changed by looking at its form', () => {
  const order = sampleOrder({ note: '' });
  const draft = draftOf(order, 'EUR');
  const [looked, typed] = [contentOf(draft, order, 'EUR'), contentOf({ ...draft, note: 'x' }, order, 'EUR')];
  assert.ok('content' in looked && 'content' in typed);
  assert.deepEqual(patchOf(order, looked.content), {});
  assert.deepEqual(patchOf(order, typed.content), { note: 'x' });
});

test('a gift of the same article and name is another line than what is paid for', () => {
  const gift = { ...TEA, unit_price: 0, fixed: true };
  const order = sampleOrder({ lines: [gift, TEA] });
  assert.deepEqual(draftOf(order, 'EUR').lines.map((line) => storedLine(order, line)), [gift, TEA]);
});
