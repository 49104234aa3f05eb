/** For tests: one exchange's candles and prices, as the feed takes them. */

import daily from '../indicators/fixtures/daily-closes.json';
import type { Candle, CandlesReading, CoinReading } from '../sources/source.ts';
import { createLatestReadings, type Held } from './readings.ts';
import { createRunningCandles, DAY_MS } from './running-candles.ts';
import { base, coin } from './test-feed.ts';

/** Closes of the recorded history: the last one is of the candle that is still open. */
export const CLOSES = daily.closes.slice(-400);
/** The day of the last of them. */
export const TODAY = Date.UTC(2026, 5, 6);
export const NOON = TODAY + DAY_MS / 2;
export const MIDNIGHT = TODAY + DAY_MS;

/** Without candles and prices at first. */
export function setUpRunning() {
  const latest = createLatestReadings();
  const running = createRunningCandles();
  const take = (reading: CoinReading | CandlesReading) => {
    const held = latest.take(reading);
    if (held !== null) running.take(held);
  };
  const price = () => latest.get('coin:BTC', 'binance');
  return {
    fetch: (closes: readonly number[], newestDayMs: number, receivedAtMs = newestDayMs) =>
      take(fetched(closes, newestDayMs, receivedAtMs)),
    price: (atMs: number, usd: number, stream = 1) =>
      take({ ...coin(atMs, usd, 'binance', 60), connection: `binance stream ${stream}` }),
    /** As the exchange's later frames do: the same event, shown to be as it was. */
    move: (eventTimeMs: number, atMs: number, usd: number) =>
      take({
        ...{ ...coin(atMs, usd, 'binance', 60), connection: 'binance stream 1' },
        eventTimeMs,
      }),
    /** A price that the exchange gives no time, received at that time of this node's clock. */
    timeless: (atMs: number, usd: number) =>
      take({
        ...{ ...coin(atMs, usd, 'binance', 60), connection: 'binance stream 1' },
        eventTimeMs: null,
      }),
    lose: (stream = 1) => latest.lose(`binance stream ${stream}`),
    /** @param isAlive whether the exchange's last price is live */
    rsi(isAlive = true) {
      const held = price();
      const live = isAlive && held?.figure === 'coin' && !held.isLost ? held : null;
      return running.rsi('binance', live, true);
    },
    alone: () => running.rsi('binance', null, false),
    newestFetchedMs: () => running.newestFetchedMs('binance'),
    hasGap: () => running.hasGap('binance'),
  };
}

const fetched = (
  closes: readonly number[],
  newestDayMs: number,
  receivedAtMs: number,
): CandlesReading => ({
  ...base('binance', receivedAtMs, 900),
  // A candle says nothing of the time after it.
  asOfMs: Math.min(receivedAtMs, newestDayMs + DAY_MS - 1),
  eventTimeMs: null,
  figure: 'candles',
  value: closes.map((close, index): Candle => {
    const openMs = newestDayMs - (closes.length - 1 - index) * DAY_MS;
    return [openMs, close, close, close, close, 1];
  }),
});

/** What a last close is, if it is a price. */
export const priceOf = (close: Held | undefined) =>
  close?.figure === 'coin' ? close.value.price_usd : null;
