/** A market with a clock of a test's own, asked for its past. */

import { createManualClock } from '../../contract/manual-clock.ts';
import { type Candle, startOfDay } from '../candles.ts';
import { createMarket } from '../market.ts';
import type { Exchange } from '../ticker.ts';
import type { Span } from './past.ts';

/** Not at the beginning of anything. */
export const START = Date.UTC(2026, 10, 23, 7, 23, 41, 500);
export const TODAY = startOfDay(START);

/** A market, its clock, and ways to ask and to listen. */
export function at(startMs = START, seed = 1) {
  const clock = createManualClock(startMs);
  const market = createMarket(clock, seed);
  const candles = (
    intervalMs: number,
    fromMs: number,
    toMs: number,
    { exchange = 'binance', symbol = 'BTC' }: { exchange?: Exchange; symbol?: string } = {},
  ): readonly Candle[] =>
    market.exchangePast(exchange, symbol, { intervalMs, fromMs, toMs } satisfies Span) ?? [];
  const price = (exchange: Exchange = 'binance', symbol = 'BTC') =>
    market.exchangeCoin(exchange, symbol)?.price ?? Number.NaN;
  /** Time passes as it does with a client of a stream: somebody asks every second. */
  const listen = (seconds: number, hear: (price: number) => void = () => {}) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      hear(price());
    }
  };
  return { clock, market, candles, price, listen };
}

/** Each opens where the one before it closed. */
export const isJoined = (candles: readonly Candle[]) =>
  candles.slice(1).every(({ open }, i) => open === candles[i]?.close);
/** Each is there, from `fromMs` on. */
export const isEvery = (candles: readonly Candle[], intervalMs: number, fromMs: number) =>
  candles.every(({ openTimeMs }, i) => openTimeMs === fromMs + i * intervalMs);
