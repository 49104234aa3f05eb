/** Daily candles of now, whoever sends them: which of them can be computed with, how they are dated, and when there are new ones. */

import {
  MAX_AHEAD_MS,
  polledStaleAfterS,
  type SourceId,
  UPSTREAM_CACHE_S,
} from '../../contract/index.ts';
import { inOrder } from './candles.ts';
import { provenance } from './provenance.ts';
import type { Candle, CandlesReading, OwnClock, Receipt } from './source.ts';

/** Length of a candle, ms. */
export const DAY_MS = 24 * 3600 * 1000;

/** RSI(14) needs 14 changes. */
export const MIN_CANDLES = 15;

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
  const sorted = inOrder(candles);
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
