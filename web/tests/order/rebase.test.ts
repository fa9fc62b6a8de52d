import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Order } from '../../src/api.ts';
import { draftOf, type Draft } from '../../src/order/draft.ts';
import { rebased } from '../../src/order/rebase.ts';
import { POT, sampleOrder, TEA } from './sample_orders.ts';

const ADDRESS = { recipient: 'Ada Ek', line1: 'Storgatan 1', country: 'SE' };
const draft = (changes: Partial<Order> = {}): Draft => draftOf(sampleOrder(changes), 'EUR');

test('what the user did not touch is as it is now, and their edit stays', () => {
  const base = draft({ note: 'Ring.' });
  const { draft: found, both } = rebased(base, draft({ note: 'Ring twice.', lines: [TEA, POT] }), { ...base, email: 'ada@shop.example' });
  assert.equal(found.note, 'Ring twice.');
  assert.equal(found.email, 'ada@shop.example');
  assert.deepEqual(found.lines.map(({ sku }) => sku), ['tea', 'pot']);
  assert.deepEqual(both, []);
});

test('where both changed a field, the edit stays and the field is named', () => {
  const base = draft({ note: 'Ring.' });
  const now = draft({ note: 'Ring twice.', lines: [{ ...TEA, quantity: 5 }] });
  const { draft: found, both } = rebased(base, now, { ...draft({ lines: [POT] }), note: 'Knock.' });
  assert.equal(found.note, 'Knock.');
  assert.deepEqual(found.lines.map(({ sku }) => sku), ['pot']);
  assert.deepEqual([...both].sort(), ['lines', 'note']);
});

test('where both made the same change, nothing is named', () => {
  assert.deepEqual(rebased(draft(), draft({ note: 'Ring.' }), draft({ note: 'Ring.' })).both, []);
});

test('in an address and in metadata each text is changed by itself', () => {
  const base = draft({ shipping_address: ADDRESS, metadata: { channel: 'web', desk: '4' } });
  const now = draft({ shipping_address: { ...ADDRESS, line1: 'Storgatan 2' }, metadata: { channel: 'web', desk: '5', till: '9' } });
  const edited = draft({ shipping_address: { ...ADDRESS, recipient: 'Eva Ek' }, metadata: { channel: 'shop' } });
  const { draft: found, both } = rebased(base, now, edited);
  assert.deepEqual([found.shipping_address.recipient, found.shipping_address.line1], ['Eva Ek', 'Storgatan 2']);
  assert.deepEqual(found.metadata, [{ name: 'channel', text: 'shop' }, { name: 'till', text: '9' }]);
  assert.deepEqual(both, ['metadata'], 'one text was taken out here and changed there');
});

test('what cannot be read as an order yet stays as it was typed', () => {
  const base = draft();
  const typed = { ...base, lines: [{ ...base.lines[0]!, quantity: 'two' }] };
  const { draft: found } = rebased(base, draft({ note: 'Ring.' }), typed);
  assert.equal(found.lines[0]?.quantity, 'two');
  assert.equal(found.note, 'Ring.');
});

test('a metadata text that was taken out stays out, also one named as what every object has', () => {
  const base = draft({ metadata: { constructor: 'x', desk: '4' } as unknown as Record<string, string> });
  const { draft: found } = rebased(base, { ...base, note: 'Ring twice.' }, draft({ metadata: { desk: '4' } }));
  assert.deepEqual(found.metadata, [{ name: 'desk', text: '4' }]);
});
