/** From a key to a sentence. */

import { en, type Key } from './en.ts';
import type { Language } from './language.ts';
import { vi } from './vi.ts';

/** The sentence of a key, its placeholders filled in. One that is given no value stays as it is written. */
export type Translate = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

const DICTIONARIES = { vi, en } as const satisfies Record<Language, Record<Key, string>>;

const PLACEHOLDER = /\{(\w+)\}/g;

/**
 * The sentences of one language. Every placeholder is filled in one pass over the dictionary's own text, so that a
 * value which looks like a placeholder stays what it is.
 */
export function translator(language: Language): Translate {
  const dictionary: Record<Key, string> = DICTIONARIES[language];
  return (key, values) => {
    const text = dictionary[key];
    if (!values) return text;
    return text.replace(PLACEHOLDER, (written, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : written,
    );
  };
}
