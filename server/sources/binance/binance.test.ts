import { describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import type { Candle } from '../source.ts';
import { binance } from './binance.ts';
import klines from './fixtures/klines.json';
import { klinesPoll } from './klines.ts';

describePollContract('/klines', klinesPoll, klines);

const DAY_MS = 86_400_000;
const LAST = klines.length - 1;
const TODAY_MS = Date.UTC(2026, 10, 23);

const read = (body: unknown, receipt = RECEIPT) => klinesPoll.read(body, receipt)[0];

/** Days of the candles that are kept, counted back from today: 0 is the open candle. */
function keptDays(body: unknown): number[] {
  const reading = read(body);
  const candles: readonly Candle[] = reading?.figure === 'candles' ? reading.value : [];
  return candles.map(([openMs]) => (TODAY_MS - openMs) / DAY_MS);
}

/** The sample's rows, and `count` days more before them. */
function withEarlierDays(count: number): unknown[] {
  const [first] = klines;
  const earlier = Array.from({ length: count }, (_, index) => {
    const openMs = Number(first?.[0]) - (count - index) * DAY_MS;
    return [openMs, ...(first?.slice(1, 6) ?? []), openMs + DAY_MS - 1, ...(first?.slice(7) ?? [])];
  });
  return [...earlier, ...klines];
}

/** The sample's rows, opened and closed so many ms later. */
const moved = (byMs: number): unknown[] =>
  klines.map(([openMs, o, h, l, c, v, closeMs, ...rest]) => [
    Number(openMs) + byMs,
    ...[o, h, l, c, v],
    Number(closeMs) + byMs,
    ...rest,
  ]);

const daysDown = (from: number, to = 0): number[] =>
  Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe('the daily candles of Binance', () => {
  test('are asked for with one cheap call, without a key', () => {
    expect(
      binance.polls.map((poll) => poll.request({ key: null, plan: null, coins: ['BTC'] })),
    ).toEqual([
      {
        path: '/api/v3/klines',
        query: { symbol: 'BTCUSDT', interval: '1d', limit: '500' },
        maxBodyBytes: 524_288,
      },
    ]);
  });

  test('come oldest first, the open one last, dated by receipt and Age', () => {
    const reading = read(klines, { ...RECEIPT, ageS: 3 });
    expect(reading).toMatchObject({
      source: 'binance',
      connection: '/api/v3/klines',
      figure: 'candles',
      eventTimeMs: null,
      asOfMs: RECEIPT.receivedAtMs - 3000,
      staleAfterS: 900,
    });
    expect(reading?.figure === 'candles' && reading.value.at(-1)).toEqual([
      TODAY_MS,
      76007.62,
      76767.7,
      74248.1,
      74998.08,
      12666.66687,
    ]);
    expect(keptDays(klines)).toEqual(daysDown(LAST));
  });

  test('are dated by the close of the newest when that has passed', () => {
    const receivedAtMs = TODAY_MS + 3 * DAY_MS;
    expect(read(klines, { ...RECEIPT, receivedAtMs })?.asOfMs).toBe(TODAY_MS + DAY_MS - 1);
  });

  test('are put in order', () => {
    expect(read(klines.toReversed())).toEqual(read(klines));
  });

  test('count once when a day was sent twice, as sent last', () => {
    const again = changed(klines[LAST], [4], '75000.50000000');
    const reading = read([...klines, again]);
    const candles = reading?.figure === 'candles' ? reading.value : [];
    expect(candles).toHaveLength(klines.length);
    expect(candles.at(-1)?.[4]).toBe(75000.5);
  });

  test('begin after the newest gap, for an RSI across it would be false', () => {
    const rows = withEarlierDays(10);
    const withGap = rows.filter((_, index) => index !== 7 && index !== 2);
    expect(keptDays(withGap)).toEqual(daysDown(rows.length - 1 - 8));
  });

  test('are no answer when fewer than 15 stand together', () => {
    expect(refusedAs(klinesPoll, klines.slice(-14))).toBe('bad_response');
    expect(refusedAs(klinesPoll, klines.slice(-15))).toBeNull();
    expect(refusedAs(klinesPoll, changed(klines, [LAST - 14]))).toBe('bad_response');
    expect(refusedAs(klinesPoll, changed(klines, [LAST - 15]))).toBeNull();
    expect(refusedAs(klinesPoll, [])).toBe('bad_response');
  });

  test('are no answer when they are more than the route can send', () => {
    expect(refusedAs(klinesPoll, withEarlierDays(1000 - klines.length))).toBeNull();
    expect(refusedAs(klinesPoll, withEarlierDays(1001 - klines.length))).toBe('bad_response');
  });

  test.each<[string, number, unknown]>([
    ['a close of 0', 4, '0.00000000'],
    ['a negative low', 3, '-1.00000000'],
    ['a close that is a number', 4, 74998.08],
    ['an empty close', 4, ''],
    ['a close with spaces', 4, ' 74998.08 '],
    ['a close with a separator', 4, '74,998.08'],
    ['a close with an exponent', 4, '7.5e4'],
    ['a close of NaN', 4, 'NaN'],
    ['an infinite high', 2, 'Infinity'],
    ['a negative volume', 5, '-1'],
    ['an open time that is a text', 0, '1795392000000'],
    ['an open time in microseconds', 0, 1795392000000000],
    ['a close time of another interval', 6, 1795395599999],
  ])('are no answer with %s in a single row', (_name, column, value) => {
    expect(refusedAs(klinesPoll, changed(klines, [3, column], value))).toBe('bad_response');
  });

  test.each([
    ['a day ahead', DAY_MS],
    ['far ahead', 1000 * DAY_MS],
    ['an hour off the day (UTC)', -3_600_000],
    ['a millisecond off the day (UTC)', -1],
    ['of before there was a market', -18 * 366 * DAY_MS],
    ['of no year at all', -104_000_000 * DAY_MS],
  ])('are no answer when they are %s', (_name, byMs) => {
    expect(refusedAs(klinesPoll, moved(byMs))).toBe('bad_response');
    expect(refusedAs(klinesPoll, moved(0))).toBeNull();
  });

  test('may open up to a minute before our own clock says midnight', () => {
    const at = (ms: number) => ({ ...RECEIPT, receivedAtMs: TODAY_MS + ms });
    expect(read(klines, at(-60_000))?.asOfMs).toBe(TODAY_MS - 60_000);
    expect(refusedAs(klinesPoll, klines, at(-60_001))).toBe('bad_response');
  });

  test('are no answer with a row that is too short', () => {
    const [row] = klines;
    expect(refusedAs(klinesPoll, changed(klines, [0], row?.slice(0, 11)))).toBe('bad_response');
    expect(refusedAs(klinesPoll, changed(klines, [0], []))).toBe('bad_response');
  });

  test('may have columns that are not known yet', () => {
    expect(
      refusedAs(
        klinesPoll,
        klines.map((row) => [...row, 'new']),
      ),
    ).toBeNull();
  });

  test('may have a day without a trade', () => {
    expect(refusedAs(klinesPoll, changed(klines, [3, 5], '0.00000000'))).toBeNull();
  });

  test('are no answer when they are an error', () => {
    expect(refusedAs(klinesPoll, { code: -1121, msg: 'Invalid symbol.' })).toBe('bad_response');
  });
});
