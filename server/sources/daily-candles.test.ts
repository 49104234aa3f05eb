import { describe, expect, test } from 'bun:test';
import { candlesOf, DAY_MS, onceDayTurns } from './daily-candles.ts';
import { SOURCES } from './index.ts';
import { RECEIPT } from './poll-contract.ts';
import type { Candle } from './source.ts';

const TODAY_MS = Date.UTC(2026, 10, 23);

/** A candle that opened so many days before today. */
const candle = (daysAgo: number, close = 77_000): Candle => [
  TODAY_MS - daysAgo * DAY_MS,
  ...([76_000, 78_000, 75_000, close, 1200] as const),
];

/** So many days up to today, oldest first. */
const days = (count: number): Candle[] =>
  Array.from({ length: count }, (_, index) => candle(count - 1 - index));

const read = (candles: readonly Candle[], receivedAtMs = RECEIPT.receivedAtMs) =>
  candlesOf('kraken', '/candles', candles, { ...RECEIPT, receivedAtMs })[0];

describe('daily candles', () => {
  test('say whose they are, and are of now while the newest is open', () => {
    expect(read(days(20))).toEqual({
      source: 'kraken',
      connection: '/candles',
      eventTimeMs: null,
      asOfMs: RECEIPT.receivedAtMs,
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 900,
      figure: 'candles',
      value: days(20),
    });
  });

  test('are of the end of their newest day when that is over', () => {
    expect(read(days(20), TODAY_MS + 5 * DAY_MS)?.asOfMs).toBe(TODAY_MS + DAY_MS - 1);
  });

  test('are put in order, each day once, as sent last', () => {
    const sent = [...days(20).toReversed(), candle(3, 1), candle(3, 2)];
    const expected = days(20).with(16, candle(3, 2));
    expect(read(sent)?.value).toEqual(expected);
  });

  test('begin after the newest day that is missing', () => {
    const sent = days(40).filter((_, index) => index !== 3 && index !== 22);
    expect(read(sent)?.value).toEqual(days(17));
  });

  test('are none when there are fewer than an RSI needs', () => {
    expect(read([])).toBeUndefined();
    expect(read(days(14))).toBeUndefined();
    expect(read(days(15))?.value).toHaveLength(15);
    expect(read(days(40).filter((_, index) => index !== 25))).toBeUndefined();
  });

  test('are none when one is of a day that has not begun, but for clocks that differ by a minute', () => {
    expect(read(days(20), TODAY_MS - 60_000)?.asOfMs).toBe(TODAY_MS - 60_000);
    expect(read(days(20), TODAY_MS - 60_001)).toBeUndefined();
  });
});

describe('new candles are due', () => {
  const dueAtMs = (receivedAtMs: number) => onceDayTurns.dueAtMs([], receivedAtMs);

  test('a few seconds after the next midnight (UTC), whenever the last ones came', () => {
    const due = TODAY_MS + DAY_MS + 5000;
    expect(dueAtMs(TODAY_MS)).toBe(due);
    expect(dueAtMs(RECEIPT.receivedAtMs)).toBe(due);
    expect(dueAtMs(TODAY_MS + DAY_MS - 1)).toBe(due);
    expect(dueAtMs(TODAY_MS + DAY_MS)).toBe(due + DAY_MS);
  });

  test('beside every round, at every exchange', () => {
    const polls = SOURCES.flatMap((source) => source.polls);
    const clocks = polls.flatMap(({ gives, ownClock }) => (gives === 'candles' ? [ownClock] : []));
    expect(clocks).toEqual([onceDayTurns, onceDayTurns, onceDayTurns]);
    expect(onceDayTurns.isAlone).toBe(false);
  });
});
