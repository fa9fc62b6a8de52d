// Who reads: the language of the texts, and the locale in which numbers and times are written.

/** `language` is one that the desk has texts in; `locale` a BCP 47 tag, the reader's own variety of it where known. */
export interface Reader {
  readonly language: string;
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
}

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'yi', 'ps', 'sd', 'ug', 'ckb', 'dv']);

let current: Reader = { language: 'en', locale: 'en', direction: 'ltr' };

/** The reader of this page. */
export const reader = (): Reader => current;

/** Make this the reader of the page. */
export function setReader(chosen: Reader): void {
  current = chosen;
}

/** The first of the reader's languages that there are texts in, else English. */
export function chooseReader(wanted: readonly string[], available: readonly string[]): Reader {
  for (const tag of wanted.flatMap(tagOf)) {
    const language = tag.split('-')[0]?.toLowerCase() ?? '';
    if (available.includes(language)) {
      return { language, locale: tag, direction: RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr' };
    }
  }
  return { language: 'en', locale: 'en', direction: 'ltr' };
}

// Some browsers give the system's name of a language, as `en-US@posix`, which is no tag: `Intl` raises an error for it.
function tagOf(name: string): readonly string[] {
  try {
    return Intl.getCanonicalLocales(name.replace(/@.*/u, ''));
  } catch {
    return [];
  }
}
