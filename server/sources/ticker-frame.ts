/** What the exchanges' tickers have in common: text to JSON, tickers to prices, and the figures they leave to compute. */

import { type GenericSchema, type InferOutput, safeParse } from 'valibot';
import { isAccepted } from '../../contract/index.ts';
import type { Frame, StreamedPrice } from './stream.ts';

/** A frame that cannot be read. */
export const UNREADABLE: Frame = { kind: 'unreadable' };

/** @param eventTimeMs `null` when the frame has no time */
export const alive = (eventTimeMs: number | null): Frame => ({ kind: 'alive', eventTimeMs });

/** The JSON of a frame's text; `undefined` when it is none. */
export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value as its schema gives it; `null` when it does not hold. */
export function readAs<S extends GenericSchema>(schema: S, value: unknown): InferOutput<S> | null {
  const parsed = safeParse(schema, value, { abortEarly: true });
  return parsed.success ? parsed.output : null;
}

/** A frame of 64 KiB has room for no more tickers of 130 bytes; a longer list is not one of tickers. */
const MAX_TICKERS = 500;

/**
 * The prices in a frame. Each ticker stands for itself: one that does not hold is left out, and the frame is
 * unreadable when none is left for that reason.
 * @param toPrice `null` for a coin that was not asked for
 */
export function pricesFrame<S extends GenericSchema>(
  tickers: readonly unknown[],
  schema: S,
  toPrice: (ticker: InferOutput<S>) => StreamedPrice | null,
): Frame {
  if (tickers.length > MAX_TICKERS) return UNREADABLE;
  const read = tickers.map((ticker) => readAs(schema, ticker));
  const prices = read.flatMap((ticker) => (ticker === null ? [] : (toPrice(ticker) ?? [])));
  if (prices.length > 0) return { kind: 'prices', prices };
  return read.includes(null) ? UNREADABLE : alive(null);
}

/** The coin of a pair such as `BTC-USD`; `null` when the pair has another quote or the coin was not asked for. */
export function coinOf(pair: string, quote: string, coins: readonly string[]): string | null {
  if (!pair.endsWith(quote)) return null;
  const coin = pair.slice(0, -quote.length);
  return coins.includes(coin) ? coin : null;
}

/** Change from the price of 24 hours ago in per cent; `null` when that is not known, or the change is out of range. */
export function changeFrom(open: number | null, price: number): number | null {
  if (open === null) return null;
  const change = ((price - open) / open) * 100;
  return isAccepted('percent', change) ? change : null;
}

/** What an amount of coins is worth at a price, US dollars; `null` when that is not known, or nothing. */
export function worth(coins: number | null, price: number): number | null {
  const amount = coins === null ? null : coins * price;
  return isAccepted('amount', amount) ? amount : null;
}
