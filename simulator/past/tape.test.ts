import { describe, expect, test } from 'bun:test';
import { DAY_MS, traded, untraded } from '../candles.ts';
import { createTape, MINUTE_MS } from './tape.ts';

const TODAY = Date.UTC(2026, 10, 23);
const NONE = { binance: 0, coinbase: 0, kraken: 0 };

describe('a tape', () => {
  test('keeps minutes of ten days and today, and what the price was before them', () => {
    const tape = createTape(TODAY, untraded(TODAY, 100), NONE);
    for (let ms = TODAY; ms < TODAY + 30 * DAY_MS; ms += 60 * MINUTE_MS) {
      tape.note(ms, untraded(Math.floor(ms / DAY_MS) * DAY_MS, 100 + ms / DAY_MS), NONE);
    }
    const since = TODAY + 19 * DAY_MS;
    expect(tape.sinceMs()).toBe(since);
    expect(tape.pieces(0, Number.POSITIVE_INFINITY)).toHaveLength(11 * 24);
    expect(tape.pieces(0, Number.POSITIVE_INFINITY)[0]?.openTimeMs).toBe(since);
    expect(tape.lastBefore(since)?.openTimeMs).toBe(since - 60 * MINUTE_MS);
    expect(tape.lastBefore(since - DAY_MS)).toBeNull();
  });

  test('keeps few pieces of a minute, however often an offset changes in it', () => {
    const tape = createTape(TODAY, untraded(TODAY, 100), NONE);
    for (let kraken = 1; kraken <= 1000; kraken++) {
      tape.note(TODAY + kraken, untraded(TODAY, 100), { ...NONE, kraken });
    }
    const pieces = tape.pieces(TODAY, TODAY + MINUTE_MS);
    expect(pieces).toHaveLength(8);
    expect(pieces.at(-1)?.offsets.kraken).toBe(1000);
  });

  test('adds up what is traded from one note to the next, over midnight too', () => {
    let day = untraded(TODAY, 100);
    const tape = createTape(TODAY, day, NONE);
    const trade = (ms: number, coins: number) => {
      day = traded(day, 100, coins);
      tape.note(ms, day, NONE);
    };
    trade(TODAY + 1000, 1.5);
    trade(TODAY + 2000, 2);
    trade(TODAY + MINUTE_MS, 4);
    day = untraded(TODAY + DAY_MS, 100);
    trade(TODAY + DAY_MS, 8);
    const volumes = tape.pieces(0, Number.POSITIVE_INFINITY).map(({ volume }) => volume);
    expect(volumes).toEqual([3.5, 4, 8]);
  });
});
