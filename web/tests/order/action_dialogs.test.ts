import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Desk } from '../../src/desk.ts';
import { Intents } from '../../src/intents.ts';
import { dialogOf, type Asked, type Outcome } from '../../src/order/action_dialogs.ts';
import { Problem } from '../../src/problem.ts';
import { ATTEMPT, lockedOrder, paidOrder, sampleOrder } from './sample_orders.ts';
import type { Order } from '../../src/api.ts';

interface Sent {
  readonly path: string;
  readonly call: { readonly path?: object; readonly body?: object; readonly key?: string };
}

/** A desk whose API records what is sent, and answers in turn; an error is raised. */
function deskWith(...answers: unknown[]): { readonly desk: Desk; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  let key = 0;
  const post = (path: string, call: Sent['call']): Promise<unknown> => {
    sent.push({ path, call });
    const answer = answers.shift() ?? { data: sampleOrder(), status: 200, etag: null };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const desk = { api: { post }, intents: new Intents(() => `key-${(key += 1)}`) } as unknown as Desk;
  return { desk, sent };
}

function form(values: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  Object.entries(values).forEach(([name, value]) => data.set(name, value));
  return data;
}

const act = (action: Asked, order: Order, desk: Desk, values: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  dialogOf(action, order, desk).act(form(values));

const REFUND: Asked = { kind: 'refund', left: 2500, currency: 'EUR', byHand: false };

test('a refund that is sent again after no answer has the same key, and the next refund another', async () => {
  const { desk, sent } = deskWith(new Problem(0, {}));
  const values = { amount: '12.50', reason: 'Broken' };
  await assert.rejects(act(REFUND, paidOrder(), desk, values));
  await act(REFUND, paidOrder(), desk, values);
  await act(REFUND, paidOrder(), desk, values);
  assert.deepEqual(sent.map(({ call }) => call.key), ['key-1', 'key-1', 'key-2']);
  assert.deepEqual(sent[0]?.call.body, { amount: 1250, reason: 'Broken' });
});

test('another amount is another refund, and has another key', async () => {
  const { desk, sent } = deskWith(new Problem(0, {}));
  await assert.rejects(act(REFUND, paidOrder(), desk, { amount: '12.50', reason: 'Broken' }));
  await act(REFUND, paidOrder(), desk, { amount: '10', reason: 'Broken' });
  assert.deepEqual(sent.map(({ call }) => call.key), ['key-1', 'key-2']);
});

test('an amount that is no sum, nothing, or more than is left is refused at its field, and nothing is sent', async () => {
  for (const amount of ['', 'all', '0', '-1', '25.01', '1.234']) {
    const { desk, sent } = deskWith();
    const refused: unknown = await act(REFUND, paidOrder(), desk, { amount, reason: 'Broken' }).catch((error: unknown) => error);
    assert.ok(refused instanceof Problem, amount);
    assert.deepEqual(refused.errors.map(({ field }) => field), ['amount'], amount);
    assert.equal(sent.length, 0, amount);
  }
});

test('an order is declared as paid with its own total', async () => {
  const { desk, sent } = deskWith();
  await act({ kind: 'settle', amount: 2500, currency: 'EUR' }, sampleOrder(), desk, { method: 'cash', note: ' Receipt 4711. ' });
  assert.deepEqual(sent[0]?.call.body, { method: 'cash', amount: 2500, note: 'Receipt 4711.' });
});

test('a review is decided as the operator chose', async () => {
  for (const action of ['settle', 'refund'] as const) {
    const { desk, sent } = deskWith();
    await act({ kind: 'resolve', attemptId: ATTEMPT, settles: true, refunds: 2000 }, lockedOrder('review'), desk, { action, reason: 'Agreed.' });
    assert.deepEqual(sent[0]?.call.body, { action, reason: 'Agreed.' });
  }
});

test('a stopped payment that its gateway has not confirmed is not said to be stopped', async () => {
  const stop: Asked = { kind: 'stop', attemptId: ATTEMPT };
  const { desk } = deskWith({ data: lockedOrder('releasing'), status: 202, etag: null }, { data: sampleOrder(), status: 200, etag: null });
  const [waits, done] = [await act(stop, lockedOrder('in_payment'), desk), await act(stop, lockedOrder('in_payment'), desk)];
  assert.notEqual(waits.words, done.words);
  assert.equal(waits.order?.payment_status, 'releasing');
});

test('a payment link is renewed only where that is asked for', async () => {
  const answer = { data: { url: 'https://pages.example/pay/1' }, status: 200, etag: null };
  const { desk, sent } = deskWith(answer, answer, answer);
  const shown = await act({ kind: 'pay_link' }, sampleOrder(), desk, { return_url: '' });
  await act({ kind: 'pay_link' }, sampleOrder(), desk, { return_url: 'https://shop.example/' });
  await act({ kind: 'renew_link' }, sampleOrder(), desk);
  assert.equal(shown.link, 'https://pages.example/pay/1');
  assert.deepEqual(sent.map(({ call }) => call.body), [{}, { return_url: 'https://shop.example/' }, { renew: true }]);
});

test('each dialog says what is done, in words without a gap', () => {
  const { desk } = deskWith();
  const refund = { refundId: 'r', amount: 500, currency: 'EUR', status: 'refused' } as const;
  const asked: Asked[] = [
    REFUND,
    { ...REFUND, byHand: true },
    { kind: 'stop', attemptId: ATTEMPT },
    { kind: 'recheck', attemptId: ATTEMPT, gateway: null },
    { kind: 'settle', amount: 2500, currency: 'EUR' },
    { kind: 'resolve', attemptId: ATTEMPT, settles: false, refunds: 0 },
    { kind: 'write_off', refund },
    { kind: 'release', attemptId: ATTEMPT, gateway: 'stripe' },
    { kind: 'pay_link' },
    { kind: 'renew_link' },
    { kind: 'cancel' },
  ];
  for (const action of asked) {
    const { heading, confirm, lead } = dialogOf(action, paidOrder(), desk);
    assert.match(`${heading} ${confirm} ${String(lead)}`, /^[^{}]+$/u, action.kind);
  }
});
