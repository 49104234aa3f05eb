/** What a ticker says of a coin, on the market as a whole and on each exchange. */

import {
  type Candle,
  DAY_MS,
  type DayCandle,
  priceDayAgo,
  startOfDay,
  toVolume,
} from './candles.ts';
import { toTick } from './coins.ts';

/** A coin at one moment. Prices in US dollars, to the tick. */
export interface Ticker {
  readonly price: number;
  /** The price 24 hours ago. */
  readonly open24h: number;
  readonly high24h: number;
  readonly low24h: number;
  /** Coins traded in 24 hours. */
  readonly volume24h: number;
  /** US dollars paid for them. */
  readonly quoteVolume24h: number;
}

/** The exchanges that have a price of their own. */
export const EXCHANGES = ['binance', 'coinbase', 'kraken'] as const;

/** See {@link EXCHANGES}. */
export type Exchange = (typeof EXCHANGES)[number];

/** Per cent that each exchange's prices are off the market's. */
export type Offsets = Readonly<Record<Exchange, number>>;

/** How an exchange differs from the market: in price (a part of it) and in what is traded there. */
const DIFFERENCES: Readonly<Record<Exchange, { readonly basis: number; readonly share: number }>> =
  {
    binance: { basis: 0, share: 1 },
    coinbase: { basis: 0.0002, share: 0.4 },
    kraken: { basis: -0.0001, share: 0.12 },
  };

/** The last two days of a coin, and how its prices are told. */
export interface LastDays {
  readonly yesterday: DayCandle;
  readonly today: DayCandle;
  readonly decimals: number;
}

/** Reads the last 24 hours off two days: `today` so far, and the end of `yesterday`. */
export function tickerOf({ yesterday, today, decimals }: LastDays, nowMs: number): Ticker {
  const passed = (nowMs - startOfDay(nowMs)) / DAY_MS;
  const price = today.close;
  const open24h = toTick(priceDayAgo(yesterday, nowMs), decimals);
  // A candle does not say when it was highest and lowest; taken for its noon.
  const seen = passed < 0.5 ? [today, yesterday] : [today];
  const high24h = Math.max(open24h, ...seen.map(({ high }) => high));
  const low24h = Math.min(open24h, ...seen.map(({ low }) => low));
  const volume24h = today.volume + yesterday.volume * (1 - passed);
  const mean = (price + open24h + high24h + low24h) / 4;
  return { price, open24h, high24h, low24h, volume24h, quoteVolume24h: volume24h * mean };
}

/** Where the prices are told. */
export interface Place {
  readonly exchange: Exchange;
  readonly decimals: number;
  /** Per cent that the running price is off the market's; the past is not, so that its change tells. */
  readonly offsetPct: number;
}

/** The same on an exchange. */
export function onExchange(ticker: Ticker, { exchange, decimals, offsetPct }: Place): Ticker {
  const { basis, share } = DIFFERENCES[exchange];
  const past = (price: number) => toTick(price * (1 + basis), decimals);
  const price = toTick(ticker.price * (1 + basis) * (1 + offsetPct / 100), decimals);
  return {
    price,
    open24h: past(ticker.open24h),
    high24h: Math.max(price, past(ticker.high24h)),
    low24h: Math.min(price, past(ticker.low24h)),
    volume24h: ticker.volume24h * share,
    quoteVolume24h: ticker.quoteVolume24h * share * (1 + basis),
  };
}

/** A candle on an exchange whose prices were off the market's by `offsetPct` all the while. */
export function candleOnExchange(
  { openTimeMs, open, high, low, close, volume }: Candle,
  { exchange, decimals, offsetPct }: Place,
): Candle {
  const { basis, share } = DIFFERENCES[exchange];
  const there = (price: number) => toTick(price * (1 + basis) * (1 + offsetPct / 100), decimals);
  return {
    openTimeMs,
    open: there(open),
    high: there(high),
    low: there(low),
    close: there(close),
    volume: toVolume(volume * share),
  };
}
