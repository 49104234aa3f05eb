/** Which coins recordings have a price of. */

import { BASE_COIN } from '../../contract/index.ts';
import { COINS } from '../coins.ts';
import type { Choice } from './choose.ts';
import { isObject } from './recording.ts';
import type { RecordedStream } from './streams/sort-frames.ts';

/** What the server takes at most. */
const MAX_COINS = 50;
/** What others are priced in. */
const DOLLARS: readonly string[] = ['USD', 'USDT'];

const SYMBOLS = new Map([...COINS].map(([symbol, { id }]) => [id, symbol]));

/**
 * Symbols, BTC first, which is always shown; the others in the order they are found.
 * @param prices the answer of CoinGecko's that is served
 */
export function recordedCoins(
  streams: readonly RecordedStream[],
  prices: Choice | undefined,
): readonly string[] {
  const body = prices?.recording.body;
  const polled = isObject(body) ? Object.keys(body).flatMap((id) => SYMBOLS.get(id) ?? []) : [];
  const streamed = streams.flatMap(({ last }) => last.flatMap(({ symbol }) => symbol ?? []));
  const others = [...streamed, ...polled].filter((symbol) => !DOLLARS.includes(symbol));
  return [...new Set([BASE_COIN, ...others])].slice(0, MAX_COINS);
}
