/** What the visitor chose: by the address, by cookies, by the browser's language. */

import type { Preferences } from '../../web/app/page.ts';
import { pickLanguage } from './negotiation.ts';

const CHOICES = {
  lang: ['vi', 'en'],
  theme: ['light', 'dark', 'system'],
  colours: ['green-red', 'blue-orange'],
} as const;

type Choice = keyof typeof CHOICES;

/** Cookies that are looked at; ours are three. */
const MAX_COOKIES = 64;

/**
 * Reads the preferences of a request. The query wins over cookies and sets none; a value that is not exactly one of
 * the known ones counts as none.
 * @param query raw, with or without its question mark
 */
export function readPreferences(headers: Headers, query: string): Preferences {
  const parameters = new URLSearchParams(query);
  const cookies = readCookies(headers.get('cookie'));
  const chosen = <C extends Choice>(choice: C) =>
    known(choice, parameters.get(choice)) ?? known(choice, cookies.get(choice));
  return {
    language: chosen('lang') ?? pickLanguage(headers.get('accept-language')),
    theme: chosen('theme') ?? 'system',
    colours: chosen('colours') ?? 'green-red',
  };
}

const known = <C extends Choice>(choice: C, value: string | null | undefined) => {
  const values: readonly (typeof CHOICES)[C][number][] = CHOICES[choice];
  return values.find((candidate) => candidate === value) ?? null;
};

/** The first of several cookies of one name counts: it has the more specific path. */
function readCookies(header: string | null): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';', MAX_COOKIES)) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}
