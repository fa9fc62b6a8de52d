import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseReader, setReader } from '../src/reader.ts';
import { de } from '../src/texts/de.ts';
import { en } from '../src/texts/en.ts';
import { countText, text, wordText } from '../src/texts/index.ts';

const names = (words: string): string[] => [...words.matchAll(/\{(\w+)\}/gu)].map((found) => found[1] ?? '').sort();

test('every language has the same values in its texts', () => {
  for (const [key, words] of Object.entries(en)) {
    assert.deepEqual(names(de[key as keyof typeof en]), names(words), key);
  }
});

test('the reader\'s first language that there are texts in is taken, in their variety of it', () => {
  assert.deepEqual(chooseReader(['fr-FR', 'de-AT', 'en'], ['en', 'de']), { language: 'de', locale: 'de-AT', direction: 'ltr' });
  assert.equal(chooseReader(['fr'], ['en', 'de']).language, 'en');
  assert.equal(chooseReader(['ar-EG'], ['ar']).direction, 'rtl');
  assert.equal(chooseReader(['C', 'de_DE', 'de-AT@posix'], ['en', 'de']).locale, 'de-AT');
});

test('a sentence that begins with a gateway begins with a capital letter', () => {
  const why = text('cause_refund_refused_why', { gateway: text('the_gateway') });
  assert.ok(why.startsWith('The gateway refused a refund'), why);
  const lead = text('action_refund_lead', { left: '€5.00', gateway: 'sandbox' });
  assert.ok(lead.startsWith('At most €5.00 can go back to the payer. Sandbox is asked'), lead);
  assert.equal(text('action_recheck', { gateway: 'sandbox' }), 'Ask sandbox');
});

test('a text has the values that it is given, and no markup of its own', () => {
  setReader({ language: 'de', locale: 'de', direction: 'ltr' });
  try {
    assert.equal(text('signed_in_as', { roles: '<b>{x}</b>' }), 'Angemeldet als <b>{x}</b>');
    assert.equal(countText('list_count', 1), '1 Bestellung');
    assert.equal(countText('list_count', 1200), '1.200 Bestellungen');
  } finally {
    setReader({ language: 'en', locale: 'en', direction: 'ltr' });
  }
});

test('a word of a newer API is shown as it is', () => {
  assert.equal(wordText('status_', 'paid'), 'Paid');
  assert.equal(wordText('status_', 'half_paid'), 'half paid');
});

test('a text from right to left is set apart from what stands beside it, another one is as it was written', () => {
  assert.equal(text('order_title', { reference: 'שלום 7' }), 'Order \u2068שלום 7\u2069');
  assert.equal(text('order_title', { reference: '\u200f7' }), 'Order \u2068\u200f7\u2069');
  for (const reference of ['2026-7', 'Ελλάδα', '注文', '☕']) {
    assert.equal(text('order_title', { reference }), `Order ${reference}`);
  }
});
