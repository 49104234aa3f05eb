/** What a visitor chose: cookies that the server reads, so that the first paint is right. */

import { LANGUAGES, type Language } from '../i18n/index.ts';
import type { Colours, Preferences, Theme } from './page.ts';

const THEMES = ['light', 'dark', 'system'] as const satisfies readonly Theme[];
const COLOURS = ['green-red', 'blue-orange'] as const satisfies readonly Colours[];

/** A year: a choice is made once. */
const COOKIE_MAX_AGE_S = 365 * 24 * 3600;
const oneOf = <T extends string>(known: readonly T[], value: unknown): T | null =>
  known.find((one) => one === value) ?? null;

/**
 * Whether the keys act; on unless the visitor switched them off.
 * @param cookies `document.cookie`
 */
export const readShortcuts = (cookies: string): boolean =>
  !cookies.split(';').some((pair) => pair.trim() === 'shortcuts=off');

const cookie = (name: string, value: string) =>
  `${name}=${value}; Path=/; Max-Age=${COOKIE_MAX_AGE_S}; SameSite=Lax`;

/** What a visitor chose at once; what is not in it was not chosen. */
export type Choice = Partial<Preferences>;

/** What is different afterwards. */
export const choiceBetween = (before: Preferences, after: Preferences): Choice => ({
  ...(after.language !== before.language && { language: after.language }),
  ...(after.theme !== before.theme && { theme: after.theme }),
  ...(after.colours !== before.colours && { colours: after.colours }),
});

/** What each choice is called in a cookie and in an address. */
const NAMES = [
  ['language', 'lang'],
  ['theme', 'theme'],
  ['colours', 'colours'],
] as const satisfies readonly (readonly [keyof Preferences, string])[];

/** The cookies that keep a choice, each for `document.cookie`. */
export const preferenceCookies = (choice: Choice): string[] =>
  NAMES.flatMap(([key, name]) => {
    const value = choice[key];
    return value === undefined ? [] : [cookie(name, value)];
  });

/**
 * The address without what it asks for where something else was chosen: it would win over the cookie at a reload. All
 * else stays as it is written.
 */
export function addressAfter(choice: Choice, address: string): string {
  const url = new URL(address);
  const asksForChosen = (pair: string) =>
    NAMES.some(([key, name]) => choice[key] !== undefined && new URLSearchParams(pair).has(name));
  url.search = url.search
    .slice(1)
    .split('&')
    .filter((pair) => !asksForChosen(pair))
    .join('&');
  return url.href;
}

/** The cookie that keeps whether the keys act. */
export const shortcutsCookie = (isOn: boolean): string => cookie('shortcuts', isOn ? 'on' : 'off');

/** A choice that came from another tab, as far as it is known here. */
export function parseChoice(message: unknown): Choice {
  if (typeof message !== 'object' || message === null) return {};
  const said: { language?: unknown; theme?: unknown; colours?: unknown } = message;
  const language = oneOf(LANGUAGES, said.language);
  const theme = oneOf(THEMES, said.theme);
  const colours = oneOf(COLOURS, said.colours);
  return { ...(language && { language }), ...(theme && { theme }), ...(colours && { colours }) };
}

/** The next theme when the key is pressed. */
export const nextTheme = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';

/** The other language. */
export const otherLanguage = (language: Language): Language =>
  LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length] ?? language;
