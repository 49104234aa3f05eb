import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { MAX_AHEAD_MS } from '../../contract/index.ts';
import { createConnectionReadings, MOVE_INTERVAL_MS } from './connection-readings.ts';
import type { CoinReading } from './source.ts';
import type { StreamedPrice } from './stream.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 7);
const NONE = { change_24h: null, high_24h: null, low_24h: null, volume_24h_usd: null };

const anyTime = fc.option(fc.integer({ min: -200_000, max: 200_000 }));
const anyPrice = fc.record({
  symbol: fc.constantFrom('BTC', 'ETH', '__proto__'),
  offMs: anyTime,
  priceUsd: fc.integer({ min: 1, max: 3 }),
});
const anyStep = fc.record({
  passedMs: fc.integer({ min: 0, max: 40_000 }),
  prices: fc.array(anyPrice, { maxLength: 3 }),
  aliveOffMs: anyTime,
});

/** Holds each reading against the one before it of the same coin. */
function createJudge() {
  const last = new Map<string, CoinReading>();
  const newestMs = new Map<string, number>();
  return (reading: CoinReading, nowMs: number): void => {
    const { symbol, eventTimeMs, asOfMs } = reading;
    const before = last.get(symbol);
    last.set(symbol, reading);
    expect(reading.receivedAtMs).toBe(nowMs);
    expect(asOfMs).toBeLessThanOrEqual(nowMs);
    expect(eventTimeMs ?? nowMs).toBeLessThanOrEqual(nowMs + MAX_AHEAD_MS);
    if (eventTimeMs !== null) {
      expect(eventTimeMs).toBeGreaterThanOrEqual(newestMs.get(symbol) ?? eventTimeMs);
      newestMs.set(symbol, eventTimeMs);
    }
    // A price that is news brings a value of its own; a coin that was moved keeps the one it had.
    if (before === undefined || reading.value !== before.value) return;
    expect(asOfMs - before.asOfMs).toBeGreaterThanOrEqual(MOVE_INTERVAL_MS);
    expect(eventTimeMs).toBe(before.eventTimeMs);
  };
}

test('whatever comes, no reading is from the future or out of order, and no quiet coin goes back', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const connection = createConnectionReadings('binance', 'binance stream 1');
      const judge = createJudge();
      let nowMs = NOW_MS;
      for (const { passedMs, prices, aliveOffMs } of steps) {
        nowMs += passedMs;
        const at = (offMs: number | null) => (offMs === null ? null : nowMs + offMs);
        const streamed = prices.map(
          ({ symbol, offMs, priceUsd }): StreamedPrice => ({
            symbol,
            eventTimeMs: at(offMs),
            value: { ...NONE, price_usd: priceUsd },
          }),
        );
        const readings =
          streamed.length > 0
            ? connection.prices({ kind: 'prices', prices: streamed }, nowMs)
            : connection.alive(at(aliveOffMs), nowMs);
        for (const reading of readings) judge(reading, nowMs);
      }
    }),
    { numRuns: 500 },
  );
});
