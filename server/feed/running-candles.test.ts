import { describe, expect, test } from 'bun:test';
import { rsi } from '../indicators/rsi.ts';
import { DAY_MS } from './running-candles.ts';
import { CLOSES, MIDNIGHT, NOON, priceOf, setUpRunning, TODAY } from './test-running-candles.ts';

const LARGEST_DIFFERENCE = 1e-4;

describe('running candles', () => {
  test('pitfall 34: give the RSI with the candle that is open, its close being the running price', () => {
    const { fetch, price, rsi: running, alone } = setUpRunning();
    fetch(CLOSES.slice(0, -1), TODAY - DAY_MS, NOON);
    expect(Math.abs((running()?.value ?? Number.NaN) - 15.620888)).toBeLessThan(LARGEST_DIFFERENCE);
    fetch([...CLOSES.slice(0, -1), 61_000], TODAY, NOON);
    price(NOON + 1000, 60_783.51);
    expect(Math.abs((running()?.value ?? Number.NaN) - 15.37777)).toBeLessThan(LARGEST_DIFFERENCE);
    expect(alone()?.value).toBe(rsi([...CLOSES.slice(0, -1), 61_000]) ?? Number.NaN);
  });

  test('follow every price, without an earlier one leaving a trace', () => {
    const { fetch, price, rsi: running } = setUpRunning();
    fetch(CLOSES, TODAY, NOON);
    const prices = [60_000, 90_000, 10_000, 60_500];
    for (const [index, usd] of prices.entries()) {
      price(NOON + index * 50, usd);
      expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), usd]) ?? Number.NaN);
      expect(running()?.close.asOfMs).toBe(NOON + index * 50);
    }
  });

  test('are of no use with fewer than fifteen closes, prices included', () => {
    const { fetch, price, rsi: running, newestFetchedMs } = setUpRunning();
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
    const { fetch, price, rsi: running } = setUpRunning();
    price(NOON, 60_000);
    fetch(CLOSES, TODAY, NOON + 1000);
    expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), 60_000]) ?? Number.NaN);
  });

  describe('when the stream is dead', () => {
    test('keep the candles’ own close when a price that is older came after them', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      fetch([...CLOSES.slice(0, -1), 61_000], TODAY, NOON);
      price(NOON - 3_600_000, 60_000);
      expect(running(false)?.close).toMatchObject({ figure: 'candles', asOfMs: NOON });
      expect(priceOf(running(true)?.close)).toBe(60_000);
    });

    test('keep its last price until candles come that are newer', () => {
      const { fetch, price, lose, rsi: running } = setUpRunning();
      fetch([...CLOSES.slice(0, -1), 61_000], TODAY, NOON);
      price(NOON + 1000, 60_000);
      lose();
      expect(priceOf(running()?.close)).toBe(60_000);
      fetch([...CLOSES.slice(0, -1), 60_900], TODAY, NOON + 2000);
      expect(running()?.close.figure).toBe('candles');
      expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), 60_900]) ?? Number.NaN);
    });

    test('judge one that has only grown old in the same way', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      price(NOON, 60_000);
      fetch(CLOSES, TODAY, NOON + 70_000);
      expect(running(true)?.close.figure).toBe('coin');
      expect(running(false)?.close.figure).toBe('candles');
    });
  });

  describe('after a clock that was ahead', () => {
    test('follow the prices with a time of their own again', () => {
      const { fetch, price, timeless, rsi: running } = setUpRunning();
      price(NOON - 1000, 59_000);
      timeless(NOON + DAY_MS, 60_000);
      fetch(CLOSES, TODAY, NOON);
      price(NOON + 2000, 60_500);
      expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), 60_500]) ?? Number.NaN);
      expect(running()?.close.asOfMs).toBe(NOON + 2000);
    });

    test('keep nothing of a day that seemed to end', () => {
      const { fetch, price, timeless, rsi: running } = setUpRunning();
      timeless(MIDNIGHT - 1, 59_000);
      timeless(MIDNIGHT + 1, 60_000);
      fetch(CLOSES, TODAY, NOON);
      price(NOON + 2000, 60_500);
      expect(running()?.value).toBe(rsi([...CLOSES.slice(0, -1), 60_500]) ?? Number.NaN);
    });

    test('keep nothing of a time that has yet to come, though the exchange told it', () => {
      const { fetch, price, timeless, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(NOON + 1000, 60_500);
      timeless(NOON - DAY_MS, 60_600);
      expect(priceOf(running()?.close)).toBeNull();
      const yesterday = CLOSES.slice(0, -1);
      fetch(yesterday, TODAY - DAY_MS, NOON - DAY_MS);
      timeless(NOON - DAY_MS + 1000, 60_700);
      expect(running()?.value).toBe(rsi([...yesterday.slice(0, -1), 60_700]) ?? Number.NaN);
      expect(running()?.close.asOfMs).toBe(NOON - DAY_MS + 1000);
    });

    test('keep a price against one of the day before that comes within what clocks may be apart', () => {
      const { fetch, price, timeless, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, MIDNIGHT - 1);
      price(MIDNIGHT - 2, 59_000);
      price(MIDNIGHT + 30_000, 60_500);
      timeless(MIDNIGHT - 30_000, 60_600);
      expect(priceOf(running()?.close)).toBe(60_500);
    });
  });
});
