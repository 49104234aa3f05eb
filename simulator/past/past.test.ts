import { describe, expect, test } from 'bun:test';
import { DAY_MS } from '../candles.ts';
import { COINS } from '../coins.ts';
import { EXCHANGES, type Exchange } from '../ticker.ts';
import { joinCandles } from './join.ts';
import { HOUR_MS } from './past.ts';
import { MINUTE_MS } from './tape.ts';
import { at, isEvery, isJoined, START, TODAY } from './test-market.ts';

describe('the past before a market was switched on', () => {
  test.each(EXCHANGES)(
    'has minutes that make hours, and hours that make days, on %s',
    (exchange) => {
      const { market, candles } = at();
      for (const symbol of ['BTC', 'XLM', 'BNB']) {
        const where = { exchange, symbol };
        const fromMs = TODAY - 9 * DAY_MS;
        const minutes = candles(MINUTE_MS, fromMs, TODAY, where);
        const hours = candles(HOUR_MS, fromMs, TODAY, where);
        expect(minutes).toHaveLength(9 * 1440);
        expect(isEvery(minutes, MINUTE_MS, fromMs) && isJoined(minutes)).toBe(true);
        expect(joinCandles(minutes, HOUR_MS)).toEqual([...hours]);
        const days = market.exchangeCandles(exchange, symbol)?.slice(-10, -1);
        expect(joinCandles(hours, DAY_MS)).toEqual([...(days ?? [])]);
        for (const intervalMs of [5, 15, 30, 60, 240, 360].map((count) => count * MINUTE_MS)) {
          expect(candles(intervalMs, fromMs, TODAY, where)).toEqual(
            joinCandles(minutes, intervalMs),
          );
        }
      }
    },
  );

  test('begins with the first day that is known, and has nothing of the time to come', () => {
    const { market, candles } = at();
    const [first] = market.exchangeCandles('binance', 'BTC') ?? [];
    const listedMs = market.listedMs('BTC') ?? 0;
    expect(listedMs).toBe(TODAY - 519 * DAY_MS);
    expect(first?.openTimeMs).toBe(listedMs);
    expect(candles(MINUTE_MS, 0, listedMs)).toEqual([]);
    expect(candles(HOUR_MS, 0, listedMs + 2 * HOUR_MS)).toHaveLength(2);
    expect(candles(MINUTE_MS, START + 1, START + DAY_MS)).toEqual([]);
    expect(candles(MINUTE_MS, START - 20_000, START + DAY_MS)).toEqual([]);
    expect(candles(DAY_MS, 0, START + DAY_MS)).toEqual([
      ...(market.exchangeCandles('binance', 'BTC') ?? []),
    ]);
    expect(
      market.exchangePast('binance', 'NOCOIN', { intervalMs: DAY_MS, fromMs: 0, toMs: START }),
    ).toBeNull();
    expect(market.listedMs('NOCOIN')).toBeNull();
  });

  test('leads to the open candles, which close at the running price on each exchange', () => {
    const { market, candles, price } = at();
    for (const symbol of COINS.keys()) {
      for (const exchange of EXCHANGES) {
        const where = { exchange, symbol };
        const minutes = candles(MINUTE_MS, TODAY, START, where);
        expect(minutes).toHaveLength(7 * 60 + 24);
        expect(isEvery(minutes, MINUTE_MS, TODAY) && isJoined(minutes)).toBe(true);
        expect(minutes.at(-1)?.close).toBe(price(exchange, symbol));
        expect(joinCandles(minutes, HOUR_MS)).toEqual([...candles(HOUR_MS, TODAY, START, where)]);
        const today = market.exchangeCandles(exchange, symbol)?.at(-1);
        expect(joinCandles(minutes, DAY_MS)).toEqual(today ? [today] : []);
      }
    }
  });

  test('is the same from the same seed, another from another, and goes the same way on every exchange', () => {
    const hours = (seed: number, exchange: Exchange = 'binance') =>
      at(START, seed).candles(HOUR_MS, TODAY - 3 * DAY_MS, TODAY, { exchange });
    expect(hours(1)).toEqual(hours(1));
    expect(hours(1)).not.toEqual(hours(2));
    const [binance, coinbase] = [hours(1), hours(1, 'coinbase')];
    for (const [i, { close }] of binance.entries()) {
      expect((coinbase[i]?.close ?? 0) / close).toBeCloseTo(1.0002, 3);
    }
  });

  test('has minutes without a trade of small coins alone', () => {
    const { candles } = at();
    const quietOf = (symbol: string) =>
      candles(MINUTE_MS, TODAY - DAY_MS, TODAY, { symbol }).filter(({ volume }) => volume === 0);
    expect(quietOf('BTC')).toEqual([]);
    expect(quietOf('ETH')).toEqual([]);
    expect(quietOf('DOT').length).toBeWithin(30, 90);
    for (const { open, high, low, close } of quietOf('DOT')) {
      expect([high, low, close]).toEqual([open, open, open]);
    }
  });

  test.each([0, 1, MINUTE_MS, HOUR_MS, DAY_MS - 1])(
    'joins the present %d ms after midnight',
    (ms) => {
      const { candles, listen, price } = at(TODAY + ms);
      listen(120);
      const minutes = candles(MINUTE_MS, TODAY - DAY_MS, TODAY + 2 * DAY_MS);
      expect(isEvery(minutes, MINUTE_MS, TODAY - DAY_MS) && isJoined(minutes)).toBe(true);
      expect(minutes.at(-1)?.openTimeMs).toBe(
        Math.floor((TODAY + ms + 120_000) / MINUTE_MS) * MINUTE_MS,
      );
      expect(minutes.at(-1)?.close).toBe(price());
    },
  );

  test('costs what is asked for: a page of 1000 minutes, however far back, a few milliseconds', () => {
    const { market, candles } = at();
    const page = (fromMs: number) => {
      const began = performance.now();
      expect(candles(MINUTE_MS, fromMs, fromMs + 1000 * MINUTE_MS)).toHaveLength(1000);
      return performance.now() - began;
    };
    const listedMs = market.listedMs('BTC') ?? 0;
    const old = Array.from({ length: 20 }, (_, i) => page(listedMs + i * DAY_MS)).sort(
      (a, b) => a - b,
    );
    const all = performance.now();
    candles(MINUTE_MS, TODAY - 200 * DAY_MS, TODAY);
    // 288 times as much: the ratio fails when a page walks over what it was not asked for.
    expect(old[10] ?? Number.NaN).toBeLessThan((performance.now() - all) / 10);
  });
});
