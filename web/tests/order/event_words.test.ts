import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { actorText, eventDetails, eventTitle } from '../../src/order/event_words.ts';
import { hasText } from '../../src/texts/index.ts';
import { event } from './sample_orders.ts';

test('each type of event, actor and word of the API has a text', () => {
  const { components } = JSON.parse(readFileSync('../../functions/orders/openapi.json', 'utf8')) as { components: { schemas: Schemas } };
  const { Event, Refund, UnappliedPayment, Dispute, Line } = components.schemas;
  const enumOf = (schema: Schema | undefined, name: string): string[] => wordsOf(components.schemas, schema, name);
  const words = [
    ...enumOf(Event, 'type').map((word) => `event_${word}`),
    ...enumOf(Event, 'actor').map((word) => `actor_${word}`),
    ...[...enumOf(Refund, 'status'), ...enumOf(UnappliedPayment, 'status')].map((word) => `refund_${word}`),
    ...enumOf(Dispute, 'status').map((word) => `dispute_${word}`),
    ...enumOf(Line, 'kind').map((word) => `kind_${word}`),
  ];
  assert.deepEqual(words.filter((key) => !hasText(key)), []);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: string[];
  readonly $ref?: string;
}
type Schemas = Readonly<Record<string, Schema>>;

/** The words of a field, which may be a schema of their own; a word that no text has, where there are none. */
function wordsOf(schemas: Schemas, schema: Schema | undefined, name: string): string[] {
  const found = schema?.properties?.[name];
  const named = schemas[found?.$ref?.split('/').at(-1) ?? ''];
  return (named ?? found)?.enum ?? [`no words of ${name}`];
}

test('an event has its money, reason and times in words', () => {
  const paid = event(4, 'OrderPaid', { detail: { payment_id: 'p', amount: 2500, currency: 'EUR', late: 1 } });
  assert.equal(eventTitle(paid), 'Order paid');
  assert.deepEqual(eventDetails(paid, 'EUR'), ['€25.00', 'The money came after its payment had ended.']);
  const unlocked = event(5, 'OrderUnlocked', { detail: { reason: 'timed_out', cause: 'card_declined' } });
  assert.deepEqual(eventDetails(unlocked, 'EUR'), ['Because: its time was over', 'Cause: card_declined']);
});

test('money that went back in another way is the total that went back, not the payment', () => {
  const returned = event(9, 'MoneyReturned', { detail: { amount: 2500, currency: 'EUR', returned: 1000 } });
  assert.deepEqual(eventDetails(returned, 'EUR'), ['€10.00 went back by now']);
});

test('a reason that a person wrote stands as they wrote it', () => {
  const refund = event(6, 'RefundDue', { detail: { amount: 100, currency: 'EUR', reason: 'One packet came back.' } });
  assert.deepEqual(eventDetails(refund, 'EUR').at(-1), 'Because: One packet came back.');
});

test('an edit has its lines, the total before and after, and the names of other fields', () => {
  const edited = event(2, 'OrderEdited', {
    changes: {
      lines: {
        added: [{ sku: 'cup', name: 'Cup', quantity: 1, unit_price: 500 }],
        changed: [{ sku: 'tea', quantity: { from: 2, to: 3 }, unit_price: { from: 1250, to: 1000 } }],
      },
      total: { from: 2500, to: 3500 },
      fields: ['note'],
    },
  });
  assert.deepEqual(eventDetails(edited, 'EUR'), [
    'added: Cup, 1 × €5.00',
    'tea: Quantity 2 → 3; Price of one in EUR €12.50 → €10.00',
    'Total €25.00 → €35.00',
    'Changed: Note',
  ]);
});

test('who did it is named by their part, a gateway by its name, and the viewer as you', () => {
  assert.equal(actorText(event(1, 'OrderPaid', { actor: 'gateway', actor_id: 'stripe' }), 'me'), 'stripe');
  assert.equal(actorText(event(1, 'OrderPaid', { actor: 'operator', actor_id: 'me' }), 'me'), 'you');
  assert.equal(actorText(event(1, 'OrderPaid', { actor: 'operator', actor_id: 'another' }), 'me'), 'an operator');
});
