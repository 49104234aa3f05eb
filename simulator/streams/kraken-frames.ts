/** Kraken's frames of the second version, as text. https://docs.kraken.com/api/docs/websocket-v2/ticker */

import type { Ticker } from '../ticker.ts';

/** Best bid and ask, each as a part of the price away from it. */
const HALF_SPREAD = 0.000_03;
/** A trade a second. */
const TRADES_PER_DAY = 86_400;
const VERSION = '2.0.9';
/** A connection's number is longer than a double holds exactly, so it is written as text and without quotes. */
const CONNECTION_ID = '13834774380200032777';

const VOLUME_DECIMALS = 8;
const PERCENT_DECIMALS = 2;

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
const decimalsOf = (price: number): number => String(price).split('.')[1]?.length ?? 0;
/** ISO 8601 with microseconds, of which the clock has none. */
const microseconds = (timeMs: number): string =>
  `${new Date(timeMs).toISOString().slice(0, -1)}000Z`;

/** The first frame of every connection. */
export const statusFrame = (): string =>
  `{"channel":"status","type":"update","data":[{"version":"${VERSION}","system":"online","api_version":"v2","connection_id":${CONNECTION_ID}}]}`;

/**
 * A `ticker` frame. Numbers are numbers.
 * @param pair as the exchange writes it: `BTC/USD`
 * @param timeMs ms since 1970
 */
export function tickerFrame(
  type: 'snapshot' | 'update',
  pair: string,
  ticker: Ticker,
  timeMs: number,
): string {
  const { price, open24h, volume24h, quoteVolume24h } = ticker;
  const decimals = decimalsOf(price);
  const size = rounded(volume24h / TRADES_PER_DAY, VOLUME_DECIMALS);
  return JSON.stringify({
    channel: 'ticker',
    type,
    data: [
      {
        symbol: pair,
        bid: rounded(price * (1 - HALF_SPREAD), decimals),
        bid_qty: size,
        ask: rounded(price * (1 + HALF_SPREAD), decimals),
        ask_qty: size,
        last: price,
        volume: rounded(volume24h, VOLUME_DECIMALS),
        vwap: rounded(volume24h > 0 ? quoteVolume24h / volume24h : price, decimals),
        low: ticker.low24h,
        high: ticker.high24h,
        change: rounded(price - open24h, decimals),
        change_pct: rounded((price / open24h - 1) * 100, PERCENT_DECIMALS),
        timestamp: microseconds(timeMs),
      },
    ],
  });
}

/** Sent when nothing else was for a second. */
export const HEARTBEAT = '{"channel":"heartbeat"}';

/** What a reply repeats of its request. */
export interface Reply {
  readonly method: string;
  readonly reqId: number | undefined;
  readonly timeMs: number;
}

/** What every reply ends with. */
const tail = ({ reqId, timeMs }: Reply) => ({
  time_in: microseconds(timeMs),
  time_out: microseconds(timeMs),
  ...(reqId !== undefined && { req_id: reqId }),
});

/** The acknowledgement of one pair. */
export const acceptedFrame = (reply: Reply, pair: string): string =>
  JSON.stringify({
    method: reply.method,
    result: { channel: 'ticker', event_trigger: 'trades', snapshot: true, symbol: pair },
    success: true,
    ...tail(reply),
  });

/** A request, or one pair of it, that was refused. */
export const refusedFrame = (reply: Reply, error: string, pair?: string): string =>
  JSON.stringify({
    error,
    method: reply.method,
    success: false,
    ...(pair !== undefined && { symbol: pair }),
    ...tail(reply),
  });

/** The answer to `{"method":"ping"}`. */
export const pongFrame = (reply: Reply): string =>
  JSON.stringify({ method: 'pong', ...tail(reply) });
