import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchOf } from '../../src/order/content_patch.ts';
import { POT, sampleOrder, TEA } from './sample_orders.ts';

const ADDRESS = { recipient: 'Ada Ek', line1: 'Storgatan 1', city: 'Uppsala', country: 'SE' };

test('nothing is sent where nothing changed', () => {
  assert.deepEqual(patchOf(sampleOrder(), sampleOrder()), {});
});

test('lines are sent whole, with what would otherwise stay as it was', () => {
  const patch = patchOf(sampleOrder({ lines: [{ ...TEA, fixed: true, max_quantity: 9 }, POT] }), sampleOrder({ lines: [TEA, POT] }));
  assert.deepEqual(patch.lines?.[0], { ...TEA, max_quantity: null });
  assert.equal(patch.lines?.length, 2);
});

test('of an address only what changed is sent, and what was taken out is null', () => {
  const before = sampleOrder({ shipping_address: ADDRESS });
  const { city: _, ...without } = ADDRESS;
  assert.deepEqual(patchOf(before, sampleOrder({ shipping_address: { ...without, line1: 'Storgatan 2' } })), {
    shipping_address: { line1: 'Storgatan 2', city: null },
  });
});

test('a new address is sent whole, and one that was taken out is null', () => {
  assert.deepEqual(patchOf(sampleOrder(), sampleOrder({ shipping_address: ADDRESS })), { shipping_address: ADDRESS });
  assert.deepEqual(patchOf(sampleOrder({ shipping_address: ADDRESS }), sampleOrder()), { shipping_address: null });
});

test('a metadata text that was taken out is null, and the others are not sent', () => {
  const patch = patchOf(sampleOrder({ metadata: { channel: 'web', desk: '4' } }), sampleOrder({ metadata: { desk: '4' } }));
  assert.deepEqual(patch, { metadata: { channel: null } });
});

test('a metadata text may be named as what every object has', () => {
  const [named, without] = [JSON.parse('{"constructor":"x","__proto__":"y","desk":"4"}'), { desk: '4' }];
  const [before, after] = [sampleOrder({ metadata: named }), sampleOrder({ metadata: without })];
  assert.equal(JSON.stringify(patchOf(before, after)), '{"metadata":{"constructor":null,"__proto__":null}}');
  assert.equal(JSON.stringify(patchOf(after, before)), '{"metadata":{"constructor":"x","__proto__":"y"}}');
});
