/** The daily candles of each exchange with its own running price as last close: what the RSI is computed from. */

import { BASE_COIN, type SourceId } from '../../contract/index.ts';
import { noAverages, rsiOf, type WilderAverages, withClose } from '../indicators/rsi.ts';
import type { Candle, CandlesReading, CoinReading } from '../sources/source.ts';
import type { Held } from './readings.ts';

/** A day in UTC, ms. */
export const DAY_MS = 86_400_000;

/** The RSI of one exchange now. */
export interface RunningRsi {
  /** 0 … 100, not rounded. */
  readonly value: number;
  /** Where the last close comes from: a streamed price, or the candles alone. */
  readonly close: Held<CoinReading> | Held<CandlesReading>;
  /** The last moment of the newest candle, ms since 1970. */
  readonly endMs: number;
}

/** Kept for every exchange, from what the feed takes; never a price of one exchange with candles of another. */
export interface RunningCandles {
  take(held: Held): void;
  /** When the newest candle that was fetched opened, ms since 1970; `null` while no candles are known. */
  newestFetchedMs(source: SourceId): number | null;
  /**
   * @param live the price that the exchange streams now, if there is one
   * @param mayUsePrices `false`: the candles alone
   * @returns `null` while too few candles are known
   */
  rsi(source: SourceId, live: Held<CoinReading> | null, mayUsePrices: boolean): RunningRsi | null;
}

interface Book {
  candles: FetchedCandles | null;
  /** The last price of the newest day there was one of. */
  last: Held<CoinReading> | null;
  /** The last price of a day before that: how the day closed as far as the stream told. */
  closing: Held<CoinReading> | null;
}

interface FetchedCandles {
  readonly held: Held<CandlesReading>;
  readonly newest: Candle;
  readonly newestDay: number;
  /** After all closes but the newest: a change of price is one step from here. */
  readonly before: WilderAverages;
}

/** Starts without any candle. */
export function createRunningCandles(): RunningCandles {
  const books = new Map<SourceId, Book>();
  const bookOf = (source: SourceId): Book => {
    const book = books.get(source) ?? { candles: null, last: null, closing: null };
    books.set(source, book);
    return book;
  };
  return {
    take(held) {
      if (held.figure === 'candles') noteCandles(bookOf(held.source), held);
      if (held.figure === 'coin' && held.symbol === BASE_COIN) notePrice(bookOf(held.source), held);
    },
    newestFetchedMs: (source) => books.get(source)?.candles?.newest[0] ?? null,
    rsi(source, live, mayUsePrices) {
      const { candles, last, closing } = books.get(source) ?? {};
      if (!candles) return null;
      const prices = mayUsePrices ? [closing, last].flatMap((price) => price ?? []) : [];
      return rsiWith(candles, prices, live);
    },
  };
}

/** An answer that ends with an earlier day than one before it comes from a cache. */
function noteCandles(book: Book, held: Held<CandlesReading>): void {
  const newest = held.value.at(-1);
  if (newest === undefined || newest[0] < (book.candles?.newest[0] ?? 0)) return;
  const closed = held.value.slice(0, -1).map(([, , , , close]) => close);
  book.candles = {
    held,
    newest,
    newestDay: dayOf(newest[0]),
    before: closed.reduce(withClose, noAverages()),
  };
}

/** A price of a day that is over says nothing of the one that is running. */
function notePrice(book: Book, price: Held<CoinReading>): void {
  const lastDay = book.last === null ? Number.NEGATIVE_INFINITY : priceDay(book.last);
  if (priceDay(price) < lastDay) return;
  if (priceDay(price) > lastDay) book.closing = book.last;
  book.last = price;
}

/** @param prices the last ones of two days at most, in their order */
function rsiWith(
  { held, newest, newestDay, before }: FetchedCandles,
  prices: readonly Held<CoinReading>[],
  live: Held<CoinReading> | null,
): RunningRsi | null {
  const ofDay = (day: number) => prices.find((price) => priceDay(price) === day);
  const today = ofDay(newestDay);
  const next = ofDay(newestDay + 1);
  // A day that lies between the candles and the prices is missing: its close is not known.
  const hasGap = prices.some((price) => priceDay(price) > newestDay + 1);
  const [, , , , ownClose] = newest;
  // While the stream lives its word counts, else whatever came later.
  const isStreamed =
    !hasGap && today !== undefined && (today === live || today.arrival > held.arrival);
  const withNewest = withClose(before, isStreamed ? today.value.price_usd : ownClose);
  // At 00:00 UTC the candle closes at its last price and another opens, until both have been fetched.
  const hasRolled = !hasGap && next !== undefined;
  const value = rsiOf(hasRolled ? withClose(withNewest, next.value.price_usd) : withNewest);
  if (value === null) return null;
  const close = hasRolled ? next : isStreamed ? today : held;
  return { value, close, endMs: (newestDay + (hasRolled ? 2 : 1)) * DAY_MS - 1 };
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

/** The day is the exchange's own word; its clock and this node's differ. */
const priceDay = ({ eventTimeMs, asOfMs }: Held<CoinReading>): number =>
  dayOf(eventTimeMs ?? asOfMs);
