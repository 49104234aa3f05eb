import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import daily from '../indicators/fixtures/daily-closes.json';
import { rsi } from '../indicators/rsi.ts';
import type { Candle, CandlesReading, CoinReading } from '../sources/source.ts';
import { createLatestReadings, type Held } from './readings.ts';
import { createRunningCandles, DAY_MS } from './running-candles.ts';
import { base, coin } from './test-feed.ts';

/** Closes of the recorded history: the last one is of the candle that is still open. */
const CLOSES = daily.closes.slice(-400);
/** The day of the last of them. */
const TODAY = Date.UTC(2026, 5, 6);
const NOON = TODAY + DAY_MS / 2;
const LARGEST_DIFFERENCE = 1e-4;

/** One exchange's candles and prices, as the feed takes them. */
function setUp() {
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
    lose: (stream = 1) => latest.lose(`binance stream ${stream}`),
    /** @param isAlive whether the exchange's last price is live */
    rsi(isAlive = true) {
      const held = price();
      const live = isAlive && held?.figure === 'coin' && !held.isLost ? held : null;
      return running.rsi('binance', live, true);
    },
    alone: () => running.rsi('binance', null, false),
    newestFetchedMs: () => running.newestFetchedMs('binance'),
  };
}

const fetched = (
  closes: readonly number[],
  newestDayMs: number,
  receivedAtMs: number,
): CandlesReading => ({
  ...base('binance', receivedAtMs, 900),
  eventTimeMs: null,
  figure: 'candles',
  value: closes.map((close, index): Candle => {
    const openMs = newestDayMs - (closes.length - 1 - index) * DAY_MS;
    return [openMs, close, close, close, close, 1];
  }),
});

const priceOf = (close: Held | undefined) =>
  close?.figure === 'coin' ? close.value.price_usd : null;

describe('running candles', () => {
  test('pitfall 34: give the RSI with the candle that is open, its close being the running price', () => {
    const { fetch, price, rsi: running, alone } = setUp();
    fetch(CLOSES.slice(0, -1), TODAY - DAY_MS, NOON);
    expect(Math.abs((running()?.value ?? Number.NaN) - 15.620888)).toBeLessThan(LARGEST_DIFFERENCE);
    fetch([...CLOSES.slice(0, -1), 61_000], TODAY, NOON);
    price(NOON + 1000, 60_783.51);
    expect(Math.abs((running()?.value ?? Number.NaN) - 15.37777)).toBeLessThan(LARGEST_DIFFERENCE);
    expect(alone()?.value).toBe(rsi([...CLOSES.slice(0, -1), 61_000]) ?? Number.NaN);
  });

  test('follow every price, without an earlier one leaving a trace', () => {
    const { fetch, price, rsi: running } = setUp();
    fetch(CLOSES, TODAY, NOON);
    const prices = [60_000, 90_000, 10_000, 60_500];
    for (const [index, usd] of prices.entries()) {
      price(NOON + index * 50, usd);
      expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), usd]) ?? Number.NaN);
      expect(running()?.close.asOfMs).toBe(NOON + index * 50);
    }
  });

  test('are of no use with fewer than fifteen closes, prices included', () => {
    const { fetch, price, rsi: running, newestFetchedMs } = setUp();
    expect(running()).toBeNull();
    expect(newestFetchedMs()).toBeNull();
    fetch(CLOSES.slice(-14), TODAY, NOON);
    price(NOON + 1, 60_000);
    expect(running()).toBeNull();
    fetch(CLOSES.slice(-15), TODAY, NOON + 2);
    expect(running()).not.toBeNull();
    expect(newestFetchedMs()).toBe(TODAY);
  });

  test('take the price of before the candles too: which of the two came first does not matter', () => {
    const { fetch, price, rsi: running } = setUp();
    price(NOON, 60_000);
    fetch(CLOSES, TODAY, NOON + 1000);
    expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), 60_000]) ?? Number.NaN);
  });

  describe('when the stream is dead', () => {
    test('keep its last price until candles come that are newer', () => {
      const { fetch, price, lose, rsi: running } = setUp();
      fetch([...CLOSES.slice(0, -1), 61_000], TODAY, NOON);
      price(NOON + 1000, 60_000);
      lose();
      expect(priceOf(running()?.close)).toBe(60_000);
      fetch([...CLOSES.slice(0, -1), 60_900], TODAY, NOON + 2000);
      expect(running()?.close.figure).toBe('candles');
      expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), 60_900]) ?? Number.NaN);
    });

    test('judge one that has only grown old in the same way', () => {
      const { fetch, price, rsi: running } = setUp();
      price(NOON, 60_000);
      fetch(CLOSES, TODAY, NOON + 70_000);
      expect(running(true)?.close.figure).toBe('coin');
      expect(running(false)?.close.figure).toBe('candles');
    });
  });

  describe('at 00:00 UTC', () => {
    const MIDNIGHT = TODAY + DAY_MS;
    const closed = CLOSES.slice(0, -1);

    test('pitfall 46: close a candle whose last frame was missed at its last price, and open the next', () => {
      const { fetch, price, lose, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 600_000, 60_000);
      lose();
      price(MIDNIGHT + 180_000, 60_500, 2);
      expect(running()?.value).toBe(rsi([...closed, 60_000, 60_500]) ?? Number.NaN);
      expect(running()?.endMs).toBe(MIDNIGHT + DAY_MS - 1);
    });

    test('pitfall 46: keep the new candle when a fetch still ends with yesterday, and believe its close', () => {
      const { fetch, price, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 600_000, 60_000);
      price(MIDNIGHT + 100, 60_500);
      fetch([...closed, 60_111], TODAY, MIDNIGHT + 200);
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
      expect(running(false)?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
    });

    test('pitfall 46: take both from a fetch that has them, with the running price while the stream lives', () => {
      const { fetch, price, lose, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 1, 60_000);
      price(MIDNIGHT + 100, 60_500);
      fetch([...closed, 60_111, 60_400], MIDNIGHT, MIDNIGHT + 5000);
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
      lose();
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_400]) ?? Number.NaN);
    });

    test('hold the new day’s fetched candle against a price of yesterday', () => {
      const { fetch, price, rsi: running } = setUp();
      price(MIDNIGHT - 1, 60_000);
      fetch([...CLOSES, 60_400], MIDNIGHT, MIDNIGHT + 5000);
      expect(running()?.close.figure).toBe('candles');
      expect(running()?.value).toBe(rsi([...CLOSES, 60_400]) ?? Number.NaN);
    });

    test('do not go back for a fetch that ends earlier than one before it', () => {
      const { fetch, rsi: running } = setUp();
      fetch([...CLOSES, 60_400], MIDNIGHT, MIDNIGHT + 5000);
      fetch(CLOSES, TODAY, MIDNIGHT + 6000);
      expect(running()?.value).toBe(rsi([...CLOSES, 60_400]) ?? Number.NaN);
    });

    test('go by the time of the event, not by that of its arrival', () => {
      const { fetch, price, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 1, 60_000);
      expect(running()?.endMs).toBe(MIDNIGHT - 1);
      price(MIDNIGHT, 60_001);
      expect(running()?.endMs).toBe(MIDNIGHT + DAY_MS - 1);
    });

    test('do not go back for a late price of another connection', () => {
      const { fetch, price, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT + 10, 60_500);
      price(MIDNIGHT - 10, 60_000, 2);
      expect(running()?.value).toBe(rsi([...CLOSES, 60_500]) ?? Number.NaN);
    });

    test('stand alone when two days have turned without a fetch', () => {
      const { fetch, price, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT + 1, 60_000);
      price(MIDNIGHT + DAY_MS + 1, 60_500);
      expect(running()?.value).toBe(rsi(CLOSES) ?? Number.NaN);
      fetch([...CLOSES, 60_111], MIDNIGHT, MIDNIGHT + DAY_MS + 5000);
      expect(running()?.value).toBe(rsi([...CLOSES, 60_111, 60_500]) ?? Number.NaN);
    });

    test('stand alone when a day between them and the prices is missing', () => {
      const { fetch, price, rsi: running } = setUp();
      fetch(CLOSES, TODAY, NOON);
      price(NOON + 1, 60_000);
      price(MIDNIGHT + DAY_MS, 60_500);
      expect(running()?.close.figure).toBe('candles');
      expect(running()?.value).toBe(rsi(CLOSES) ?? Number.NaN);
      expect(running()?.endMs).toBe(MIDNIGHT - 1);
    });
  });

  test('equal the RSI over the closes of two days, whatever is said of them in which order', () => {
    const usd = fc.double({ min: 1, max: 2e5, noNaN: true });
    const step = fc.record({
      isPrice: fc.boolean(),
      afterMs: fc.integer({ min: 1, max: DAY_MS / 4 }),
      usd,
      /** Whether a fetch after midnight still ends with the day before. */
      isLate: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { fetch, price, rsi: running } = setUp();
        const closed = CLOSES.slice(-20, -1);
        fetch([...closed, 1000], TODAY);
        let nowMs = TODAY;
        // What was said last of each of the two days, and the last price of the first.
        let first = 1000;
        let firstPrice: number | null = null;
        let second: number | null = null;
        let hasPriceOfSecond = false;
        let hasFetchedSecond = false;
        for (const { isPrice, afterMs, usd, isLate } of steps) {
          nowMs = Math.min(nowMs + afterMs, TODAY + 2 * DAY_MS - 1);
          const isSecond = nowMs >= TODAY + DAY_MS;
          if (isPrice) {
            price(nowMs, usd);
            if (isSecond) [second, hasPriceOfSecond] = [usd, true];
            else [first, firstPrice] = [usd, usd];
          } else if (isSecond && !isLate) {
            fetch([...closed, usd / 2, usd], TODAY + DAY_MS, nowMs);
            first = usd / 2;
            // While the stream lives the running price stands.
            if (!hasPriceOfSecond) second = usd;
            hasFetchedSecond = true;
          } else {
            fetch([...closed, usd], TODAY, nowMs);
            if (!hasFetchedSecond) first = usd;
          }
        }
        const all = second === null ? [...closed, firstPrice ?? first] : [...closed, first, second];
        expect(running()?.value).toBe(rsi(all) ?? Number.NaN);
      }),
    );
  });
});
