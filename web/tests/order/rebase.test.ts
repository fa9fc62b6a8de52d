import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rebased } from '../../src/order/rebase.ts';
import { POT, sampleOrder, TEA } from './sample_orders.ts';

test('what the user did not touch is as it is now, and their edit stays', () => {
  const base = sampleOrder({ note: 'Ring.' });
  const now = sampleOrder({ note: 'Ring twice.', lines: [TEA, POT] });
  const { content, both } = rebased(base, now, sampleOrder({ note: 'Ring.', email: 'ada@shop.example' }));
  assert.equal(content.note, 'Ring twice.');
  assert.equal(content.email, 'ada@shop.example');
  assert.deepEqual(content.lines, [TEA, POT]);
  assert.deepEqual(both, []);
});

test('where both changed a field, the edit stays and the field is named', () => {
  const base = sampleOrder({ note: 'Ring.' });
  const now = sampleOrder({ note: 'Ring twice.', lines: [{ ...TEA, quantity: 5 }] });
  const { content, both } = rebased(base, now, sampleOrder({ note: 'Knock.', lines: [POT] }));
  assert.equal(content.note, 'Knock.');
  assert.deepEqual(content.lines, [POT]);
  assert.deepEqual(both, ['lines', 'note']);
});

test('where both made the same change, nothing is named', () => {
  const { both } = rebased(sampleOrder(), sampleOrder({ note: 'Ring.' }), sampleOrder({ note: 'Ring.' }));
  assert.deepEqual(both, []);
});
