import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editRights, isLeftAlone } from '../../src/order/edit_rights.ts';
import { newOrderOf, NO_CONTENT } from '../../src/order/new_order.ts';
import { sampleOrder, TEA, viewer } from './sample_orders.ts';

const BUYER = viewer('buyer-1', 'buyer');

test('a seller and a service edit everything, another seller nothing more than a buyer', () => {
  assert.equal(editRights(sampleOrder(), viewer('seller-1', 'seller')).everything, true);
  assert.equal(editRights(sampleOrder(), viewer('storefront', 'service')).everything, true);
  assert.equal(editRights(sampleOrder(), viewer('seller-2', 'seller')).everything, false);
});

test('without buyer_may a buyer edits all four where each line is a priced item, and else the note alone', () => {
  const all = { everything: false, quantities: true, removeLines: true, address: true, note: true };
  assert.deepEqual(editRights(sampleOrder(), BUYER), all);
  for (const line of [{ ...TEA, kind: 'shipping' as const }, { ...TEA, unit_price: 0 }]) {
    const rights = editRights(sampleOrder({ lines: [TEA, line] }), BUYER);
    assert.deepEqual(rights, { ...all, quantities: false, removeLines: false, address: false });
  }
});

test('buyer_may decides where it is given', () => {
  const rights = editRights(sampleOrder({ buyer_may: ['address'] }), BUYER);
  assert.deepEqual(rights, { everything: false, quantities: false, removeLines: false, address: true, note: false });
});

test('a buyer leaves fixed lines, lines without a price and lines that are no items', () => {
  const lines = [TEA, { ...TEA, fixed: true }, { ...TEA, unit_price: 0 }, { ...TEA, kind: 'fee' as const }];
  assert.deepEqual(lines.map(isLeftAlone), [false, true, true, true]);
});

test('a new order is sent without what has its default', () => {
  const head = { reference: ' 2026-1 ', buyer_id: 'b', seller_id: 's', currency: 'EUR', unique_reference: false };
  assert.deepEqual(newOrderOf(head, { ...NO_CONTENT, lines: [TEA], note: 'Ring.' }), {
    reference: '2026-1', buyer_id: 'b', seller_id: 's', currency: 'EUR', lines: [{ ...TEA, max_quantity: null }], note: 'Ring.',
  });
});
