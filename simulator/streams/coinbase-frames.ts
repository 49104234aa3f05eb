/** Coinbase Exchange's frames, as text. https://docs.cdp.coinbase.com/exchange/websocket-feed/channels */

import type { Ticker } from '../ticker.ts';

/** Trades and book updates are numbered through: one every so many ms since 1970, so that they need no memory. */
const TRADE_EVERY_MS = 1000;
const SEQUENCE_EVERY_MS = 20;
/** Best bid and ask, each as a part of the price away from it. */
const HALF_SPREAD = 0.000_02;
const DAYS_OF_VOLUME = 30;
/** A trade a second. */
const TRADES_PER_DAY = 86_400;

/** Volumes have eight decimals, prices as many as they need. */
const volume = (value: number): string => value.toFixed(8);

/** ISO 8601 with microseconds; the clock has none, so the trade's number stands in for them. */
const microseconds = (timeMs: number): string =>
  `${new Date(timeMs).toISOString().slice(0, -1)}${String(Math.floor(timeMs) % 1000).padStart(3, '0')}Z`;

/**
 * A `ticker` frame: one trade.
 * @param product as the exchange writes it: `BTC-USD`
 * @param timeMs of the trade, ms since 1970
 */
export function tickerFrame(product: string, ticker: Ticker, timeMs: number): string {
  const { price, volume24h } = ticker;
  return JSON.stringify({
    type: 'ticker',
    sequence: Math.floor(timeMs / SEQUENCE_EVERY_MS),
    product_id: product,
    price: String(price),
    open_24h: String(ticker.open24h),
    volume_24h: volume(volume24h),
    low_24h: String(ticker.low24h),
    high_24h: String(ticker.high24h),
    volume_30d: volume(volume24h * DAYS_OF_VOLUME),
    best_bid: (price * (1 - HALF_SPREAD)).toFixed(decimalsOf(price)),
    best_bid_size: volume(volume24h / TRADES_PER_DAY),
    best_ask: (price * (1 + HALF_SPREAD)).toFixed(decimalsOf(price)),
    best_ask_size: volume(volume24h / TRADES_PER_DAY),
    side: Math.floor(timeMs / TRADE_EVERY_MS) % 2 === 0 ? 'buy' : 'sell',
    time: microseconds(timeMs),
    trade_id: Math.floor(timeMs / TRADE_EVERY_MS),
    last_size: volume(volume24h / TRADES_PER_DAY),
  });
}

const decimalsOf = (price: number): number => String(price).split('.')[1]?.length ?? 0;

/** Once a second and product, whether anything is traded or not. */
export const heartbeatFrame = (product: string, timeMs: number): string =>
  JSON.stringify({
    type: 'heartbeat',
    last_trade_id: Math.floor(timeMs / TRADE_EVERY_MS),
    product_id: product,
    sequence: Math.floor(timeMs / SEQUENCE_EVERY_MS),
    time: microseconds(timeMs),
  });

/** The acknowledgement: everything that is subscribed to now, by channel. */
export const subscriptionsFrame = (channels: ReadonlyMap<string, ReadonlySet<string>>): string =>
  JSON.stringify({
    type: 'subscriptions',
    channels: [...channels].map(([name, products]) => ({
      name,
      product_ids: [...products],
      account_ids: null,
    })),
  });

/** A message that was refused as a whole. */
export const errorFrame = (message: string, reason?: string): string =>
  JSON.stringify({ type: 'error', message, ...(reason !== undefined && { reason }) });
