/** Daily candles, whoever sends them: which of them can be computed with, how they are dated, and when there are new ones. */

import { check, number, pipe, safeInteger, transform } from 'valibot';
import {
  EARLIEST_MS,
  MAX_AHEAD_MS,
  polledStaleAfterS,
  type SourceId,
  UPSTREAM_CACHE_S,
} from '../../contract/index.ts';
import { decimalText, figure } from './figure.ts';
import { provenance } from './provenance.ts';
import type { Candle, CandlesReading, OwnClock, Receipt } from './source.ts';

/** Length of a candle, ms. */
export const DAY_MS = 24 * 3600 * 1000;

/** RSI(14) needs 14 changes. */
export const MIN_CANDLES = 15;

/** The most that any of the exchanges ever sends in one answer: Binance's own maximum. */
export const MAX_CANDLES = 1000;

/** A daily candle opens at 00:00 UTC; one that does not is of another interval or of another zone. */
const opensDay = () => check((ms: number) => ms >= EARLIEST_MS && ms % DAY_MS === 0);

/** When a candle opened, sent in ms since 1970. */
export const openTimeMs = () => pipe(number(), safeInteger(), opensDay());

/** When a candle opened, sent in seconds since 1970; ms when read. */
export const openTimeS = () =>
  pipe(
    number(),
    safeInteger(),
    transform((seconds) => seconds * 1000),
    opensDay(),
  );

/** A price that is sent as text. */
export const priceText = () => pipe(decimalText(), figure('price'));

const notNegative = () => check((value: number) => value >= 0);

/** A day without a trade has volume 0. */
export const volume = () => pipe(number(), notNegative());

/** As {@link volume}, sent as text. */
export const volumeText = () => pipe(decimalText(), notNegative());

/**
 * What an exchange's candles, in any order, are worth: the newest ones without a missing day.
 * @returns none when they are too few to compute with, or of a day that has not begun
 */
export function candlesOf(
  source: SourceId,
  route: string,
  sent: readonly Candle[],
  receipt: Receipt,
): readonly CandlesReading[] {
  const candles = newestRun(sent);
  const newest = candles.at(-1);
  if (newest === undefined || candles.length < MIN_CANDLES) return [];
  // Of a day that has not begun nobody can know the prices.
  if (newest[0] > receipt.receivedAtMs + MAX_AHEAD_MS) return [];
  const staleAfterS = polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.none);
  // A candle's times say which day it is of, not when the upstream answered.
  const from = provenance(source, route, null, receipt, staleAfterS);
  const asOfMs = Math.min(newest[0] + DAY_MS - 1, from.asOfMs);
  return [{ ...from, asOfMs, figure: 'candles', value: candles }];
}

/** The newest candles without a missing day, oldest first: an RSI across a gap would be a lie. */
function newestRun(candles: readonly Candle[]): readonly Candle[] {
  // A day that was sent twice counts as sent last.
  const byOpenTime = new Map(candles.map((candle) => [candle[0], candle]));
  const sorted = [...byOpenTime.values()].sort((a, b) => a[0] - b[0]);
  const lastGap = sorted.findLastIndex(
    ([openMs], index) => index > 0 && openMs - (sorted[index - 1]?.[0] ?? 0) !== DAY_MS,
  );
  return sorted.slice(Math.max(lastGap, 0));
}

/** The exchange needs a moment to close a day and to open the next, and its clock and ours are not one. */
const AFTER_MIDNIGHT_MS = 5000;

/** Rounds ask for candles anyway; a new day's are wanted as soon as there are any. */
export const onceDayTurns: OwnClock = {
  isAlone: false,
  dueAtMs: (_readings, receivedAtMs) =>
    (Math.floor(receivedAtMs / DAY_MS) + 1) * DAY_MS + AFTER_MIDNIGHT_MS,
};
