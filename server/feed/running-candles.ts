/** The daily candles of each exchange with its own running price as last close: what the RSI is computed from. */

import { BASE_COIN, MAX_AHEAD_MS, type SourceId, STALE_AFTER_S } from '../../contract/index.ts';
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
   * Whether prices have come that do not follow on the newest candle: how its day closed, or a day after it, is not known.
   * Then the RSI is that of the candles alone until newer ones come.
   */
  hasGap(source: SourceId): boolean;
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
  /** What the day before that closed at: its last price, unless something may have been missed after it. */
  closing: Held<CoinReading> | null;
}

interface FetchedCandles {
  readonly held: Held<CandlesReading>;
  readonly newest: Candle;
  readonly newestDay: number;
  /** After all closes but the newest: a change of price is one step from here. */
  readonly before: WilderAverages;
}

/**
 * A stream that lives shows a price to be as it was more often, ms: a price that comes later does not follow on the one
 * before it. No connection need have been lost: a node that slept over midnight has not noticed yet.
 */
const MAX_SILENCE_MS = STALE_AFTER_S.streamedPrice * 1000;

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
    hasGap(source) {
      const { candles, ...prices } = bookOf(source);
      return candles !== null && isGap(candles, prices);
    },
    rsi(source, live, mayUsePrices) {
      const { candles, ...prices } = bookOf(source);
      if (candles === null) return null;
      const mayFollow = mayUsePrices && !isGap(candles, prices);
      const days = mayFollow ? [prices.closing, prices.last].flatMap((price) => price ?? []) : [];
      return rsiWith(candles, days, live);
    },
  };
}

/** An answer that ends with an earlier day than one before it comes from a cache, unless that day is still to come. */
function noteCandles(book: Book, held: Held<CandlesReading>): void {
  const newest = held.value.at(-1);
  const lastMs = book.candles?.newest[0] ?? 0;
  if (newest === undefined || (newest[0] < lastMs && !isAhead(lastMs, held))) return;
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
  const { last } = book;
  if (last === null || isAhead(timeOf(last), price)) book.closing = null;
  else if (priceDay(price) < priceDay(last)) return;
  else if (priceDay(price) > priceDay(last)) book.closing = isFollowed(last, price) ? last : null;
  book.last = price;
}

/** Whether nothing was missed between two prices: the first was neither lost nor without word for long when the other came. */
const isFollowed = (last: Held<CoinReading>, price: Held<CoinReading>): boolean =>
  !last.isLost && timeOf(price) - Math.max(timeOf(last), last.asOfMs) <= MAX_SILENCE_MS;

/**
 * Whether a time has not come yet when something newer does: a clock was ahead then, or ours has gone back since. What is
 * of such a time counts no more, whether it is our own or an exchange's: nobody knows when it was.
 */
const isAhead = (ms: number, newer: Held): boolean => ms > newer.receivedAtMs + MAX_AHEAD_MS;

/** See {@link RunningCandles.hasGap}. */
function isGap(
  { held, newestDay }: FetchedCandles,
  { last, closing }: Pick<Book, 'last' | 'closing'>,
): boolean {
  if (last === null || priceDay(last) <= newestDay) return false;
  // Candles are never of later than the last moment of their newest day.
  const isClosed = held.asOfMs >= endOf(newestDay);
  const isKnown = isClosed || (closing !== null && priceDay(closing) === newestDay);
  return !isKnown || priceDay(last) > newestDay + 1;
}

/** @param prices the last ones of two days at most, in their order, without a gap after the candles */
function rsiWith(
  { held, newest, newestDay, before }: FetchedCandles,
  prices: readonly Held<CoinReading>[],
  live: Held<CoinReading> | null,
): RunningRsi | null {
  const ofDay = (day: number) => prices.find((price) => priceDay(price) === day);
  const today = ofDay(newestDay);
  const next = ofDay(newestDay + 1);
  const [, , , , ownClose] = newest;
  // While the stream lives its word counts, else whatever came later; but not by a clock that is slow.
  const isLater = (price: Held) => price.arrival > held.arrival && price.asOfMs >= held.asOfMs;
  const isStreamed = today !== undefined && (today === live || isLater(today));
  const withNewest = withClose(before, isStreamed ? today.value.price_usd : ownClose);
  // At 00:00 UTC the candle closes at its last price and another opens, until both have been fetched.
  const value = rsiOf(next ? withClose(withNewest, next.value.price_usd) : withNewest);
  if (value === null) return null;
  const close = next ?? (isStreamed ? today : held);
  return { value, close, endMs: endOf(next ? newestDay + 1 : newestDay) };
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

/** The last moment of a day. */
const endOf = (day: number): number => (day + 1) * DAY_MS - 1;

/** The exchange's own word; its clock and this node's differ. */
const timeOf = ({ eventTimeMs, asOfMs }: Held<CoinReading>): number => eventTimeMs ?? asOfMs;

const priceDay = (price: Held<CoinReading>): number => dayOf(timeOf(price));
