// Money as the API has it, an integer in minor units with an ISO 4217 code, and as people read and write it.
import { reader } from './reader.ts';

// Intl's decimal places are those of daily use, which for some currencies are not those of ISO 4217. Tied to the API's
// own table by tests/unit/test_desk_currencies.py.
const NO_PLACES = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const THREE_PLACES = 'BHD IQD JOD KWD LYD OMR TND';

const PLACES: ReadonlyMap<string, number> = new Map([
  ...NO_PLACES.split(' ').map((code) => [code, 0] as const),
  ...THREE_PLACES.split(' ').map((code) => [code, 3] as const),
]);

/** How many decimal places the currency's minor unit has. */
export const placesOf = (currency: string): number => PLACES.get(currency) ?? 2;

/** The sum in the reader's manner, with its currency: `12.50 EUR` is `€12.50` to an English reader. */
export function moneyText(amount: number | bigint, currency: string, locale: string = reader().locale): string {
  const places = placesOf(currency);
  const form = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
  return form.format(decimalText(amount, currency) as Intl.StringNumericLiteral);
}

/** The sum as a form field shows it: with the reader's decimal sign, so that `minorUnits` reads the same sum. */
export function fieldText(amount: number, currency: string, locale: string = reader().locale): string {
  return decimalText(amount, currency).replace('.', decimalSignOf(locale));
}

/** The sum as plain decimal digits, with a point and without grouping: `-1250` in EUR is `-12.50`. */
export function decimalText(amount: number | bigint, currency: string): string {
  const places = placesOf(currency);
  const digits = String(amount < 0 ? -amount : amount).padStart(places + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/**
 * The minor units that a person wrote; null for what is no sum, or has more decimal places than the currency.
 * The decimal sign is the reader's own; the other one of `.` and `,` groups digits, and is the decimal sign where it can
 * be nothing else, as in `12.5` and `0.500`.
 */
export function minorUnits(written: string, currency: string, locale: string = reader().locale): number | null {
  const plain = written.replace(/[\s\u00a0\u202f'’]/gu, '').replace(/^\u2212/u, '-');
  const decimal = decimalSignOf(locale);
  const own = plain.match(decimal === ',' ? /^(-?)(\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d+))?$/u : /^(-?)(\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?$/u);
  const found = own ?? plain.match(/^(-?)(0+(?=[.,])|\d+(?=[.,]\d{1,2}$))[.,](\d+)$/u);
  return found ? asInteger(found[1] ?? '', found[2] ?? '', found[3] ?? '', placesOf(currency)) : null;
}

function asInteger(sign: string, whole: string, fraction: string, places: number): number | null {
  if (fraction.length > places) {
    return null;
  }
  const value = Number(whole.replace(/[.,]/gu, '') + fraction.padEnd(places, '0'));
  return Number.isSafeInteger(value) ? (sign === '-' && value !== 0 ? -value : value) : null;
}

function decimalSignOf(locale: string): string {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return parts.find((part) => part.type === 'decimal')?.value === ',' ? ',' : '.';
}
