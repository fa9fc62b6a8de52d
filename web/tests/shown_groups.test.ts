import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttentionGroup } from '../src/api.ts';
import { groupName, shownGroups } from '../src/views/shown_groups.ts';

const group = (gateway: string, count: number): AttentionGroup =>
  ({ gateway, cause: 'release_unconfirmed', count, oldest: '2026-11-26T10:00:00.000Z', sums: [], order_ids: [] });
const [ONE, TWO] = [group('stripe', 1), group('payu', 2)];

test('one order alone is no group', () => {
  assert.deepEqual(shownGroups([ONE, TWO], 3, new Set()), [TWO]);
});

test('a group that is gone through stays until the run ends, down to its last order', () => {
  assert.deepEqual(shownGroups([ONE, TWO], 3, new Set([groupName(ONE)])), [ONE, TWO]);
});

test('where not all orders are listed, each group is shown', () => {
  assert.deepEqual(shownGroups([ONE, TWO], 100, new Set()), [ONE, TWO]);
});
