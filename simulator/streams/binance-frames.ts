/** Binance's events, as text. https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */

import { DAY_MS } from '../candles.ts';
import type { Ticker } from '../ticker.ts';

/** Trades are numbered through: one every so many ms since 1970, so that their numbers need no memory. */
const TRADE_EVERY_MS = 200;
/** Best bid and ask, each as a part of the price away from it. */
const HALF_SPREAD = 0.000_01;

/** Amounts are strings with eight decimals. */
const amount = (value: number): string => value.toFixed(8);

/**
 * A `24hrTicker` event.
 * @param pair as the exchange writes it in events: `BTCUSDT`
 * @param timeMs event time, ms since 1970
 */
export function tickerEvent(pair: string, ticker: Ticker, timeMs: number): string {
  const { price, open24h, volume24h, quoteVolume24h } = ticker;
  const lastTrade = Math.floor(timeMs / TRADE_EVERY_MS);
  const trades = DAY_MS / TRADE_EVERY_MS;
  return JSON.stringify({
    e: '24hrTicker',
    E: timeMs,
    s: pair,
    p: amount(price - open24h),
    P: ((price / open24h - 1) * 100).toFixed(3),
    w: amount(volume24h > 0 ? quoteVolume24h / volume24h : price),
    x: amount(open24h),
    c: amount(price),
    Q: amount(volume24h / trades),
    b: amount(price * (1 - HALF_SPREAD)),
    B: amount(volume24h / trades),
    a: amount(price * (1 + HALF_SPREAD)),
    A: amount(volume24h / trades),
    o: amount(open24h),
    h: amount(ticker.high24h),
    l: amount(ticker.low24h),
    v: amount(volume24h),
    q: amount(quoteVolume24h),
    O: timeMs - DAY_MS,
    C: timeMs,
    F: lastTrade - trades + 1,
    L: lastTrade,
    n: trades,
  });
}

/** A `24hrMiniTicker` event, which has no percent; see {@link tickerEvent}. */
export const miniTickerEvent = (pair: string, ticker: Ticker, timeMs: number): string =>
  JSON.stringify({
    e: '24hrMiniTicker',
    E: timeMs,
    s: pair,
    c: amount(ticker.price),
    o: amount(ticker.open24h),
    h: amount(ticker.high24h),
    l: amount(ticker.low24h),
    v: amount(ticker.volume24h),
    q: amount(ticker.quoteVolume24h),
  });

/** Said before the server goes down: connect anew. */
export const shutdownEvent = (timeMs: number): string =>
  JSON.stringify({ e: 'serverShutdown', E: timeMs });

/** An event as a combined connection wraps it. */
export const combined = (stream: string, event: string): string =>
  `{"stream":${JSON.stringify(stream)},"data":${event}}`;
