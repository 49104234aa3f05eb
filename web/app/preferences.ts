/** What a visitor chose: cookies that the server reads, so that the first paint is right. */

import { LANGUAGES, type Language } from '../i18n/index.ts';
import type { Colours, Preferences, Theme } from './page.ts';

const THEMES = ['light', 'dark', 'system'] as const satisfies readonly Theme[];
const COLOURS = ['green-red', 'blue-orange'] as const satisfies readonly Colours[];

/** A year: a choice is made once. */
const COOKIE_MAX_AGE_S = 365 * 24 * 3600;
/** A header this long is not read; browsers send 4 kB per cookie at most, and these three need 60 bytes. */
const MAX_HEADER_LENGTH = 16_384;

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | null =>
  known.find((one) => one === value) ?? null;

function cookiesOf(header: string | null): Map<string, string> {
  const cookies = new Map<string, string>();
  if (header === null || header.length > MAX_HEADER_LENGTH) return cookies;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return cookies;
}

/**
 * The first known language by the visitor's own order; English when none is.
 * @param header `Accept-Language`, e.g. `vi-VN,vi;q=0.9,en;q=0.8`; `null` without one
 */
export function acceptedLanguage(header: string | null): Language {
  if (header === null || header.length > MAX_HEADER_LENGTH) return 'en';
  const ranked = header
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
      const quality = parameters
        .find((p) => p.trim().startsWith('q='))
        ?.trim()
        .slice(2);
      return {
        tag: tag.trim().split('-')[0],
        quality: quality === undefined ? 1 : Number(quality),
      };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of ranked) {
    const language = oneOf(LANGUAGES, tag);
    if (language !== null) return language;
  }
  return 'en';
}

/**
 * A request's preferences. Whatever is missing or unknown takes its default: the accepted language, the device's
 * theme, green and red.
 * @param cookieHeader `Cookie`; `null` without one
 * @param acceptLanguage `Accept-Language`; `null` without one
 */
export function readPreferences(
  cookieHeader: string | null,
  acceptLanguage: string | null,
): Preferences {
  const cookies = cookiesOf(cookieHeader);
  return {
    language: oneOf(LANGUAGES, cookies.get('lang')) ?? acceptedLanguage(acceptLanguage),
    theme: oneOf(THEMES, cookies.get('theme')) ?? 'system',
    colours: oneOf(COLOURS, cookies.get('colours')) ?? 'green-red',
  };
}

/** Whether the keys act; on unless the visitor switched them off. */
export const readShortcuts = (cookieHeader: string): boolean =>
  cookiesOf(cookieHeader).get('shortcuts') !== 'off';

const cookie = (name: string, value: string) =>
  `${name}=${value}; Path=/; Max-Age=${COOKIE_MAX_AGE_S}; SameSite=Lax`;

/** The cookies that keep a choice, each for `document.cookie`. */
export const preferenceCookies = ({ language, theme, colours }: Preferences): string[] => [
  cookie('lang', language),
  cookie('theme', theme),
  cookie('colours', colours),
];

/** The cookie that keeps whether the keys act. */
export const shortcutsCookie = (isOn: boolean): string => cookie('shortcuts', isOn ? 'on' : 'off');

/** A choice that came from another tab; `null` when it is none. */
export function parsePreferences(message: unknown): Preferences | null {
  if (typeof message !== 'object' || message === null) return null;
  const said: { language?: unknown; theme?: unknown; colours?: unknown } = message;
  const language = oneOf(LANGUAGES, said.language);
  const theme = oneOf(THEMES, said.theme);
  const colours = oneOf(COLOURS, said.colours);
  return language && theme && colours ? { language, theme, colours } : null;
}

/** The next theme when the key is pressed. */
export const nextTheme = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';

/** The other language. */
export const otherLanguage = (language: Language): Language =>
  LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length] ?? language;
