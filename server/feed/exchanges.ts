/** Which exchanges stream a price that counts now. */

import type { SourceId } from '../../contract/index.ts';
import type { CoinReading } from '../sources/source.ts';
import { EXCHANGES } from './choice.ts';
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
  const held = isExchange(source) ? latest.get(`coin:${symbol}`, source) : null;
  if (held?.figure !== 'coin' || held.isLost) return null;
  return nowMs <= staleAtMs(held) ? held : null;
}

/** When a reading stops being live by its age, ms since 1970. */
export const staleAtMs = ({ asOfMs, staleAfterS }: Held): number => asOfMs + staleAfterS * 1000;
