import { describe, expect, test } from 'bun:test';
import type { HistoryBody } from '../../contract/index.ts';
import { follow } from './follow.ts';
import { TEST_NOW_MS } from './test-document.ts';
import { testHistory } from './test-history.ts';

const PRICE = testHistory('btc_price', '24h');
const CANDLES = testHistory('btc_candles', '24h');
const OPEN_S = TEST_NOW_MS / 1000;

const point = (value: number, afterS = 10, source: 'binance' | 'kraken' = 'binance') => ({
  value,
  source,
  asOfMs: TEST_NOW_MS + afterS * 1000,
});
const last = (body: HistoryBody) => body.rows.at(-1);

describe('a line that follows the live figure', () => {
  test('moves its newest point within the interval, and its time and source', () => {
    const moved = follow(PRICE, point(78_000, 10, 'kraken'));
    expect(last(moved)).toEqual([OPEN_S, 78_000]);
    expect(moved.rows).toHaveLength(PRICE.rows.length);
    expect(moved).toMatchObject({
      as_of: '2026-11-23T07:00:10Z',
      source: 'kraken',
      sources: ['binance', 'kraken'],
    });
    expect(PRICE.rows.at(-1)?.[1]).toBeCloseTo(77_705);
  });

  test('goes on into the next interval, and as much of its beginning falls out', () => {
    const moved = follow(PRICE, point(78_000, 300));
    expect(last(moved)).toEqual([OPEN_S + 300, 78_000]);
    expect(moved.rows).toHaveLength(PRICE.rows.length);
    expect(moved.rows[0]).toEqual(PRICE.rows[1]);
  });

  test('leaves a hole where there was one', () => {
    const moved = follow(PRICE, point(78_000, 3000));
    expect(moved.rows.slice(-2).map(([time]) => time)).toEqual([OPEN_S, OPEN_S + 3000]);
  });

  test('takes no point of an interval before the newest, and none while it is empty', () => {
    expect(follow(PRICE, point(78_000, -1))).toBe(PRICE);
    const empty = { ...PRICE, rows: [] };
    expect(follow(empty, point(78_000))).toBe(empty);
  });

  test('is the same when nothing changed', () => {
    const moved = follow(PRICE, point(78_000));
    expect(follow(moved, point(78_000))).toBe(moved);
    expect(follow(moved, point(78_000, 11))).not.toBe(moved);
  });
});

describe('candles that follow the live price', () => {
  test('keep the highest and the lowest that was seen', () => {
    const [, open] = last(CANDLES) ?? [];
    const risen = follow(CANDLES, point(90_000));
    const fallen = follow(risen, point(60_000, 11));
    expect(last(follow(fallen, point(77_000, 12)))).toEqual([
      OPEN_S,
      open ?? null,
      90_000,
      60_000,
      77_000,
      12,
    ]);
  });

  test('begin the next interval with its first price, its volume unknown', () => {
    const moved = follow(CANDLES, point(78_000, 301));
    expect(last(moved)).toEqual([OPEN_S + 300, 78_000, 78_000, 78_000, 78_000, null]);
  });

  test('are not moved by another exchange, nor begun in the middle of nothing', () => {
    expect(follow(CANDLES, point(78_000, 10, 'kraken'))).toBe(CANDLES);
    expect(follow(CANDLES, point(78_000, 600))).toBe(CANDLES);
  });
});
