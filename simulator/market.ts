/** The market that every simulated upstream speaks of: one seeded random walk, so that all of them agree. */

import type { Clock } from '../contract/index.ts';
import type { Candle, DayCandle } from './candles.ts';
import { COINS, toTick } from './coins.ts';
import { type FngDay, publishedFng } from './fear-greed.ts';
import { figuresOf } from './market-figures.ts';
import { createPace } from './pace.ts';
import { candlesIn, daysOn, type Span } from './past/past.ts';
import {
  EXCHANGES,
  type Exchange,
  type Offsets,
  onExchange,
  type Place,
  type Ticker,
  tickerOf,
} from './ticker.ts';
import { createTrading, type FundQuote } from './trading.ts';
import { START } from './walk.ts';

/** The figures that can be set, under the document's own names. */
export const SETTABLE = [
  'btc_price_usd',
  'btc_change_24h',
  'market_cap',
  'market_cap_change_24h',
  'volume_24h',
  'volume_change_24h',
  'btc_dominance',
  'eth_dominance',
  'fng_value',
  'rsi_14_taapi',
] as const;

/** See {@link SETTABLE}. */
export type SettableFigure = (typeof SETTABLE)[number];

/** Every figure of one moment. Units as in the document; nothing is rounded but the price, to the cent. */
export interface SimulatedFigures extends Readonly<Record<SettableFigure, number>> {
  /** RSI(14) of the daily candles; what `rsi_14_taapi` is too unless it was set. */
  readonly rsi_14: number;
  /** US dollars: BTC alone. */
  readonly btc_market_cap: number;
  /** US dollars: BTC alone. */
  readonly btc_volume_24h: number;
}

/** A change to the market. A figure stays exactly as set until it is set to `null`. */
export type MarketChange = { readonly [figure in SettableFigure]?: number | null | undefined } & {
  /** `true`: nothing walks until `false`. Time goes on: stamps stay fresh and days still turn. */
  readonly frozen?: boolean | undefined;
  /** Per cent that an exchange's prices are off the market's from now on; `null` = none. */
  readonly exchange_offset_percent?:
    | { readonly [exchange in Exchange]?: number | null | undefined }
    | undefined;
  /** `false`: the US funds' quotes stand still, their time too, as outside trading hours. */
  readonly us_market_open?: boolean | undefined;
};

/** One market. Walks by itself: whoever asks gets the figures of now. */
export interface Market {
  figures(): SimulatedFigures;
  /** A coin on the market as a whole, by symbol in capitals; `null` when nobody trades it. */
  coin(symbol: string): Ticker | null;
  /** The same on one exchange, whose prices are a little, or as much as was set, off the market's. */
  exchangeCoin(exchange: Exchange, symbol: string): Ticker | null;
  /** Daily candles of a coin on one exchange, oldest first, ending with today's, which closes at its running price there. */
  exchangeCandles(exchange: Exchange, symbol: string): readonly DayCandle[] | null;
  /** The same of any span, at any interval of whole minutes that a day is a multiple of. */
  exchangePast(exchange: Exchange, symbol: string, span: Span): readonly Candle[] | null;
  /** 00:00 UTC of a coin's first day, ms since 1970; `null` when nobody trades it. */
  listedMs(symbol: string): number | null;
  /** SPY, DIA or QQQ. */
  fund(symbol: string): FundQuote | null;
  /** Fear & Greed by day as published, oldest first: ends today, or yesterday while today's is not out yet. */
  fng(): readonly FngDay[];
  set(change: MarketChange): void;
  /** One step of the walk at once, also while frozen. */
  step(): void;
  isFrozen(): boolean;
  isUsMarketOpen(): boolean;
  /** Per cent by exchange; 0 unless set. */
  offsets(): Offsets;
  /** The figures that were set. */
  held(): readonly SettableFigure[];
}

/** @param seed whole number; the same seed and the same steps give the same market */
export function createMarket(clock: Clock, seed: number): Market {
  const { held, offsets, apply } = createSettings();
  const trading = createTrading(seed, clock.now());
  const { walk } = trading;
  const pace = createPace(clock, {
    step: (nowMs) => trading.step(held.has('btc_price_usd'), nowMs),
    turnDays: trading.turnDays,
  });
  const fng = () => {
    pace.catchUp();
    return withNewest(publishedFng(walk.fng(), clock.now()), held.get('fng_value'));
  };
  const coin = (symbol: string): Ticker | null => {
    pace.catchUp();
    const days = trading.lastDays(symbol);
    if (!days) return null;
    const ticker = tickerOf(days, pace.figuresMs());
    return symbol === 'BTC'
      ? withChange(ticker, held.get('btc_change_24h'), days.decimals)
      : ticker;
  };
  const place = (exchange: Exchange, symbol: string) =>
    placeOf(exchange, symbol, offsets()[exchange]);
  return {
    figures() {
      const fng_value = fng().at(-1)?.value ?? START.fng;
      return { ...figuresOf(walk, pace.figuresMs()), fng_value, ...Object.fromEntries(held) };
    },
    coin,
    exchangeCoin(exchange, symbol) {
      const ticker = coin(symbol);
      return ticker && onExchange(ticker, place(exchange, symbol));
    },
    exchangeCandles(exchange, symbol) {
      pace.catchUp();
      const past = trading.past(symbol, clock.now());
      return past && daysOn(past, exchange);
    },
    exchangePast(exchange, symbol, span) {
      pace.catchUp();
      const past = trading.past(symbol, clock.now());
      return past && candlesIn(past, span, { seed, exchange, nowMs: clock.now() });
    },
    listedMs(symbol) {
      pace.catchUp();
      return trading.past(symbol, clock.now())?.days[0]?.openTimeMs ?? null;
    },
    fund(symbol) {
      pace.catchUp();
      return trading.fund(symbol);
    },
    fng,
    set(change) {
      pace.catchUp();
      apply(change);
      const nowMs = clock.now();
      if (change.exchange_offset_percent) trading.setOffsets(offsets(), nowMs);
      if (typeof change.btc_price_usd === 'number') trading.setPrice(change.btc_price_usd, nowMs);
      if (typeof change.volume_24h === 'number') walk.setVolume(change.volume_24h);
      if (change.us_market_open !== undefined) trading.openFunds(change.us_market_open);
      if (change.frozen !== undefined) pace.freeze(change.frozen);
    },
    step: pace.step,
    isFrozen: pace.isFrozen,
    isUsMarketOpen: trading.areFundsOpen,
    offsets,
    held: () => [...held.keys()],
  };
}

const placeOf = (exchange: Exchange, symbol: string, offsetPct: number): Place => ({
  exchange,
  decimals: COINS.get(symbol)?.decimals ?? 0,
  offsetPct,
});

/** What was set and stays so. */
function createSettings() {
  const held = new Map<SettableFigure, number>();
  let offsets: Offsets = { binance: 0, coinbase: 0, kraken: 0 };
  const apply = (change: MarketChange): void => {
    for (const figure of SETTABLE) {
      const value = change[figure];
      if (value === null) held.delete(figure);
      else if (value !== undefined) held.set(figure, value);
    }
    for (const exchange of EXCHANGES) {
      const offsetPct = change.exchange_offset_percent?.[exchange];
      if (offsetPct !== undefined) offsets = { ...offsets, [exchange]: offsetPct ?? 0 };
    }
  };
  return { held, offsets: () => offsets, apply };
}

/** A change that was set is what every exchange tells: its price of a day ago gives way. */
function withChange(ticker: Ticker, changePct: number | undefined, decimals: number): Ticker {
  if (changePct === undefined) return ticker;
  const open24h = toTick(ticker.price / (1 + changePct / 100), decimals);
  return {
    ...ticker,
    open24h,
    high24h: Math.max(ticker.high24h, open24h),
    low24h: Math.min(ticker.low24h, open24h),
  };
}

function withNewest(series: readonly FngDay[], value: number | undefined): readonly FngDay[] {
  const last = series.at(-1);
  return value === undefined || !last ? series : series.with(-1, { ...last, value });
}
