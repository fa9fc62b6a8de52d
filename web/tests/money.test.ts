import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalText, fieldText, minorUnits, moneyText, placesOf } from '../src/money.ts';

const plain = (written: string): string => written.replace(/\u00a0|\u202f/gu, ' ');

test('a sum has the decimal places of ISO 4217, not those of daily use', () => {
  assert.equal(placesOf('HUF'), 2);
  assert.equal(plain(moneyText(12345, 'HUF', 'en')), 'HUF 123.45');
  assert.equal(plain(moneyText(12345, 'JPY', 'en')), '¥12,345');
  assert.equal(plain(moneyText(12345, 'KWD', 'en')), 'KWD 12.345');
});

test('a sum is written in the reader\'s manner', () => {
  assert.equal(plain(moneyText(123456, 'EUR', 'de')), '1.234,56 €');
  assert.equal(moneyText(-1250, 'EUR', 'en'), '-€12.50');
});

test('the largest sum loses no digit', () => {
  assert.equal(moneyText(999_999_999_999_999, 'EUR', 'en'), '€9,999,999,999,999.99');
  assert.equal(moneyText(1_000_000_000_000_000, 'JPY', 'en'), '¥1,000,000,000,000,000');
});

test('a sum in plain digits has a point', () => {
  assert.equal(decimalText(5, 'EUR'), '0.05');
  assert.equal(decimalText(-1250, 'EUR'), '-12.50');
  assert.equal(decimalText(7, 'JPY'), '7');
});

test('a form field has the reader\'s decimal sign', () => {
  assert.equal(fieldText(12500, 'KWD', 'de'), '12,500');
  assert.equal(fieldText(12500, 'KWD', 'en'), '12.500');
  assert.equal(fieldText(-1250, 'EUR', 'de'), '-12,50');
});

test('what a person writes is read in their manner', () => {
  for (const [written, currency, locale, expected] of [
    ['12.50', 'EUR', 'en', 1250],
    ['12,50', 'EUR', 'de', 1250],
    ['1,234.56', 'EUR', 'en', 123456],
    ['1.234,56', 'EUR', 'de', 123456],
    ['1.234', 'EUR', 'de', 123400],
    ['1,234', 'EUR', 'en', 123400],
    ['1.234', 'KWD', 'en', 1234],
    ['12.5', 'EUR', 'de', 1250],
    ['1 234,5', 'EUR', 'de', 123450],
    ['0,500', 'KWD', 'en', 500],
    ['0.005', 'KWD', 'de', 5],
    ['-0,500', 'KWD', 'en', -500],
    ['7', 'JPY', 'en', 7],
    ['-3', 'EUR', 'en', -300],
    ['\u22123', 'EUR', 'en', -300],
  ] as const) {
    assert.equal(minorUnits(written, currency, locale), expected, `${written} ${currency} ${locale}`);
  }
});

test('what is no sum, or finer than the currency, is none', () => {
  for (const [written, currency] of [
    ['', 'EUR'],
    ['-', 'EUR'],
    ['12.345', 'EUR'],
    ['1.5', 'JPY'],
    ['12..5', 'EUR'],
    ['1,23,456', 'EUR'],
    ['0,500', 'EUR'],
    ['012,500', 'EUR'],
    ['12 EUR', 'EUR'],
    ['1e3', 'EUR'],
    ['99999999999999999', 'EUR'],
  ] as const) {
    assert.equal(minorUnits(written, currency, 'en'), null, written);
  }
});

test('what a form field shows is read as the same sum in any language', () => {
  for (const locale of ['en', 'en-ZA', 'de', 'de-CH', 'sv']) {
    for (const currency of ['EUR', 'JPY', 'KWD']) {
      for (const amount of [0, 1, 10, 1005, 12500, 123456, 100_000_000, -12500]) {
        const shown = fieldText(amount, currency, locale);
        assert.equal(minorUnits(shown, currency, locale), amount, `${shown} ${locale}`);
      }
    }
  }
});
