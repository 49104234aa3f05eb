/**
 * The market's past on each exchange at any interval: what was noted since it was switched on, and before that the known
 * days, cut into hours and minutes. A span costs what lies in it, not what lies before it.
 */

import { type Candle, DAY_MS, type DayCandle, startOfDay } from '../candles.ts';
import { COINS, randomOf } from '../coins.ts';
import { candleOnExchange, type Exchange, type Place } from '../ticker.ts';
import { fillSilence, joinCandles } from './join.ts';
import { split } from './split.ts';
import { MINUTE_MS, type Piece, type Tape } from './tape.ts';

/** All that is known of a coin. Prices are the market's. */
export interface CoinPast {
  readonly symbol: string;
  /** Oldest first, without a gap. */
  readonly days: readonly DayCandle[];
  readonly tape: Tape;
}

/** Candles that open from `fromMs` (inclusive) to `toMs`. */
export interface Span {
  /** Whole minutes, beyond an hour whole hours, of which a day is a multiple. */
  readonly intervalMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whose candles, and where in time they are asked for. */
export interface Telling {
  readonly seed: number;
  readonly exchange: Exchange;
  readonly nowMs: number;
}

export const HOUR_MS = 3_600_000;

/** A coin of which less is traded for each dollar of BTC has minutes without a trade. */
const QUIET_TURNOVER = 0.05;
/** How many of its minutes. */
const QUIET_SHARE = 0.04;

/**
 * Oldest first: every interval's since the first day, the last one maybe open, at the running price. The price stands
 * while nothing is traded.
 */
export function candlesIn(past: CoinPast, span: Span, telling: Telling): Candle[] {
  const { intervalMs } = span;
  if (intervalMs === DAY_MS) {
    const isAsked = ({ openTimeMs }: Candle) => openTimeMs >= span.fromMs && openTimeMs < span.toMs;
    return daysOn(past, telling.exchange).filter(isAsked);
  }
  const firstMs = past.days[0]?.openTimeMs ?? telling.nowMs;
  const fromMs = Math.ceil(Math.max(span.fromMs, firstMs) / intervalMs) * intervalMs;
  const toMs = Math.min(span.toMs, telling.nowMs + 1);
  if (toMs <= fromMs) return [];
  const endMs = Math.ceil(toMs / intervalMs) * intervalMs;
  const place = placeOf(past, telling.exchange);
  const pieces = past.tape.pieces(fromMs, endMs).map((piece) => pieceOnExchange(piece, place));
  const parts = [...cutDays(past, { intervalMs, fromMs, toMs: endMs }, telling), ...pieces];
  const before = past.tape.lastBefore(fromMs);
  return fillSilence(joinCandles(parts, intervalMs), {
    intervalMs,
    fromMs,
    toMs,
    before: before && pieceOnExchange(before, place).close,
  });
}

/** Daily candles on an exchange, oldest first; the last one closes at its running price. */
export function daysOn(past: CoinPast, exchange: Exchange): Candle[] {
  const place = placeOf(past, exchange);
  return past.days.map((day) => {
    const known = candleOnExchange(day, place);
    const pieces = past.tape.pieces(day.openTimeMs, day.openTimeMs + DAY_MS);
    if (pieces.every(({ offsets }) => offsets[exchange] === 0)) return known;
    // What was off the market's prices is part of the day there.
    const morning = day.openTimeMs === past.tape.morning.openTimeMs ? [past.tape.morning] : [];
    const parts = [
      ...morning.map((candle) => candleOnExchange(candle, place)),
      ...pieces.map((piece) => pieceOnExchange(piece, place)),
    ];
    return joinCandles(parts, DAY_MS)[0] ?? known;
  });
}

const placeOf = ({ symbol }: CoinPast, exchange: Exchange): Place => ({
  exchange,
  decimals: COINS.get(symbol)?.decimals ?? 0,
  offsetPct: 0,
});

const pieceOnExchange = ({ offsets, ...candle }: Piece, place: Place): Candle =>
  candleOnExchange(candle, { ...place, offsetPct: offsets[place.exchange] });

/** Hours or minutes, whichever is enough, of what the tape does not hold. */
function cutDays(past: CoinPast, { intervalMs, fromMs, toMs }: Span, telling: Telling): Candle[] {
  const place = placeOf(past, telling.exchange);
  const partMs = intervalMs < HOUR_MS ? MINUTE_MS : HOUR_MS;
  const parts: Candle[] = [];
  for (let dayMs = startOfDay(fromMs); dayMs < toMs; dayMs += DAY_MS) {
    const known = knownDay(past, dayMs);
    if (!known) continue;
    const day = candleOnExchange(known.candle, place);
    for (const part of cutDay(day, known.untilMs, { past, telling, partMs, fromMs, toMs })) {
      if (part.openTimeMs >= fromMs && part.openTimeMs < toMs) parts.push(part);
    }
  }
  return parts;
}

/** A day, or the part of one, that has to be cut; `null`: the tape holds it, or nobody knows it. */
function knownDay(
  { days, tape }: CoinPast,
  dayMs: number,
): { readonly candle: DayCandle; readonly untilMs: number } | null {
  if (dayMs >= tape.sinceMs()) {
    const { morning, startMs } = tape;
    return dayMs === morning.openTimeMs ? { candle: morning, untilMs: startMs } : null;
  }
  const first = days[0]?.openTimeMs ?? dayMs;
  const candle = days[(dayMs - first) / DAY_MS];
  return candle ? { candle, untilMs: dayMs + DAY_MS } : null;
}

interface DayCut {
  readonly past: CoinPast;
  readonly telling: Telling;
  readonly partMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Into hours, and those that are asked for into minutes. Every exchange's price goes the same way. */
function cutDay(day: Candle, untilMs: number, cut: DayCut): Candle[] {
  const { symbol } = cut.past;
  const { decimals = 0, turnover = 0 } = COINS.get(symbol) ?? {};
  const randomAt = (ms: number, what: string) =>
    randomOf(cut.telling.seed, `${symbol} ${what} ${ms / MINUTE_MS}`);
  const intoHours = { partMs: HOUR_MS, untilMs, decimals, quietShare: 0 };
  const hours = split(day, intoHours, randomAt(day.openTimeMs, 'day'));
  if (cut.partMs === HOUR_MS) return hours;
  const quietShare = turnover < QUIET_TURNOVER ? QUIET_SHARE : 0;
  return hours
    .filter(({ openTimeMs }) => openTimeMs + HOUR_MS > cut.fromMs && openTimeMs < cut.toMs)
    .flatMap((hour) => {
      const endMs = Math.min(hour.openTimeMs + HOUR_MS, untilMs);
      const intoMinutes = { partMs: MINUTE_MS, untilMs: endMs, decimals, quietShare };
      return split(hour, intoMinutes, randomAt(hour.openTimeMs, 'hour'));
    });
}
