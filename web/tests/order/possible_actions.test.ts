// What the desk offers is what the API does: the cases are printed from the API's code by `python -m tests.desk_actions`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Order } from '../../src/api.ts';
import { possibleActions, type Action } from '../../src/order/possible_actions.ts';
import type { Role } from '../../src/caller.ts';
import { lockedOrder, paidOrder, viewer } from './sample_orders.ts';

interface Case {
  readonly state: string;
  readonly order: Order;
  readonly callers: readonly { caller: string; subject: string; roles: Role[]; four_eyes: boolean; actions: string[] }[];
}

const CASES = JSON.parse(readFileSync('../tests/order/actions.json', 'utf8')) as Case[];

function namesOf(action: Action): string[] {
  switch (action.kind) {
    case 'recheck':
      return [`recheck ${action.attemptId}`];
    case 'write_off':
      return [`write_off ${action.refund.refundId}`];
    case 'resolve':
      return action.settles ? ['resolve refund', 'resolve settle'] : ['resolve refund'];
    default:
      return [action.kind];
  }
}

for (const { state, order, callers } of CASES) {
  test(`an order that is ${state} offers each caller exactly what the API does for them`, () => {
    for (const { caller, subject, roles, four_eyes: fourEyes, actions } of callers) {
      const offered = possibleActions(order, { subject, roles: new Set(roles) }, { fourEyes });
      assert.deepEqual(offered.flatMap(namesOf).sort(), actions, `${caller}, four eyes: ${fourEyes}`);
    }
  });
}

test('who may not read an order is offered nothing', () => {
  for (const stranger of [viewer('seller-2', 'seller'), viewer('seller-1', 'buyer'), viewer('buyer-1', 'seller')]) {
    assert.deepEqual(possibleActions(lockedOrder('in_payment'), stranger, { fourEyes: true }), []);
  }
});

test('what is left of a payment is what neither went back nor is to go back', () => {
  const refund = { refund_id: 'r', amount: 700, currency: 'EUR', status: 'refused', reason: 'x', requested_at: '' } as const;
  const order = paidOrder({ refunded: 1000, refunds: [refund] }, { returned: 1000 });
  const [offered] = possibleActions(order, viewer('seller-1', 'seller'), { fourEyes: true });
  assert.deepEqual(offered, { kind: 'refund', left: 800, currency: 'EUR', byHand: false });
});

test('after twenty refunds none is offered', () => {
  const refund = { refund_id: 'r', amount: 1, currency: 'EUR', status: 'refunded', reason: 'x', requested_at: '' } as const;
  const order = paidOrder({ refunded: 20, refunds: Array.from({ length: 20 }, () => refund) });
  const kinds = possibleActions(order, viewer('seller-1', 'seller'), { fourEyes: true }).map(({ kind }) => kind);
  assert.equal(kinds.includes('refund'), false);
});
