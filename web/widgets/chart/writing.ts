/** How the chart writes: numbers, times on its axis, and itself in one sentence. */

import type { HistoryBody } from '../../../contract/index.ts';
import {
  formatAxisDay,
  formatAxisPrice,
  formatClock,
  formatDate,
  formatPrice,
  formatRsi,
  zoneOffsetMs,
} from '../../format/index.ts';
import { moveText } from '../move.ts';
import type { Words } from '../widget.ts';
import type { Writing } from './drawing.ts';

const DAY_S = 86_400;
/**
 * A day on the axis begins at midnight by the offset of now. Where the clocks were changed since, that is an hour off;
 * an hour later it is the same day in any case.
 */
const PAST_MIDNIGHT_MS = 3_600_000;

/** Days are the exchange's, from midnight to midnight UTC: named after the visitor's clock many would be the day before. */
const zoneOf = ({ timeZone }: Words, intervalS: number): string =>
  intervalS >= DAY_S ? 'UTC' : timeZone;

/** A point's time in words: day and clock, of a daily point its date. */
export function momentOf(words: Words, timeS: number, intervalS: number): string {
  const { language } = words;
  const zone = zoneOf(words, intervalS);
  const ms = timeS * 1000;
  if (intervalS >= DAY_S) return formatDate(ms, language, zone);
  return `${formatAxisDay(ms, language, zone)}, ${formatClock(ms, language, zone)}`;
}

/** @param nowMs since 1970; decides between summer and winter time */
export function writingOf(words: Words, intervalS: number, nowMs: number): Writing {
  const { language } = words;
  const zone = zoneOf(words, intervalS);
  return {
    price: (value) => formatAxisPrice(value, language),
    rsi: (value) => formatRsi(value, language),
    tick: (timeS, isDay) =>
      isDay
        ? formatAxisDay(timeS * 1000 + PAST_MIDNIGHT_MS, language, zone)
        : formatClock(timeS * 1000, language, zone),
    moment: (timeS) => momentOf(words, timeS, intervalS),
    offsetS: zoneOffsetMs(nowMs, zone) / 1000,
  };
}

/** The whole chart in a sentence; `null` without a point. */
export function summaryOf(words: Words, body: HistoryBody): string | null {
  const { t, language } = words;
  const isCandles = body.series === 'btc_candles';
  const column = (at: number) => body.rows.flatMap((row) => row[at] ?? []);
  // time, open, high, low, close; of a line time and value.
  const [first] = column(1);
  const last = column(isCandles ? 4 : 1).at(-1);
  if (first === undefined || last === undefined) return null;
  const price = (value: number) => formatPrice(value, language);
  return t('chart.summary', {
    range: t(`chart.${body.range}`),
    first: price(first),
    last: price(last),
    move: moveText(words, first, last),
    high: price(Math.max(...column(isCandles ? 2 : 1))),
    low: price(Math.min(...column(isCandles ? 3 : 1))),
  });
}
