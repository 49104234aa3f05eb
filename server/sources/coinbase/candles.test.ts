import { describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { candlesPoll } from './candles.ts';
import { coinbase } from './coinbase.ts';
import candles from './fixtures/candles.json';

describePollContract('/products/BTC-USD/candles', candlesPoll, candles);

const DAY_S = 86_400;

const read = (body: unknown) => {
  const [reading] = candlesPoll.read(body, RECEIPT);
  return reading?.figure === 'candles' ? reading : expect.unreachable();
};

describe('the daily candles of Coinbase', () => {
  test('are asked for by the day, without a key, and not often', () => {
    expect(coinbase.needsKey).toBe(false);
    expect(coinbase.limits()).toEqual({ minCallIntervalMs: 10_000 });
    expect(candlesPoll.request({ key: null, plan: null, coins: ['BTC'] })).toEqual({
      path: '/products/BTC-USD/candles',
      query: { granularity: '86400' },
      maxBodyBytes: 131_072,
    });
  });

  test('pitfall 49: lowest, highest, opening and closing price are told apart, the newest day is last', () => {
    const { value, ...rest } = read(candles);
    expect(rest).toMatchObject({
      source: 'coinbase',
      connection: '/products/BTC-USD/candles',
      asOfMs: RECEIPT.receivedAtMs,
    });
    // Sent as time in seconds, low, high, open, close, volume.
    expect(candles[0]).toEqual([1795392000, 79633.7, 81554.62, 80419.36, 81220.38, 6392.99242508]);
    expect(value.at(-1)).toEqual([
      1795392000000, 80419.36, 81554.62, 79633.7, 81220.38, 6392.99242508,
    ]);
    expect(value).toHaveLength(candles.length);
    for (const [, open, high, low, close] of value) {
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
    }
    expect(value.map(([openMs]) => openMs)).toEqual(
      value.map(([openMs]) => openMs).toSorted((a, b) => a - b),
    );
  });

  test('pitfall 49: days before one that was left out do not count', () => {
    expect(read(changed(candles, [17])).value).toHaveLength(17);
    expect(refusedAs(candlesPoll, changed(candles, [14]))).toBe('bad_response');
  });

  test.each<[string, number, unknown]>([
    ['a close of 0', 4, 0],
    ['a close that is text', 4, '81220.38'],
    ['a negative low', 1, -1],
    ['no high', 2, null],
    ['a negative volume', 5, -1],
    ['a time in ms', 0, 1795132800000],
    ['a time within the day', 0, 1795132800 + 3600],
    ['a time as text', 0, '1795132800'],
  ])('are no answer with %s in a single row', (_name, column, value) => {
    expect(refusedAs(candlesPoll, changed(candles, [3, column], value))).toBe('bad_response');
  });

  test('are no answer with a row that is too short, or as more rows than are ever sent', () => {
    expect(refusedAs(candlesPoll, changed(candles, [3], candles[3]?.slice(0, 5)))).toBe(
      'bad_response',
    );
    const [first = []] = candles;
    const older = (count: number) =>
      Array.from({ length: count }, (_, index) => [
        Number(first[0]) - (index + 1) * DAY_S,
        ...first.slice(1),
      ]);
    expect(refusedAs(candlesPoll, [first, ...older(299)])).toBeNull();
    expect(refusedAs(candlesPoll, [first, ...older(1000)])).toBe('bad_response');
  });

  test('may have a day without a trade', () => {
    expect(refusedAs(candlesPoll, changed(candles, [3, 5], 0))).toBeNull();
  });

  test('are no answer when they are an error', () => {
    expect(refusedAs(candlesPoll, { message: 'Public rate limit exceeded' })).toBe('bad_response');
  });
});
