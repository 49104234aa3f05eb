import { describe, expect, test } from 'bun:test';
import { type Candle, DAY_MS, startOfDay, toVolume } from '../candles.ts';
import { EXCHANGES } from '../ticker.ts';
import { joinCandles } from './join.ts';
import { HOUR_MS } from './past.ts';
import { MINUTE_MS } from './tape.ts';
import { at, isEvery, isJoined, START, TODAY } from './test-market.ts';

/** Sums of what is rounded differ from what is rounded of a sum. */
const rounded = ({ volume, ...candle }: Candle) => ({ ...candle, volume: Math.round(volume) });

describe('the past since a market was switched on', () => {
  test('is what was heard: open, extremes and close of every minute', () => {
    const { clock, market, candles, listen, price } = at();
    const heard = new Map<number, number[]>();
    let last = price();
    listen(300, (now) => {
      const minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
      heard.set(minute, [...(heard.get(minute) ?? [last]), now]);
      last = now;
    });
    const minutes = candles(MINUTE_MS, START, clock.now());
    expect(minutes).toHaveLength(5);
    for (const { openTimeMs, open, high, low, close, volume } of minutes) {
      const prices = heard.get(openTimeMs) ?? [];
      expect(open).toBe(prices[0] ?? 0);
      expect(high).toBe(Math.max(...prices));
      expect(low).toBe(Math.min(...prices));
      expect(close).toBe(prices.at(-1) ?? 0);
      expect(volume).toBeGreaterThan(0);
    }
    const today = market.exchangeCandles('binance', 'BTC')?.at(-1);
    const [told] = joinCandles(candles(MINUTE_MS, TODAY, clock.now()), DAY_MS);
    expect(told).toEqual(today ?? told);
  });

  test('has the prices that were set, on every exchange', () => {
    const { clock, market, candles, listen } = at();
    listen(60);
    market.set({ btc_price_usd: 90_000 });
    market.set({ btc_price_usd: 60_000 });
    listen(120);
    market.set({ btc_price_usd: null });
    for (const exchange of EXCHANGES) {
      const basis = { binance: 1, coinbase: 1.0002, kraken: 0.9999 }[exchange];
      const [minute, next] = candles(MINUTE_MS, START + MINUTE_MS - 59_000, clock.now(), {
        exchange,
      });
      expect(minute?.high).toBeCloseTo(90_000 * basis, 6);
      expect(minute?.low).toBeCloseTo(60_000 * basis, 6);
      expect(minute?.close).toBeCloseTo(60_000 * basis, 6);
      expect(next?.open).toBe(minute?.close ?? 0);
      const [hour] = candles(HOUR_MS, TODAY + 7 * HOUR_MS, clock.now(), { exchange });
      expect(hour?.high).toBe(minute?.high ?? 0);
      expect(hour?.low).toBe(minute?.low ?? 0);
    }
  });

  test('stands still while the market is frozen, without a trade', () => {
    const { clock, market, candles, listen, price } = at();
    listen(30);
    market.set({ frozen: true });
    const stood = price();
    clock.advance(10 * MINUTE_MS);
    const still = candles(MINUTE_MS, START + MINUTE_MS, clock.now());
    expect(still).toHaveLength(10);
    expect(new Set(still.map(({ openTimeMs: _, ...rest }) => JSON.stringify(rest)))).toEqual(
      new Set([JSON.stringify({ open: stood, high: stood, low: stood, close: stood, volume: 0 })]),
    );
  });

  test('has what one exchange’s prices were off the others’, for as long as they were', () => {
    const { clock, market, candles, listen, price } = at();
    listen(25);
    market.set({ exchange_offset_percent: { kraken: 3 } });
    const off = price('kraken');
    listen(30);
    market.set({ exchange_offset_percent: { kraken: null } });
    listen(70);
    const [minute, after] = candles(MINUTE_MS, START, clock.now(), {
      exchange: 'kraken',
    });
    const there = { exchange: 'kraken' } as const;
    expect(minute?.high).toBeGreaterThanOrEqual(off);
    expect(after?.high).toBeLessThan(off * 0.99);
    expect(candles(HOUR_MS, TODAY + 7 * HOUR_MS, clock.now(), there)[0]?.high).toBe(
      minute?.high ?? 0,
    );
    expect(market.exchangeCandles('kraken', 'BTC')?.at(-1)?.high).toBe(minute?.high ?? 0);
    expect(candles(MINUTE_MS, START, clock.now())[0]?.high).toBeLessThan(off * 0.99);
    const today = candles(MINUTE_MS, TODAY, clock.now(), there);
    expect(joinCandles(today, DAY_MS).map(rounded)).toEqual(
      (market.exchangeCandles('kraken', 'BTC') ?? []).slice(-1).map(rounded),
    );
  });

  test('ends every open candle with the running price, whatever happens', () => {
    const { clock, market, candles, listen, price } = at();
    const happenings = [
      () => market.set({ exchange_offset_percent: { coinbase: -2 } }),
      () => market.set({ btc_price_usd: 81_000 }),
      () => market.set({ frozen: true }),
      () => market.step(),
      () => market.set({ btc_price_usd: null, frozen: false }),
      () => clock.advance(3 * HOUR_MS),
      () => clock.setWall(clock.now() - 30 * MINUTE_MS),
      () => market.set({ exchange_offset_percent: { coinbase: null } }),
    ];
    for (const happen of happenings) {
      happen();
      for (const symbol of ['BTC', 'ETH']) {
        for (const exchange of EXCHANGES) {
          for (const intervalMs of [MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, DAY_MS]) {
            const fromMs = startOfDay(clock.now());
            const open = candles(intervalMs, fromMs, clock.now() + 1, { exchange, symbol }).at(-1);
            expect(open?.close).toBe(price(exchange, symbol));
            expect(open?.openTimeMs).toBe(Math.floor(clock.now() / intervalMs) * intervalMs);
          }
        }
      }
      listen(75);
    }
  });

  test('says the same of a closed candle when it is asked again, after hours and over midnight', () => {
    const { clock, candles, listen } = at(TODAY + DAY_MS - 10 * MINUTE_MS);
    const fromMs = TODAY + 20 * HOUR_MS;
    listen(300);
    const closed = candles(MINUTE_MS, fromMs, clock.now() - MINUTE_MS);
    const five = candles(5 * MINUTE_MS, fromMs, clock.now() - 5 * MINUTE_MS);
    const hours = candles(HOUR_MS, TODAY, TODAY + 23 * HOUR_MS);
    listen(600);
    clock.advance(20 * HOUR_MS);
    expect(candles(MINUTE_MS, fromMs, fromMs + closed.length * MINUTE_MS)).toEqual([...closed]);
    expect(candles(5 * MINUTE_MS, fromMs, fromMs + five.length * 5 * MINUTE_MS)).toEqual([...five]);
    expect(candles(HOUR_MS, TODAY, TODAY + 23 * HOUR_MS)).toEqual([...hours]);
    const all = candles(MINUTE_MS, TODAY, clock.now());
    expect(isEvery(all, MINUTE_MS, TODAY) && isJoined(all)).toBe(true);
  });

  test('makes the days that passed meanwhile, and is still there after weeks, when minutes are forgotten', () => {
    const { clock, market, candles, listen } = at();
    for (let day = 0; day < 16; day++) {
      listen(3);
      clock.advance(DAY_MS - 3000);
    }
    const days = (market.exchangeCandles('kraken', 'ETH') ?? []).slice(-20);
    const hours = candles(HOUR_MS, TODAY - 3 * DAY_MS, clock.now(), {
      exchange: 'kraken',
      symbol: 'ETH',
    });
    expect(isEvery(hours, HOUR_MS, TODAY - 3 * DAY_MS) && isJoined(hours)).toBe(true);
    for (const [i, day] of joinCandles(hours, DAY_MS).entries()) {
      expect({ ...day, volume: 0 }).toEqual({ ...(days[i] ?? day), volume: 0 });
      expect(day.volume).toBeCloseTo(days[i]?.volume ?? 0, 0);
    }
  });

  test('survives a silence of years and a clock that is set back', () => {
    const { clock, candles, price } = at();
    clock.advance(3000 * DAY_MS);
    const now = startOfDay(clock.now());
    const minutes = candles(MINUTE_MS, now - 2 * DAY_MS, clock.now());
    expect(isEvery(minutes, MINUTE_MS, now - 2 * DAY_MS) && isJoined(minutes)).toBe(true);
    expect(minutes.at(-1)?.close).toBe(price());
    clock.setWall(START);
    expect(candles(MINUTE_MS, START - DAY_MS, START)).toEqual([]);
  });

  test('survives a clock that is set back to before its beginning, and then goes on', () => {
    const { clock, candles, price, listen } = at();
    clock.setWall(START - 2 * HOUR_MS);
    expect(candles(MINUTE_MS, TODAY, clock.now())).toHaveLength(5 * 60 + 24);
    listen(2);
    clock.setWall(START);
    listen(60);
    const minutes = candles(MINUTE_MS, TODAY, clock.now());
    expect(isEvery(minutes, MINUTE_MS, TODAY) && isJoined(minutes)).toBe(true);
    expect(minutes.at(-1)?.close).toBe(price());
  });
});

test('a volume is what was traded, and no more', () => {
  const { clock, candles, listen } = at();
  const before = candles(MINUTE_MS, TODAY, START).reduce((sum, { volume }) => sum + volume, 0);
  listen(200);
  const [minute] = candles(MINUTE_MS, START + MINUTE_MS, clock.now());
  // 60 steps of a quarter of a coin on Binance.
  expect(minute?.volume).toBeWithin(10, 21);
  const after = candles(MINUTE_MS, TODAY, clock.now()).reduce((sum, { volume }) => sum + volume, 0);
  expect(toVolume(after - before)).toBeWithin(40, 62);
});
