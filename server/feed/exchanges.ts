/** Which prices count now: those that exchanges stream, and what is polled beside them. */

import { EXCHANGES, type SourceId } from '../../contract/index.ts';
import type { CoinReading } from '../sources/source.ts';
import { PRICE_SOURCES } from './choice.ts';
import type { Held, LatestReadings } from './readings.ts';

/** Whether a source is an exchange; its prices come by stream. */
export const isExchange = (source: SourceId): boolean => EXCHANGES.some((id) => id === source);

/** The price that an exchange streams of a coin; `null` when there is none, its connection is lost, or it is old. */
export function livePrice(
  latest: LatestReadings,
  source: SourceId,
  symbol: string,
  nowMs: number,
): Held<CoinReading> | null {
  return isExchange(source) ? youngPrice(latest, source, symbol, nowMs) : null;
}

/** The price of a coin by the first source that is asked for one and whose answer is not old; `null` when there is none. */
export function livePolledPrice(
  latest: LatestReadings,
  symbol: string,
  nowMs: number,
): Held<CoinReading> | null {
  const polled = PRICE_SOURCES.filter((source) => !isExchange(source));
  const prices = polled.map((source) => youngPrice(latest, source, symbol, nowMs));
  return prices.find((price) => price !== null) ?? null;
}

/** When a reading stops being live by its age, ms since 1970. */
export const staleAtMs = ({ asOfMs, staleAfterS }: Held): number => asOfMs + staleAfterS * 1000;

function youngPrice(
  latest: LatestReadings,
  source: SourceId,
  symbol: string,
  nowMs: number,
): Held<CoinReading> | null {
  const held = latest.get(`coin:${symbol}`, source);
  if (held?.figure !== 'coin' || held.isLost) return null;
  return nowMs <= staleAtMs(held) ? held : null;
}
