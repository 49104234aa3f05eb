/** The random walk under the market: price, volume, candles and Fear & Greed, moved step by step. */

import {
  createCandles,
  DAY_MS,
  DAY_SIGMA,
  type DayCandle,
  startOfDay,
  toCents,
  traded,
  untraded,
} from './candles.ts';
import { randomOf } from './coins.ts';
import { createFngSeries, type FngDay, fromFirstDay, stepFng, withHoles } from './fear-greed.ts';
import { createRandom } from './random.ts';

/** What walks. */
export interface Walk {
  /** US dollars, to the cent. */
  price(): number;
  /** US dollars in 24 hours, the whole market. */
  volume(): number;
  /** Oldest first; the last one closes at `price()`. */
  candles(): readonly DayCandle[];
  /** The day before today. */
  yesterday(): DayCandle;
  today(): DayCandle;
  /** Oldest first. */
  fng(): readonly FngDay[];
  setPrice(price: number): void;
  setVolume(volume: number): void;
  /** One second of trading. With `holdPrice` the price stays while the rest moves. */
  step(holdPrice: boolean): void;
  /** Opens every day that has begun by `nowMs`. */
  turnDays(nowMs: number): void;
}

/** Where the market stands when it is switched on. */
export const START = {
  price: 77_705,
  changePct: -1.41,
  rsi: 33.45,
  marketCap: 2_621_040_321_355.0405,
  volume: 95_133_256_404.37308,
  btcDominancePct: 57.95,
  ethDominancePct: 9.58,
  fng: 26,
} as const;

/** A step a second, as the exchanges' tickers. */
export const STEP_MS = 1000;
/** More than a year of history, so that a year can be charted. */
const DAYS = 520;
/** The most that a kline request may ask for; older days are forgotten. */
export const MAX_DAYS = 1000;
/** The index is told as a whole: a whole life of it, 40 years, is kept. */
const MAX_FNG_DAYS = 15_000;
const STEP_SIGMA = DAY_SIGMA * Math.sqrt(STEP_MS / DAY_MS);
/** The volume wavers about its start: the part of the way back it goes in a step, and how far it strays. */
const VOLUME_PULL = 0.001;
const VOLUME_SIGMA = 0.0005;
/** Coins traded in a step of a middling day, on one exchange. */
const STEP_COINS = (22_000 * STEP_MS) / DAY_MS;

/** @param seed whole number; the same seed and the same steps give the same walk */
export function createWalk(seed: number, nowMs: number): Walk {
  const random = createRandom(seed);
  let candles = createCandles(random, DAYS, { nowMs, ...START });
  const newestFng = createFngSeries(random, DAYS, startOfDay(nowMs), START.fng);
  let fng = withHoles(fromFirstDay(randomOf(seed, 'fng'), newestFng));
  let price: number = START.price;
  let volume: number = START.volume;

  const dayAt = (index: number): DayCandle => {
    const day = candles.at(index);
    if (!day) throw new RangeError('a market has two days at least');
    return day;
  };
  const trade = (nextPrice: number, coins: number) => {
    price = nextPrice;
    candles = candles.with(-1, traded(dayAt(-1), nextPrice, coins));
  };
  return {
    price: () => price,
    volume: () => volume,
    candles: () => candles,
    yesterday: () => dayAt(-2),
    today: () => dayAt(-1),
    fng: () => fng,
    setPrice: (next) => trade(next, 0),
    setVolume(next) {
      volume = next;
    },
    step(holdPrice) {
      const coins = STEP_COINS * (0.5 + random.uniform());
      const moved = toCents(price * Math.exp(STEP_SIGMA * random.normal()));
      trade(holdPrice ? price : moved, coins);
      const pull = Math.log(START.volume / volume) * VOLUME_PULL;
      volume *= Math.exp(pull + VOLUME_SIGMA * random.normal());
    },
    turnDays(untilMs) {
      const today = startOfDay(untilMs);
      const next = (candles.at(-1)?.openTimeMs ?? today) + DAY_MS;
      const from = Math.max(next, today - (MAX_DAYS - 1) * DAY_MS);
      for (let day = from; day <= today; day += DAY_MS) {
        candles = [...candles, untraded(day, price)].slice(-MAX_DAYS);
        const value = stepFng(random, fng.at(-1)?.value ?? START.fng);
        fng = withHoles([...fng, { dayMs: day, value }]).slice(-MAX_FNG_DAYS);
      }
    },
  };
}
