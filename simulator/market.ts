/** The market that every simulated upstream speaks of: one seeded random walk, so that all of them agree. */

import type { Clock } from '../contract/index.ts';
import { type DayCandle, priceDayAgo, startOfDay } from './candles.ts';
import { COINS, toTick } from './coins.ts';
import { type FngDay, publishedFng } from './fear-greed.ts';
import { rsi } from './rsi.ts';
import {
  candlesOnExchange,
  EXCHANGES,
  type Exchange,
  onExchange,
  type Ticker,
  tickerOf,
} from './ticker.ts';
import { createTrading, type FundQuote } from './trading.ts';
import { START, STEP_MS, type Walk } from './walk.ts';

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
  /** Daily candles of BTC, oldest first, ending with today's, which closes at the running price. */
  candles(): readonly DayCandle[];
  /** Daily candles of a coin on one exchange; the last one closes at `exchangeCoin`'s price. */
  exchangeCandles(exchange: Exchange, symbol: string): readonly DayCandle[] | null;
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
  offsets(): Readonly<Record<Exchange, number>>;
  /** The figures that were set. */
  held(): readonly SettableFigure[];
}

/** Steps made up for when nobody has asked for a while (an hour); what lies further back is skipped. */
const MAX_STEPS = 3600;
/** How much more than BTC the other coins move. */
const OTHERS_BETA = 1.33;
/** The volume 24 hours ago. It has no memory: the volume only wavers about its start. */
const VOLUME_DAY_AGO = START.volume / (1 - 0.032);
/** BTC's part of the volume. */
const BTC_VOLUME_SHARE = 0.31;
const BTC_CAP = (START.marketCap * START.btcDominancePct) / 100;
const OTHERS_CAP = START.marketCap - BTC_CAP;
const ETH_SHARE_OF_OTHERS = START.ethDominancePct / (100 - START.btcDominancePct);

/** @param seed whole number; the same seed and the same steps give the same market */
export function createMarket(clock: Clock, seed: number): Market {
  const held = new Map<SettableFigure, number>();
  const offsets: Record<Exchange, number> = { binance: 0, coinbase: 0, kraken: 0 };
  const trading = createTrading(seed, clock.now());
  const { walk } = trading;
  const pace = createPace(clock, {
    step: (nowMs) => trading.step(held.has('btc_price_usd'), nowMs),
    turnDays: trading.turnDays,
  });
  const fng = () => withNewest(publishedFng(walk.fng(), clock.now()), held.get('fng_value'));
  const coin = (symbol: string): Ticker | null => {
    pace.catchUp();
    const days = trading.lastDays(symbol);
    if (!days) return null;
    const ticker = tickerOf(days, pace.figuresMs());
    const changePct = symbol === 'BTC' ? held.get('btc_change_24h') : undefined;
    return changePct === undefined ? ticker : withChange(ticker, changePct, days.decimals);
  };
  const difference = (exchange: Exchange, symbol: string) => ({
    exchange,
    decimals: COINS.get(symbol)?.decimals ?? 0,
    offsetPct: offsets[exchange],
  });
  return {
    figures() {
      pace.catchUp();
      const fngValue = fng().at(-1)?.value ?? START.fng;
      const figures = { ...figuresOf(walk, pace.figuresMs()), fng_value: fngValue };
      return { ...figures, ...Object.fromEntries(held) };
    },
    coin,
    exchangeCoin(exchange, symbol) {
      const ticker = coin(symbol);
      return ticker && onExchange(ticker, difference(exchange, symbol));
    },
    exchangeCandles(exchange, symbol) {
      pace.catchUp();
      const days = trading.days(symbol);
      return days && candlesOnExchange(days, difference(exchange, symbol));
    },
    candles() {
      pace.catchUp();
      return walk.candles();
    },
    fund(symbol) {
      pace.catchUp();
      return trading.fund(symbol);
    },
    fng() {
      pace.catchUp();
      return fng();
    },
    set(change) {
      pace.catchUp();
      for (const figure of SETTABLE) {
        const value = change[figure];
        if (value === null) held.delete(figure);
        else if (value !== undefined) held.set(figure, value);
      }
      for (const exchange of EXCHANGES) {
        const offsetPct = change.exchange_offset_percent?.[exchange];
        if (offsetPct !== undefined) offsets[exchange] = offsetPct ?? 0;
      }
      if (typeof change.btc_price_usd === 'number') trading.setPrice(change.btc_price_usd);
      if (typeof change.volume_24h === 'number') walk.setVolume(change.volume_24h);
      if (change.us_market_open !== undefined) trading.openFunds(change.us_market_open);
      if (change.frozen !== undefined) pace.freeze(change.frozen);
    },
    step: pace.step,
    isFrozen: pace.isFrozen,
    isUsMarketOpen: trading.areFundsOpen,
    offsets: () => ({ ...offsets }),
    held: () => [...held.keys()],
  };
}

/** What moves with time. */
interface Moved {
  step(nowMs: number): void;
  turnDays(nowMs: number): void;
}

/** Brings `moved` up to the clock whenever somebody asks. */
function createPace(clock: Clock, moved: Moved) {
  let frozen = false;
  let lastStepMs = clock.now();
  /** The moment the changes over 24 hours are told for; it stands while the market does, until the day turns. */
  let figuresMs = clock.now();
  const catchUp = () => {
    const nowMs = clock.now();
    // Neither a long silence nor a wall clock that was set back stops the walk.
    lastStepMs = Math.min(nowMs, Math.max(lastStepMs, nowMs - MAX_STEPS * STEP_MS));
    while (nowMs - lastStepMs >= STEP_MS) {
      lastStepMs += STEP_MS;
      moved.turnDays(lastStepMs);
      if (!frozen) moved.step(lastStepMs);
    }
    moved.turnDays(nowMs);
    if (!frozen || startOfDay(figuresMs) !== startOfDay(nowMs)) figuresMs = nowMs;
  };
  return {
    catchUp,
    figuresMs: () => figuresMs,
    /** At once, also while frozen. */
    step() {
      catchUp();
      moved.step(clock.now());
    },
    freeze(isFrozen: boolean) {
      frozen = isFrozen;
    },
    isFrozen: () => frozen,
  };
}

/** A change that was set is what every exchange tells: its price of a day ago gives way. */
function withChange(ticker: Ticker, changePct: number, decimals: number): Ticker {
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

const btcCap = (price: number) => (BTC_CAP * price) / START.price;
const othersCap = (price: number) => OTHERS_CAP * (price / START.price) ** OTHERS_BETA;
const percentChange = (now: number, before: number) => (now / before - 1) * 100;

function figuresOf(walk: Walk, nowMs: number): Omit<SimulatedFigures, 'fng_value'> {
  const price = walk.price();
  const volume = walk.volume();
  const dayAgo = priceDayAgo(walk.yesterday(), nowMs);
  const cap = btcCap(price) + othersCap(price);
  const rsi14 = rsi(walk.candles().map((candle) => candle.close)) ?? START.rsi;
  return {
    btc_price_usd: price,
    btc_change_24h: percentChange(price, dayAgo),
    market_cap: cap,
    market_cap_change_24h: percentChange(cap, btcCap(dayAgo) + othersCap(dayAgo)),
    volume_24h: volume,
    volume_change_24h: percentChange(volume, VOLUME_DAY_AGO),
    btc_dominance: (btcCap(price) / cap) * 100,
    eth_dominance: ((othersCap(price) * ETH_SHARE_OF_OTHERS) / cap) * 100,
    rsi_14: rsi14,
    rsi_14_taapi: rsi14,
    btc_market_cap: btcCap(price),
    btc_volume_24h: volume * BTC_VOLUME_SHARE,
  };
}
