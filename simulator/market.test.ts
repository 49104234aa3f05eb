import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../contract/manual-clock.ts';
import { DAY_MS, startOfDay } from './candles.ts';
import { FNG_PUBLISHED_AFTER_MS } from './fear-greed.ts';
import { createMarket, type Market } from './market.ts';
import { rsi } from './rsi.ts';

const NOON = Date.UTC(2026, 10, 23, 12);

function at(startMs = NOON, seed = 1) {
  const clock = createManualClock(startMs);
  return { clock, market: createMarket(clock, seed) };
}

/** Binance has the market's own prices. */
const candlesOf = (market: Market) => market.exchangeCandles('binance', 'BTC') ?? [];

describe('a market', () => {
  test('opens with figures of the size that the real one has', () => {
    const figures = at().market.figures();
    expect(figures).toMatchObject({ btc_price_usd: 77_705, fng_value: 26 });
    expect(figures.market_cap).toBeCloseTo(2.621e12, -9);
    expect(figures.volume_24h).toBeCloseTo(95.13e9, -8);
    expect(figures.btc_change_24h).toBeCloseTo(-1.41, 3);
    expect(figures.market_cap_change_24h).toBeCloseTo(-1.6, 1);
    expect(figures.volume_change_24h).toBeCloseTo(-3.2, 6);
    expect(figures.btc_dominance).toBeCloseTo(57.95, 6);
    expect(figures.eth_dominance).toBeCloseTo(9.58, 6);
    expect(figures.rsi_14).toBeCloseTo(33.45, 2);
  });

  test('is the same again from the same seed, and another one from another', () => {
    const run = (seed: number) => {
      const { clock, market } = at(NOON, seed);
      clock.advance(90_000);
      return { figures: market.figures(), candles: candlesOf(market), fng: market.fng() };
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7).figures).not.toEqual(run(8).figures);
  });

  test('walks a step a second, and whoever asks twice in one moment hears the same', () => {
    const { clock, market } = at();
    const first = market.figures();
    expect(market.figures()).toEqual(first);
    clock.advance(999);
    expect(market.figures().btc_price_usd).toBe(first.btc_price_usd);
    clock.advance(1);
    const second = market.figures();
    expect(second.btc_price_usd).not.toBe(first.btc_price_usd);
    expect(Math.abs(second.btc_price_usd / first.btc_price_usd - 1)).toBeLessThan(0.001);
  });

  test('keeps price, last candle, RSI, change and market cap in step', () => {
    const { clock, market } = at();
    for (let i = 0; i < 20; i++) {
      const before = market.figures();
      clock.advance(61_000);
      const now = market.figures();
      const candles = candlesOf(market);
      const today = candles.at(-1);
      expect(today?.close).toBe(now.btc_price_usd);
      expect(today?.high).toBeGreaterThanOrEqual(now.btc_price_usd);
      expect(today?.low).toBeLessThanOrEqual(now.btc_price_usd);
      expect(now.rsi_14).toBe(rsi(candles.map(({ close }) => close)) ?? Number.NaN);
      expect(now.rsi_14_taapi).toBe(now.rsi_14);
      const rose = now.btc_price_usd > before.btc_price_usd;
      expect(now.market_cap > before.market_cap).toBe(rose);
      expect(now.btc_market_cap / now.market_cap).toBeCloseTo(now.btc_dominance / 100, 9);
    }
  });

  test('closes the day at midnight UTC without a jump in price or change', () => {
    const { clock, market } = at(startOfDay(NOON) + DAY_MS - 1);
    market.set({ frozen: true });
    const before = market.figures();
    const days = candlesOf(market).length;
    clock.advance(1);
    const after = market.figures();
    expect(candlesOf(market)).toHaveLength(days + 1);
    expect(candlesOf(market).at(-1)).toMatchObject({
      openTimeMs: startOfDay(NOON) + DAY_MS,
      open: before.btc_price_usd,
      close: before.btc_price_usd,
    });
    expect(after.btc_price_usd).toBe(before.btc_price_usd);
    expect(after.btc_change_24h).toBeCloseTo(before.btc_change_24h, 4);
  });

  test('publishes the new day’s Fear & Greed some minutes after midnight UTC', () => {
    const { clock, market } = at(startOfDay(NOON) + DAY_MS);
    const today = startOfDay(clock.now());
    expect(market.fng().at(-1)).toEqual({ dayMs: today - DAY_MS, value: expect.any(Number) });
    expect(market.figures().fng_value).toBe(market.fng().at(-1)?.value ?? Number.NaN);
    clock.advance(FNG_PUBLISHED_AFTER_MS - 1);
    expect(market.fng().at(-1)?.dayMs).toBe(today - DAY_MS);
    clock.advance(1);
    expect(market.fng().at(-1)?.dayMs).toBe(today);
    expect(market.figures().fng_value).toBe(26);
  });

  test('has no Fear & Greed of a day that the real index has none of', () => {
    const { clock, market } = at(Date.UTC(2024, 9, 25, 12));
    clock.advance(2 * DAY_MS);
    const newest = market
      .fng()
      .slice(-2)
      .map(({ dayMs }) => new Date(dayMs).getUTCDate());
    expect(newest).toEqual([25, 27]);
  });

  test('shows a Fear & Greed value that is set also before the day’s own is published', () => {
    const { market } = at(startOfDay(NOON) + DAY_MS);
    market.set({ fng_value: 80 });
    expect(market.fng().at(-1)?.value).toBe(80);
    expect(market.figures().fng_value).toBe(80);
  });

  test('survives a long silence and a clock that is set back', () => {
    const { clock, market } = at();
    clock.advance(3000 * DAY_MS);
    expect(candlesOf(market)).toHaveLength(1000);
    expect(candlesOf(market).at(-1)?.openTimeMs).toBe(startOfDay(clock.now()));
    const price = market.figures().btc_price_usd;
    clock.setWall(NOON);
    expect(market.figures().btc_price_usd).toBe(price);
    clock.advance(1000);
    expect(market.figures().btc_price_usd).not.toBe(price);
  });
});

describe('a market that is controlled', () => {
  test('stands still while frozen, except for a step that is asked for', () => {
    const { clock, market } = at();
    market.set({ frozen: true });
    const before = market.figures();
    clock.advance(60_000);
    expect(market.figures()).toEqual(before);
    market.step();
    expect(market.figures().btc_price_usd).not.toBe(before.btc_price_usd);
    expect(market.isFrozen()).toBe(true);
  });

  test('keeps a figure exactly as it was set, and lets it go on from there', () => {
    const { clock, market } = at();
    market.set({ btc_price_usd: 81_234.5, volume_24h: 1e11, fng_value: 80, btc_change_24h: -2.5 });
    clock.advance(60_000);
    expect(market.figures()).toMatchObject({
      btc_price_usd: 81_234.5,
      volume_24h: 1e11,
      fng_value: 80,
      btc_change_24h: -2.5,
    });
    expect(candlesOf(market).at(-1)?.close).toBe(81_234.5);
    expect(market.fng().at(-1)?.value).toBe(80);
    expect(market.held()).toContain('btc_price_usd');

    market.set({ btc_price_usd: null, btc_change_24h: null, fng_value: null, volume_24h: null });
    expect(market.held()).toEqual([]);
    clock.advance(1000);
    const { btc_price_usd, btc_change_24h, fng_value } = market.figures();
    expect(btc_price_usd).not.toBe(81_234.5);
    expect(btc_price_usd).toBeCloseTo(81_234.5, -3);
    expect(btc_change_24h).toBeCloseTo(3.07, 0);
    expect(fng_value).toBe(26);
  });

  test('moves RSI and market cap with a price that is set', () => {
    const { market } = at();
    const before = market.figures();
    market.set({ btc_price_usd: 90_000 });
    const after = market.figures();
    expect(after.rsi_14).toBeGreaterThan(before.rsi_14 + 5);
    expect(after.market_cap).toBeGreaterThan(before.market_cap * 1.1);
    expect(after.btc_change_24h).toBeGreaterThan(10);
  });
});
