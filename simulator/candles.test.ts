import { describe, expect, test } from 'bun:test';
import { createCandles, DAY_MS, type Ending, priceDayAgo, startOfDay } from './candles.ts';
import { createRandom } from './random.ts';
import { rsi } from './rsi.ts';

const MIDNIGHT = Date.UTC(2026, 10, 23);
const DAYS = 520;

const ending = (nowMs: number, target = 33.45): Ending => ({
  nowMs,
  price: 77_705,
  changePct: -1.41,
  rsi: target,
});

describe('createCandles', () => {
  const moments = [MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + DAY_MS / 2, MIDNIGHT + DAY_MS - 1];

  test.each(moments)(
    'ends with the price, the change and the RSI that were asked for (%d)',
    (nowMs) => {
      for (const seed of [1, 2, 3, 4_000_000_000]) {
        const candles = createCandles(createRandom(seed), DAYS, ending(nowMs));
        const yesterday = candles.at(-2);
        if (!yesterday) throw new Error('no yesterday');
        expect(candles.at(-1)?.close).toBe(77_705);
        expect((77_705 / priceDayAgo(yesterday, nowMs) - 1) * 100).toBeCloseTo(-1.41, 3);
        expect(rsi(candles.map(({ close }) => close))).toBeCloseTo(33.45, 2);
      }
    },
  );

  test('bends to a high RSI as well as to a low one', () => {
    for (const target of [20, 50, 80]) {
      const candles = createCandles(createRandom(5), DAYS, ending(MIDNIGHT + 1, target));
      expect(rsi(candles.map(({ close }) => close))).toBeCloseTo(target, 1);
    }
  });

  test('has one candle a day without a gap, ending today', () => {
    const nowMs = MIDNIGHT + DAY_MS / 3;
    const candles = createCandles(createRandom(1), DAYS, ending(nowMs));
    expect(candles).toHaveLength(DAYS);
    expect(candles.at(-1)?.openTimeMs).toBe(startOfDay(nowMs));
    for (const [i, candle] of candles.slice(1).entries()) {
      expect(candle.openTimeMs - (candles[i]?.openTimeMs ?? 0)).toBe(DAY_MS);
      expect(candle.open).toBe(candles[i]?.close ?? 0);
    }
  });

  test('keeps every price within the day, to the cent, and near the last one', () => {
    for (const { open, high, low, close, volume } of createCandles(
      createRandom(9),
      DAYS,
      ending(MIDNIGHT + 1),
    )) {
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(Number(close.toFixed(2))).toBe(close);
      expect(low).toBeGreaterThan(20_000);
      expect(high).toBeLessThan(250_000);
      expect(volume).toBeGreaterThanOrEqual(0);
    }
  });
});
