/** All that is traded: BTC's walk, and the coins and US funds that go along with it, step by step. */

import { type DayCandle, startOfDay } from './candles.ts';
import { COINS, createPath, FUNDS, type Listing, type Path, randomOf } from './coins.ts';
import { createTapes, type Tapes } from './past/tapes.ts';
import type { LastDays } from './ticker.ts';
import { createWalk, MAX_DAYS, STEP_MS, type Walk } from './walk.ts';

/** A US fund. Prices in US dollars, to the cent. */
export interface FundQuote {
  readonly price: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly previousClose: number;
  /** The last trade, ms since 1970. */
  readonly atMs: number;
}

/** What is traded. */
export interface Trading extends Pick<Tapes, 'past' | 'setOffsets'> {
  /** BTC, volume and Fear & Greed. */
  readonly walk: Walk;
  /** One second of trading. With `holdPrice` BTC's price stays while the rest moves. */
  step(holdPrice: boolean, nowMs: number): void;
  /** BTC's price at once; the coins go along. */
  setPrice(price: number, nowMs: number): void;
  turnDays(nowMs: number): void;
  lastDays(symbol: string): LastDays | null;
  fund(symbol: string): FundQuote | null;
  /** `false`: the funds stand still. */
  openFunds(isOpen: boolean): void;
  areFundsOpen(): boolean;
}

/** @param seed whole number; the same seed and the same steps give the same trading */
export function createTrading(seed: number, startMs: number): Trading {
  const walk = createWalk(seed, startMs);
  const btcDays = walk.candles();
  const paths = (listings: ReadonlyMap<string, Listing>) => createPaths(listings, seed, btcDays);
  const [coins, funds] = [paths(COINS), paths(FUNDS)];
  let fundsMs = startMs;
  let fundsOpen = true;
  let turnedTo = Number.NaN;
  const prices = new Map<string, Pick<Path, 'days' | 'yesterday' | 'today'>>([
    ['BTC', { ...walk, days: walk.candles }],
    ...coins,
  ]);
  const tapes = createTapes(startMs, prices);

  const stepFunds = (nowMs: number) => {
    if (!fundsOpen) return;
    for (const fund of funds.values()) fund.step(0, 0);
    fundsMs = nowMs;
  };
  const lastDays = (symbol: string): LastDays | null => {
    const decimals = COINS.get(symbol)?.decimals;
    const price = prices.get(symbol);
    if (decimals === undefined || !price) return null;
    return { yesterday: price.yesterday(), today: price.today(), decimals };
  };
  return {
    walk,
    step(holdPrice, nowMs) {
      const [price, volume] = [walk.price(), walk.today().volume];
      walk.step(holdPrice);
      const btcReturn = Math.log(walk.price() / price);
      const dollars = (walk.today().volume - volume) * walk.price();
      for (const coin of coins.values()) coin.step(btcReturn, dollars);
      stepFunds(nowMs);
      tapes.note(nowMs);
    },
    setPrice(price, nowMs) {
      const btcReturn = Math.log(price / walk.price());
      walk.setPrice(price);
      for (const coin of coins.values()) coin.follow(btcReturn);
      tapes.note(nowMs);
    },
    setOffsets: tapes.setOffsets,
    turnDays(nowMs) {
      // Whoever asks for a price asks for this first.
      const today = startOfDay(nowMs);
      if (today === turnedTo) return;
      turnedTo = today;
      walk.turnDays(nowMs);
      for (const path of [...coins.values(), ...funds.values()]) path.turnDays(nowMs);
    },
    past: tapes.past,
    lastDays,
    fund: (symbol) => {
      const path = funds.get(symbol);
      return path ? quoteOf(path, fundsMs) : null;
    },
    openFunds(isOpen) {
      fundsOpen = isOpen;
    },
    areFundsOpen: () => fundsOpen,
  };
}

function createPaths(
  listings: ReadonlyMap<string, Listing>,
  seed: number,
  btcDays: readonly DayCandle[],
): ReadonlyMap<string, Path> {
  const options = { btcDays, stepMs: STEP_MS, maxDays: MAX_DAYS };
  return new Map(
    [...listings]
      .filter(([symbol]) => symbol !== 'BTC')
      .map(([symbol, listing]) => {
        const random = randomOf(seed, symbol);
        return [symbol, createPath({ ...options, listing, random })];
      }),
  );
}

function quoteOf(path: Path, atMs: number): FundQuote {
  const { open, high, low, close } = path.today();
  return { price: close, open, high, low, previousClose: path.yesterday().close, atMs };
}
