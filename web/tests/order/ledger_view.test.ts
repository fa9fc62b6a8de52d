import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerRows } from '../../src/order/ledger_view.ts';
import { LEDGER } from './sample_orders.ts';

test('what was captured and the parts add up to what is kept', () => {
  const rows = ledgerRows({ agreed: 2500, captured: 3000, refunded: 500, returned: 200, owed: 100, written_off: 50, kept: 2150, disputed: 300 });
  const sum = rows.filter(({ field, weight }) => field === 'captured' || weight === 'part').reduce((all, row) => all + row.amount, 0);
  assert.equal(sum, rows.find(({ field }) => field === 'kept')?.amount);
  assert.deepEqual(rows.map(({ field }) => field), ['agreed', 'captured', 'refunded', 'returned', 'owed', 'written_off', 'kept', 'disputed']);
});

test('parts of nothing are left out', () => {
  assert.deepEqual(ledgerRows({ ...LEDGER, captured: 2500, kept: 2500 }).map(({ field }) => field), ['agreed', 'captured', 'kept']);
});
