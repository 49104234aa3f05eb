/** The market that every simulated upstream speaks of: one seeded random walk, so that all of them agree. */

import type { Clock } from '../contract/index.ts';
import { type DayCandle, priceDayAgo, startOfDay } from './candles.ts';
import type { FngDay } from './fear-greed.ts';
import { rsi } from './rsi.ts';
import { createWalk, START, STEP_MS, type Walk } from './walk.ts';

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
};

/** One market. Walks by itself: whoever asks gets the figures of now. */
export interface Market {
  figures(): SimulatedFigures;
  /** Daily candles of BTC, oldest first, ending with today's, which closes at the running price. */
  candles(): readonly DayCandle[];
  /** Fear & Greed by day, oldest first, ending today. */
  fng(): readonly FngDay[];
  set(change: MarketChange): void;
  /** One step of the walk at once, also while frozen. */
  step(): void;
  isFrozen(): boolean;
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
  const walk = createWalk(seed, clock.now());
  let frozen = false;
  let lastStepMs = clock.now();
  /** The moment the changes over 24 hours are told for; it stands while the market does, until the day turns. */
  let figuresMs = clock.now();

  const step = () => walk.step(held.has('btc_price_usd'));
  const catchUp = () => {
    const nowMs = clock.now();
    // Neither a long silence nor a wall clock that was set back stops the walk.
    lastStepMs = Math.min(nowMs, Math.max(lastStepMs, nowMs - MAX_STEPS * STEP_MS));
    while (nowMs - lastStepMs >= STEP_MS) {
      lastStepMs += STEP_MS;
      walk.turnDays(lastStepMs);
      if (!frozen) step();
    }
    walk.turnDays(nowMs);
    if (!frozen || startOfDay(figuresMs) !== startOfDay(nowMs)) figuresMs = nowMs;
  };
  return {
    figures() {
      catchUp();
      return { ...figuresOf(walk, figuresMs), ...Object.fromEntries(held) };
    },
    candles() {
      catchUp();
      return walk.candles();
    },
    fng() {
      catchUp();
      const today = held.get('fng_value');
      const series = walk.fng();
      const last = series.at(-1);
      return today === undefined || !last ? series : series.with(-1, { ...last, value: today });
    },
    set(change) {
      catchUp();
      for (const figure of SETTABLE) {
        const value = change[figure];
        if (value === null) held.delete(figure);
        else if (value !== undefined) held.set(figure, value);
      }
      if (typeof change.btc_price_usd === 'number') walk.setPrice(change.btc_price_usd);
      if (typeof change.volume_24h === 'number') walk.setVolume(change.volume_24h);
      if (change.frozen !== undefined) frozen = change.frozen;
    },
    step() {
      catchUp();
      step();
    },
    isFrozen: () => frozen,
    held: () => [...held.keys()],
  };
}

const btcCap = (price: number) => (BTC_CAP * price) / START.price;
const othersCap = (price: number) => OTHERS_CAP * (price / START.price) ** OTHERS_BETA;
const percentChange = (now: number, before: number) => (now / before - 1) * 100;

function figuresOf(walk: Walk, nowMs: number): SimulatedFigures {
  const price = walk.price();
  const volume = walk.volume();
  const yesterday = walk.candles().at(-2);
  const dayAgo = yesterday ? priceDayAgo(yesterday, nowMs) : price;
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
    fng_value: walk.fng().at(-1)?.value ?? START.fng,
    rsi_14: rsi14,
    rsi_14_taapi: rsi14,
    btc_market_cap: btcCap(price),
    btc_volume_24h: volume * BTC_VOLUME_SHARE,
  };
}
