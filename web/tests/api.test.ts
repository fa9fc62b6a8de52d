import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api, type TokenSource } from '../src/api.ts';
import { Intents } from '../src/intents.ts';
import { Problem } from '../src/problem.ts';

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

const ORDER = '0123456789ABCDEF';
const problem = (status: number, members: object, headers: Record<string, string> = {}): Response =>
  Response.json(members, { status, headers });

/** An API whose server gives these answers in turn; an `Error` is no answer. */
function apiWith(answers: (Response | Error)[], tokens: TokenSource = fixedTokens()) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const fetch = (url: string, request: RequestInit): Promise<Response> => {
    sent.push({ url, method: request.method ?? '', headers: request.headers as Record<string, string>, body: request.body });
    const answer = answers.shift() ?? new Error('no more answers');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const wait = (seconds: number): Promise<void> => (waits.push(seconds), Promise.resolve());
  return { api: new Api({ url: 'https://api.example', tokens, fetch, wait }), sent, waits };
}

const fixedTokens = (): TokenSource => ({ token: async () => 'first', renew: async () => 'second' });

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error;
  }
  throw new Error('the call succeeded');
}

test('a call has path, query, token and no cookie, and its answer keeps the ETag', async () => {
  const { api, sent } = apiWith([Response.json({ orders: [] }, { headers: { etag: '"3.7"' } })]);
  const answer = await api.get('/orders', { query: { seller_id: 'a b', status: 'paid' } });
  assert.equal(sent[0]?.url, 'https://api.example/orders?seller_id=a+b&status=paid');
  assert.equal(sent[0]?.headers['authorization'], 'Bearer first');
  assert.equal(answer.etag, '"3.7"');
});

test('a path\'s values cannot leave their place', async () => {
  const { api, sent } = apiWith([Response.json({})]);
  await api.get('/orders/{order_id}', { path: { order_id: '../x?y' } });
  assert.equal(sent[0]?.url, 'https://api.example/orders/..%2Fx%3Fy');
});

test('an edit is a merge patch of the revision that was read', async () => {
  const { api, sent } = apiWith([Response.json({})]);
  await api.patch('/orders/{order_id}', { path: { order_id: ORDER }, body: { note: null }, match: '"3.7"' });
  assert.equal(sent[0]?.method, 'PATCH');
  assert.equal(sent[0]?.headers['content-type'], 'application/merge-patch+json');
  assert.equal(sent[0]?.headers['if-match'], '"3.7"');
  assert.equal(sent[0]?.body, '{"note":null}');
});

test('no answer is repeated with the same key and body after 1, 2 and 4 seconds', async () => {
  const lost = new TypeError('connection lost');
  const { api, sent, waits } = apiWith([lost, lost, lost, Response.json({ refund_id: 'r' }, { status: 201 })]);
  const answer = await api.post('/orders/{order_id}/refunds', { path: { order_id: ORDER }, body: { reason: 'x' }, key: 'k' });
  assert.equal(answer.status, 201);
  assert.deepEqual(waits, [1, 2, 4]);
  assert.deepEqual(new Set(sent.map((one) => `${one.headers['idempotency-key']} ${one.body}`)), new Set(['k {"reason":"x"}']));
});

test('an answer that breaks off is repeated', async () => {
  const broken = new Response(new ReadableStream({ start: (stream) => stream.error(new Error('broken')) }));
  const { api, sent } = apiWith([broken, Response.json({})]);
  await api.get('/orders/{order_id}', { path: { order_id: ORDER } });
  assert.equal(sent.length, 2);
});

test('a 503 is repeated after its Retry-After', async () => {
  const { api, waits } = apiWith([problem(503, { code: 'try-again' }, { 'retry-after': '3' }), Response.json({})]);
  await api.post('/orders/{order_id}/cancellation', { path: { order_id: ORDER } });
  assert.deepEqual(waits, [3]);
});

test('a longer wait is for the user to decide', async () => {
  const { api, sent } = apiWith([problem(503, { code: 'gateway-unavailable' }, { 'retry-after': '60' })]);
  const refused = await problemOf(api.post('/orders/{order_id}/cancellation', { path: { order_id: ORDER } }));
  assert.equal(refused.retryAfter, 60);
  assert.ok(refused.outcomeUnknown && refused.passes);
  assert.equal(sent.length, 1);
});

test('no answer at all is a problem after four tries', async () => {
  const { api, sent } = apiWith([]);
  const refused = await problemOf(api.get('/operations/attention'));
  assert.equal(refused.code, 'no-answer');
  assert.equal(sent.length, 4);
});

for (const status of [400, 403, 404, 409, 412, 422, 429, 502, 507]) {
  test(`a ${status} is not repeated`, async () => {
    const { api, sent } = apiWith([problem(status, { code: 'some-code', title: 'No', detail: 'Because.' })]);
    const refused = await problemOf(api.get('/operations/attention'));
    assert.deepEqual([refused.status, refused.code, refused.title, refused.detail], [status, 'some-code', 'No', 'Because.']);
    assert.equal(sent.length, 1);
  });
}

test('a problem has its field errors and its own members', async () => {
  const errors = [{ field: 'amount', problem: 'must be 1 or more' }];
  const { api } = apiWith([problem(400, { code: 'invalid-request', errors, left: 12 })]);
  const refused = await problemOf(api.get('/operations/attention'));
  assert.deepEqual(refused.errors, errors);
  assert.equal(refused.members['left'], 12);
});

test('an answer of API Gateway itself has a code by its status', async () => {
  const { api } = apiWith([problem(429, { message: 'Too Many Requests' })]);
  const refused = await problemOf(api.get('/operations/attention'));
  assert.deepEqual([refused.code, refused.title, refused.outcomeUnknown], ['throttled', 'Too Many Requests', false]);
});

test('one 401 is answered by another token', async () => {
  const { api, sent } = apiWith([problem(401, { message: 'Unauthorized' }), Response.json({})]);
  await api.get('/operations/attention');
  assert.deepEqual(sent.map((one) => one.headers['authorization']), ['Bearer first', 'Bearer second']);
});

test('a second 401 is for the user', async () => {
  const { api, sent } = apiWith([problem(401, { message: 'Unauthorized' }), problem(401, { message: 'Unauthorized' })]);
  assert.equal((await problemOf(api.get('/operations/attention'))).code, 'unauthorized');
  assert.equal(sent.length, 2);
});

test('a call that its caller ended is not repeated', async () => {
  const ended = AbortSignal.abort();
  const { api, sent } = apiWith([new DOMException('ended', 'AbortError')]);
  assert.equal((await problemOf(api.get('/operations/attention', { signal: ended }))).code, 'aborted');
  assert.equal(sent.length, 1);
});

test('an action keeps its key until it has an outcome', () => {
  let made = 0;
  const intents = new Intents(() => `key-${(made += 1)}`);
  assert.equal(intents.keyFor('refund:A', { amount: 5 }), 'key-1');
  assert.equal(intents.keyFor('refund:A', { amount: 5 }), 'key-1');
  assert.equal(intents.keyFor('refund:B', { amount: 5 }), 'key-2');
  intents.finished('refund:A', { amount: 5 });
  assert.equal(intents.keyFor('refund:A', { amount: 5 }), 'key-3');
});

test('other content is another action', () => {
  let made = 0;
  const intents = new Intents(() => `key-${(made += 1)}`);
  intents.keyFor('refund:A', { amount: 5 });
  assert.equal(intents.keyFor('refund:A', { amount: 6 }), 'key-2');
});

test('an action without an outcome has its key again after another one was tried, or had its own', () => {
  let made = 0;
  const intents = new Intents(() => `key-${(made += 1)}`);
  intents.keyFor('refund:A', { amount: 5 });
  intents.keyFor('refund:A', { amount: 6 });
  intents.finished('refund:A', { amount: 6 });
  assert.equal(intents.keyFor('refund:A', { amount: 5 }), 'key-1');
});

test('a proxy that got no answer leaves the outcome open, a gateway\'s refusal does not', async () => {
  const proxy = new Response('<html>Bad Gateway</html>', { status: 502 });
  const { api, sent } = apiWith([proxy, problem(502, { code: 'gateway-refused' })]);
  const found = await problemOf(api.post('/orders/{order_id}/refunds', { path: { order_id: ORDER }, body: { reason: 'x' }, key: 'k' }));
  assert.deepEqual([found.code, found.outcomeUnknown, sent.length], ['gateway-refused', false, 2]);
});

test('what a firewall or a proxy answers in place of the API is read as far as it has the form', async () => {
  const errors = [null, 'no', { field: 'note', problem: 'is too long' }];
  const { api } = apiWith([problem(400, { title: ['x'], errors }, { 'retry-after': '-3' })]);
  const found = await problemOf(api.get('/orders/{order_id}', { path: { order_id: ORDER } }));
  assert.deepEqual(found.errors, [{ field: 'note', problem: 'is too long' }]);
  assert.deepEqual([found.title, found.retryAfter], ['', null]);
});
