import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Api, OrderEvent } from '../../src/api.ts';
import { OrderReader, versionOf } from '../../src/order/order_reader.ts';
import { event, sampleOrder } from './sample_orders.ts';

const signal = new AbortController().signal;

interface Shop {
  readonly version: number;
  readonly events: OrderEvent[];
  readonly erasedAt?: string;
}

/** An API with an order of that version and those events, two on a page. */
function apiOf(shop: Shop): { readonly api: Api; readonly asked: string[] } {
  const asked: string[] = [];
  const get = (path: string, call: { query?: { after: number } }): Promise<unknown> => {
    const after = call.query?.after ?? 0;
    asked.push(path.endsWith('history') ? `history ${after}` : 'order');
    const left = shop.events.filter(({ seq }) => seq > after);
    const page = { events: left.slice(0, 2), next_after: left.length > 2 ? (left[1]?.seq ?? null) : null };
    const data = path.endsWith('history') ? page : sampleOrder({ erased_at: shop.erasedAt ?? null });
    return Promise.resolve({ data, status: 200, etag: `"1.${shop.version}"` });
  };
  return { api: { get } as unknown as Api, asked };
}

test('the whole history is read once, page by page, and afterwards only what is new', async () => {
  const shop = { version: 3, events: [event(1, 'OrderCreated'), event(2, 'OrderLocked'), event(3, 'PaymentOpened')] };
  const { api, asked } = apiOf(shop);
  const reader = new OrderReader(api, 'D7KY3NPF3FM5GY6V');
  await reader.read(signal);
  await reader.read(signal);
  shop.version = 4;
  shop.events.push(event(4, 'OrderPaid'));
  await reader.read(signal);
  assert.deepEqual(asked, ['order', 'history 0', 'history 2', 'order', 'order', 'history 3']);
  assert.deepEqual(reader.events.map(({ seq }) => seq), [1, 2, 3, 4]);
});

test('an event that appears a moment after its change is asked for again', async () => {
  const shop = { version: 2, events: [event(1, 'OrderCreated')] };
  const { api, asked } = apiOf(shop);
  const reader = new OrderReader(api, 'D7KY3NPF3FM5GY6V');
  await reader.read(signal);
  shop.events.push(event(2, 'OrderLocked'));
  await reader.read(signal);
  assert.deepEqual(reader.events.map(({ seq }) => seq), [1, 2]);
  assert.equal(asked.filter((call) => call.startsWith('history')).length, 2);
});

test('texts that an erasure took out of the history are shown no more, also those that it took out a moment later', async () => {
  const written: OrderEvent = { ...event(1, 'OrderCreated'), detail: { note: 'Ada came by' } };
  const shop: Shop = { version: 1, events: [written] };
  const { api, asked } = apiOf(shop);
  const reader = new OrderReader(api, 'D7KY3NPF3FM5GY6V');
  await reader.read(signal);
  Object.assign(shop, { version: 2, erasedAt: '2026-11-27T12:00:00.000Z', events: [written, event(2, 'PersonalDataErased')] });
  await reader.read(signal);
  shop.events[0] = { ...written, detail: { note: 'erased' } };
  await reader.read(signal);
  assert.deepEqual(reader.events.map(({ detail }) => detail?.note), ['erased', undefined]);
  await reader.read(signal);
  assert.equal(asked.at(-1), 'order', 'from then on only what is new');
});

test('the version of an ETag is its second part', () => {
  assert.deepEqual([versionOf('"2.7"'), versionOf('W/"2.7"'), versionOf(null), versionOf('"2"')], [7, 7, null, null]);
});
