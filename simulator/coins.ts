/** The coins and US funds beside BTC: each moves with BTC by its beta, and by noise of its own. */

import {
  DAY_MS,
  DAY_SIGMA,
  type DayCandle,
  startOfDay,
  toVolume,
  traded,
  untraded,
} from './candles.ts';
import { createRandom, type Random } from './random.ts';

/** What is fixed about a coin or a fund. */
export interface Listing {
  /** CoinGecko's identifier; `null` for a fund. */
  readonly id: string | null;
  /** US dollars when the market is switched on. */
  readonly start: number;
  /** Decimals of a price: the tick of its pair on Binance. */
  readonly decimals: number;
  /** How many times BTC's logarithmic return it makes. */
  readonly beta: number;
  /** Standard deviation of a day's return of its own. */
  readonly sigma: number;
  /** Coins in circulation. */
  readonly supply: number;
  /** Dollars that change hands for each dollar of BTC. */
  readonly turnover: number;
}

type Row = readonly [
  id: string | null,
  start: number,
  decimals: number,
  beta: number,
  sigmaPct: number,
  supply: number,
  turnover: number,
];

/** Sizes of a day of 2026; prices times supplies agree with the shares of CoinGecko's `market_cap_percentage`. */
const ROWS = {
  BTC: ['bitcoin', 77_705, 2, 1, 0, 19_960_000, 1],
  ETH: ['ethereum', 2080.86, 2, 1.33, 0.9, 120_690_000, 0.62],
  SOL: ['solana', 87.42, 2, 1.5, 1.3, 620_000_000, 0.21],
  XRP: ['ripple', 1.3664, 4, 1.2, 1.4, 61_000_000_000, 0.17],
  ADA: ['cardano', 0.2481, 4, 1.45, 1.4, 36_100_000_000, 0.04],
  LINK: ['chainlink', 9.12, 2, 1.5, 1.5, 708_000_000, 0.03],
  BNB: ['binancecoin', 668.71, 2, 0.9, 0.9, 136_000_000, 0.09],
  DOGE: ['dogecoin', 0.10278, 5, 1.5, 1.6, 153_000_000_000, 0.08],
  DOT: ['polkadot', 1.214, 3, 1.45, 1.5, 1_650_000_000, 0.01],
  AVAX: ['avalanche-2', 9.24, 3, 1.5, 1.5, 430_000_000, 0.02],
  LTC: ['litecoin', 54.31, 2, 1.1, 1.2, 76_800_000, 0.02],
  TRX: ['tron', 0.2989, 4, 0.4, 0.6, 94_700_000_000, 0.03],
  TON: ['the-open-network', 1.312, 3, 1.3, 1.4, 2_500_000_000, 0.01],
  BCH: ['bitcoin-cash', 441.5, 1, 1.1, 1.3, 20_000_000, 0.02],
  XLM: ['stellar', 0.1562, 4, 1.3, 1.4, 32_500_000_000, 0.01],
} as const satisfies Record<string, Row>;

/** A fund goes its own way. Its turnover is no upstream's matter. */
const FUND_ROWS = {
  SPY: [null, 742.31, 2, 0, 0.8, 0, 1],
  DIA: [null, 501.18, 2, 0, 0.7, 0, 1],
  QQQ: [null, 689.44, 2, 0, 1, 0, 1],
} as const satisfies Record<string, Row>;

const listings = (rows: Record<string, Row>): ReadonlyMap<string, Listing> =>
  new Map(
    Object.entries(rows).map(
      ([symbol, [id, start, decimals, beta, sigmaPct, supply, turnover]]) => [
        symbol,
        { id, start, decimals, beta, sigma: sigmaPct / 100, supply, turnover },
      ],
    ),
  );

/** Every coin that is traded here, BTC first, by symbol. */
export const COINS = listings(ROWS);
/** The US funds, by symbol. */
export const FUNDS = listings(FUND_ROWS);

/** A price to the tick of its pair; never below one tick, since nothing is traded for nothing. */
export const toTick = (price: number, decimals: number): number =>
  Math.max(Number(price.toFixed(decimals)), 10 ** -decimals);

/** One price that walks, with its days. */
export interface Path {
  /** Oldest first; the last one closes at the running price. */
  days(): readonly DayCandle[];
  /** The day before today. */
  yesterday(): DayCandle;
  today(): DayCandle;
  /** BTC made this logarithmic return, without a trade. */
  follow(btcReturn: number): void;
  /** One step: BTC's return, noise, and a turnover that follows what was paid for BTC in US dollars. */
  step(btcReturn: number, btcDollars: number): void;
  /** Opens every day that has begun by `untilMs`. */
  turnDays(untilMs: number): void;
}

/** How a path is made. */
export interface PathOptions {
  readonly listing: Listing;
  readonly random: Random;
  /** BTC's days, oldest first, two at least: the history is bent from them. */
  readonly btcDays: readonly DayCandle[];
  readonly stepMs: number;
  /** The most days that are kept. */
  readonly maxDays: number;
}

export function createPath({ listing, random, btcDays, stepMs, maxDays }: PathOptions): Path {
  const { decimals, beta, sigma, turnover } = listing;
  const stepSigma = sigma * Math.sqrt(stepMs / DAY_MS);
  const history = historyOf(listing, random, btcDays);
  let today = lastOf(history);
  let past: readonly DayCandle[] = history.slice(0, -1);
  // Not rounded: many a step is smaller than a tick and would never be made.
  let exact = listing.start;
  const trade = (logReturn: number, btcDollars: number) => {
    exact *= Math.exp(logReturn);
    today = traded(today, toTick(exact, decimals), (btcDollars * turnover) / exact);
  };
  return {
    days: () => [...past, today],
    yesterday: () => lastOf(past),
    today: () => today,
    follow: (btcReturn) => trade(beta * btcReturn, 0),
    step: (btcReturn, btcDollars) =>
      trade(beta * btcReturn + stepSigma * random.normal(), btcDollars),
    turnDays(untilMs) {
      const last = startOfDay(untilMs);
      const from = Math.max(today.openTimeMs + DAY_MS, last - (maxDays - 1) * DAY_MS);
      for (let day = from; day <= last; day += DAY_MS) {
        past = [...past, today].slice(1 - maxDays);
        today = untraded(day, today.close);
      }
    },
  };
}

function lastOf(days: readonly DayCandle[]): DayCandle {
  const last = days.at(-1);
  if (!last) throw new RangeError('a path has two days at least');
  return last;
}

/** Every coin's noise is its own and comes from the market's seed. */
export const randomOf = (seed: number, symbol: string): Random => {
  let mixed = seed;
  for (const character of symbol) {
    mixed = (Math.imul(mixed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  }
  return createRandom(mixed);
};

/** BTC's days bent by the beta, with noise, so that the last one closes at the start price. */
function historyOf(listing: Listing, random: Random, btcDays: readonly DayCandle[]): DayCandle[] {
  const { start, decimals, beta, sigma, turnover } = listing;
  const price = btcDays.at(-1)?.close ?? 1;
  // A fund does not follow BTC; its days have a shape of their own.
  const shape = beta === 0 ? sigma / DAY_SIGMA : beta;
  let noise = 0;
  const closes = btcDays.toReversed().map(({ close }) => {
    const bent = toTick(start * (close / price) ** beta * Math.exp(noise), decimals);
    noise += sigma * random.normal();
    return bent;
  });
  closes.reverse();
  return btcDays.map((btc, i) => {
    const close = closes[i] ?? start;
    const open = closes[i - 1] ?? close;
    const above = (btc.high / Math.max(btc.open, btc.close)) ** shape;
    const below = (btc.low / Math.min(btc.open, btc.close)) ** shape;
    return {
      openTimeMs: btc.openTimeMs,
      open,
      high: toTick(Math.max(open, close) * above, decimals),
      low: toTick(Math.min(open, close) * below, decimals),
      close,
      volume: toVolume((btc.volume * btc.close * turnover) / close),
    };
  });
}
