/** A Fear & Greed index: one whole number a day, wandering slowly. */

import { DAY_MS } from './candles.ts';
import type { Random } from './random.ts';

/** The value of one day. */
export interface FngDay {
  /** 00:00 UTC of the day, ms since 1970. */
  readonly dayMs: number;
  readonly value: number;
}

/** The lowest and highest values the real index ever showed. */
const MIN = 5;
const MAX = 95;
/** Standard deviation of a day's step. */
const STEP_SIGMA = 3.5;
/** The index comes back to the middle: the part of the way it goes in a day. */
const PULL = 0.05;
const MIDDLE = 48;

/** The provider's own bands: every published value fits them. */
const BANDS: readonly [highest: number, label: string][] = [
  [25, 'Extreme Fear'],
  [46, 'Fear'],
  [54, 'Neutral'],
  [75, 'Greed'],
  [100, 'Extreme Greed'],
];

/** The provider's label of a value. */
export const fngLabel = (value: number): string =>
  BANDS.find(([highest]) => value <= highest)?.[1] ?? 'Extreme Greed';

/** The first day of the real index. */
export const FNG_FIRST_MS = Date.UTC(2018, 1, 1);
/** The days that the real index has no value of. */
const HOLES: ReadonlySet<number> = new Set(
  ['2018-04-14', '2018-04-15', '2018-04-16', '2024-10-26'].map((day) => Date.parse(day)),
);

/** A day's value is published so long after the day began. */
export const FNG_PUBLISHED_AFTER_MS = 4 * 60_000;

/** What is published: in the first minutes of a day the series still ends with yesterday. */
export function publishedFng(series: readonly FngDay[], nowMs: number): readonly FngDay[] {
  const last = series.at(-1);
  const isOut = !last || nowMs >= last.dayMs + FNG_PUBLISHED_AFTER_MS;
  return isOut ? series : series.slice(0, -1);
}

/** Without the days that the real index has no value of. */
export const withHoles = (series: readonly FngDay[]): readonly FngDay[] =>
  series.filter(({ dayMs }) => !HOLES.has(dayMs));

/** The value of the next day, or, walking back, of the day before. */
export function stepFng(random: Random, value: number): number {
  const next = value + (MIDDLE - value) * PULL + random.normal() * STEP_SIGMA;
  return Math.min(MAX, Math.max(MIN, Math.round(next)));
}

/** `days` values, oldest first, ending today with `today`. */
export function createFngSeries(
  random: Random,
  days: number,
  todayMs: number,
  today: number,
): FngDay[] {
  const series: FngDay[] = [{ dayMs: todayMs, value: today }];
  for (let i = 1; i < days; i++) {
    const value = stepFng(random, series.at(-1)?.value ?? today);
    series.push({ dayMs: todayMs - i * DAY_MS, value });
  }
  return series.reverse();
}

/** `series` with every day before it, from the index's first day on. */
export function fromFirstDay(random: Random, series: readonly FngDay[]): FngDay[] {
  const older: FngDay[] = [];
  let [day] = series;
  while (day && day.dayMs > FNG_FIRST_MS) {
    day = { dayMs: day.dayMs - DAY_MS, value: stepFng(random, day.value) };
    older.push(day);
  }
  return [...older.reverse(), ...series];
}
