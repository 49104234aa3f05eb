/** Daily candles of a market that never was: a random path bent so that it ends where it is told to. */

import type { Random } from './random.ts';
import { rsi } from './rsi.ts';

/** What a price did in an interval of time. Prices in US dollars to the tick, volume in coins. */
export interface Candle {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Of a day, in UTC. */
export type DayCandle = Candle;

/** Where the path has to end. */
export interface Ending {
  readonly nowMs: number;
  readonly price: number;
  /** Per cent over the last 24 hours. */
  readonly changePct: number;
  /** RSI(14) with `price` as the running close. */
  readonly rsi: number;
}

/** Milliseconds of a day; UTC has no other days. */
export const DAY_MS = 86_400_000;

/** Standard deviation of a day's logarithmic return: what BTC shows in a calm year. */
export const DAY_SIGMA = 0.022;

/** Days at the end of the path that are bent until the RSI fits; Wilder's average has forgotten earlier ones. */
const BENT_DAYS = 40;
/** Steepest bend tried, as a daily logarithmic return. */
const MAX_BEND = 0.03;
/** Halvings of the search for the bend: 2^-40 of the interval is far below a cent. */
const BISECTIONS = 40;
/** Price of the first day as a part of the last price. */
const START_RATIO = 0.8;
/** How far yesterday fell from open to close, as a part of its price. */
const YESTERDAY_FALL = 0.004;
/** Coins traded on a day without news. */
const CALM_VOLUME = 15_000;

/** US dollars to the cent, the tick of BTCUSDT. */
export const toCents = (price: number): number => Math.round(price * 100) / 100;

/** A traded amount to five decimals, the steps in which BTC is traded. */
export const toVolume = (coins: number): number => Math.round(coins * 1e5) / 1e5;

/** An interval opens where the one before it closed. */
export const untraded = (openTimeMs: number, price: number): Candle => ({
  openTimeMs,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 0,
});

/** The open candle after `coins` were traded at `price`. */
export const traded = (candle: Candle, price: number, coins: number): Candle => ({
  ...candle,
  high: Math.max(candle.high, price),
  low: Math.min(candle.low, price),
  close: price,
  volume: toVolume(candle.volume + coins),
});

/** 00:00 UTC of the day that `ms` lies in. */
export const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/**
 * The price 24 hours ago, read off yesterday's candle as a straight line from open to close. Continuous over midnight,
 * because a day opens where the day before closed.
 */
export function priceDayAgo(yesterday: DayCandle, nowMs: number): number {
  const passed = (nowMs - startOfDay(nowMs)) / DAY_MS;
  return yesterday.open + (yesterday.close - yesterday.open) * passed;
}

/**
 * `days` daily candles, the last one being today's, still open.
 * @param days at least 60, so that the bend has a path before it
 */
export function createCandles(random: Random, days: number, ending: Ending): DayCandle[] {
  const noise = Array.from({ length: days - 3 }, () => random.normal() * DAY_SIGMA);
  const closes = bendToRsi(noise, ending).map(toCents);
  const first = startOfDay(ending.nowMs) - (days - 1) * DAY_MS;
  return closes.map((close, i) => {
    const open = closes[i - 1] ?? close;
    const isOpen = i === closes.length - 1;
    const passed = isOpen ? (ending.nowMs - startOfDay(ending.nowMs)) / DAY_MS : 1;
    const news = 1 + Math.abs(Math.log(close / open)) / DAY_SIGMA;
    const volume = CALM_VOLUME * news * Math.exp(0.3 * random.normal()) * passed;
    return {
      openTimeMs: first + i * DAY_MS,
      open,
      high: toCents(Math.max(open, close) * (1 + 0.006 * Math.abs(random.normal()))),
      low: toCents(Math.min(open, close) * (1 - 0.006 * Math.abs(random.normal()))),
      close,
      volume: toVolume(volume),
    };
  });
}

/** Searches the bend: a steeper rise of the last days gives a higher RSI, so halving the interval finds it. */
function bendToRsi(noise: readonly number[], ending: Ending): number[] {
  let low = -MAX_BEND;
  let high = MAX_BEND;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if ((rsi(closesWithBend(noise, middle, ending)) ?? 0) < ending.rsi) low = middle;
    else high = middle;
  }
  return closesWithBend(noise, (low + high) / 2, ending);
}

/** Walks back from the ending; the last two days are given by the price and its change, the others by the noise. */
function closesWithBend(noise: readonly number[], bend: number, ending: Ending): number[] {
  const passed = (ending.nowMs - startOfDay(ending.nowMs)) / DAY_MS;
  const dayAgo = ending.price / (1 + ending.changePct / 100);
  const fall = YESTERDAY_FALL * dayAgo;
  const yesterdayOpen = dayAgo + fall * passed;
  const bent = noise.slice(-BENT_DAYS).map((r) => r + bend);
  const early = noise.slice(0, -BENT_DAYS);
  const sum = (returns: readonly number[]) => returns.reduce((total, r) => total + r, 0);
  const rise = Math.log(yesterdayOpen / (START_RATIO * ending.price)) - sum(bent);
  const drift = (rise - sum(early)) / early.length;
  const closes = [yesterdayOpen];
  for (const r of [...early.map((r) => r + drift), ...bent].reverse()) {
    closes.push((closes.at(-1) ?? yesterdayOpen) * Math.exp(-r));
  }
  return [...closes.reverse(), yesterdayOpen - fall, ending.price];
}
