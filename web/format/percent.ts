/** Changes, shares and the two gauges' numbers. */

import { type FormatLanguage, NBSP, perLanguage } from './locale.ts';

/** Which way a change points, as it is written: what rounds to zero is flat. */
export type Direction = 'up' | 'down' | 'flat';

/** A change as it is shown: never by colour alone. */
export interface Change {
  /** Empty when flat. */
  readonly arrow: '▲' | '▼' | '';
  /** The signed per cent, `−1.41%`; unsigned when flat. */
  readonly text: string;
  readonly direction: Direction;
  /** Arrow and text in one piece, `▼ −1.41%`, for running text and titles. */
  readonly whole: string;
}

const PERCENT = {
  style: 'percent',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
} as const satisfies Intl.NumberFormatOptions;

const change = perLanguage(
  (locale) => new Intl.NumberFormat(locale, { ...PERCENT, signDisplay: 'exceptZero' }),
);
const share = perLanguage((locale) => new Intl.NumberFormat(locale, PERCENT));
const twoDigits = perLanguage(
  (locale) => new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
);
const integer = perLanguage(
  (locale) => new Intl.NumberFormat(locale, { minimumFractionDigits: 0, maximumFractionDigits: 0 }),
);

/** The sign that is as wide as the plus; `Intl` writes a hyphen. */
const MINUS = '\u2212';

const ARROWS = { up: '▲', down: '▼', flat: '' } as const;

/** Read off the written text, so that arrow, colour and digits can never disagree. */
function directionOfText(text: string): Direction {
  if (text.startsWith(MINUS)) return 'down';
  return text.startsWith('+') ? 'up' : 'flat';
}

/**
 * A change: `▼ −1.41%`, `▲ +1.41%`, `0.00%`.
 * @param value per cent, so −1.41 and not −0.0141
 */
export function formatChange(value: number, language: FormatLanguage): Change {
  const text = change(language)
    .format(value / 100)
    .replace('-', MINUS);
  const direction = directionOfText(text);
  const arrow = ARROWS[direction];
  return { arrow, text, direction, whole: arrow === '' ? text : arrow + NBSP + text };
}

/** Which way a change points once it is rounded to the two digits that are shown. */
export const directionOf = (value: number): Direction => formatChange(value, 'en').direction;

/**
 * A change in a sentence that says itself which way it goes: `1.41%`, without a sign.
 * @param value per cent
 */
export const formatChangeSize = (value: number, language: FormatLanguage): string =>
  share(language).format(Math.abs(value) / 100);

/**
 * A share of the whole: `57.95%`.
 * @param value per cent
 */
export const formatShare = (value: number, language: FormatLanguage): string =>
  share(language).format(value / 100);

/** An RSI, 0 … 100: `33.45`. */
export const formatRsi = (value: number, language: FormatLanguage): string =>
  twoDigits(language).format(value);

/** A Fear & Greed value, 0 … 100: `26`. */
export const formatFng = (value: number, language: FormatLanguage): string =>
  integer(language).format(value);
