// The desk's texts by key. English names the keys; the type of another language misses none.
import { reader } from '../reader.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
type Stem<K> = K extends `${infer S}_other` ? S : never;
/** A text with a form for each number: its keys are `<stem>_one`, `<stem>_other`. */
export type CountedKey = Stem<TextKey>;

const TEXTS: Readonly<Record<string, Texts>> = { en, de };

/** The languages that there are texts in. */
export const languages: readonly string[] = Object.keys(TEXTS);

/** The text in the reader's language, with `{name}` replaced by the value of that name. */
export function text(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const found = (TEXTS[reader().language] ?? en)[key];
  return found.replace(/\{(\w+)\}/gu, (braces, name: string, at: number) => {
    const value = isolated(String(values[name] ?? braces));
    // The API writes a gateway's name small, also where a sentence begins with it.
    return name === 'gateway' && BEGINS_A_SENTENCE.test(found.slice(0, at)) ? value.charAt(0).toUpperCase() + value.slice(1) : value;
  });
}

/** A text that people wrote, to stand beside others: written from right to left, it turns no number around beside it. */
export const isolated = (written: string): string => (RIGHT_TO_LEFT.test(written) ? `\u2068${written}\u2069` : written);

const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const BEGINS_A_SENTENCE = /^$|[.?!] $/u;

/** The text for so many; `{count}` is the number in the reader's manner. */
export function countText(stem: CountedKey, count: number): string {
  const form = new Intl.PluralRules(reader().locale).select(count) === 'one' ? 'one' : 'other';
  return text(`${stem}_${form}` as TextKey, { count: new Intl.NumberFormat(reader().locale).format(count) });
}

/** Whether a word of the API has a text: a newer API may have words that this desk does not. */
export const hasText = (key: string): key is TextKey => Object.hasOwn(en, key);

/** The text of a word of the API, such as `status_` and `paid`; the word itself where there is none. */
export function wordText(prefix: string, word: string): string {
  const key = `${prefix}${word}`;
  return hasText(key) ? text(key) : word.replaceAll('_', ' ');
}
