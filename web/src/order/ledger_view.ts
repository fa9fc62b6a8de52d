// The money of an order as a table adds it up: what came, where it went, what is left.
import type { Ledger } from '../api.ts';

export type LedgerField = keyof Ledger;

/** A row of the table; `amount` in minor units, negative for what left. `weight`: a sum, a part, or a remark on one. */
export interface LedgerRow {
  readonly field: LedgerField;
  readonly amount: number;
  readonly weight: 'sum' | 'part' | 'remark';
}

const PARTS = ['refunded', 'returned', 'owed', 'written_off'] as const;

/** The rows, from what was agreed to what the shop keeps; parts of 0 are left out. What was captured and the parts add up to what is kept. */
export function ledgerRows(ledger: Ledger): readonly LedgerRow[] {
  const parts = PARTS.filter((field) => ledger[field] !== 0);
  return [
    { field: 'agreed', amount: ledger.agreed, weight: 'remark' },
    { field: 'captured', amount: ledger.captured, weight: 'sum' },
    ...parts.map((field) => ({ field, amount: -ledger[field], weight: 'part' }) as const),
    { field: 'kept', amount: ledger.kept, weight: 'sum' },
    ...(ledger.disputed === 0 ? [] : [{ field: 'disputed', amount: ledger.disputed, weight: 'remark' } as const]),
  ];
}
