import { afterEach, describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import type { Candle } from '../source.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import { binance } from './binance.ts';
import klines from './fixtures/klines.json';
import { klinesPoll } from './klines.ts';

describePollContract('/klines', klinesPoll, klines);

const loopback = createLoopback();
afterEach(() => loopback.close());

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
    expect(binance.limits()).toEqual({ perMinute: 60 });
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

  test('pitfall 34: the last one is still open, and is handed on with its price of now', () => {
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

  test('pitfall 34: the open one is another with every answer, the closed ones stay', () => {
    const closesOf = (body: unknown): unknown[] => {
      const reading = read(body);
      return reading?.figure === 'candles' ? reading.value.map(([, , , , close]) => close) : [];
    };
    const later = closesOf(changed(klines, [LAST, 4], '76001.00000000'));
    expect(later.at(-1)).toBe(76001);
    expect(later.slice(0, -1)).toEqual(closesOf(klines).slice(0, -1));
  });

  test('are dated by the close of the newest when that has passed', () => {
    const receivedAtMs = TODAY_MS + 3 * DAY_MS;
    expect(read(klines, { ...RECEIPT, receivedAtMs })?.asOfMs).toBe(TODAY_MS + DAY_MS - 1);
  });

  test('pitfall 35: rows out of order are put in order', () => {
    expect(read(klines.toReversed())).toEqual(read(klines));
  });

  test('pitfall 35: a day that was sent twice counts once, as sent last', () => {
    const again = changed(klines[LAST], [4], '75000.50000000');
    const reading = read([...klines, again]);
    const candles = reading?.figure === 'candles' ? reading.value : [];
    expect(candles).toHaveLength(klines.length);
    expect(candles.at(-1)?.[4]).toBe(75000.5);
  });

  test('pitfall 35: they begin after the newest gap, for an RSI across it would be false', () => {
    const rows = withEarlierDays(10);
    const withGap = rows.filter((_, index) => index !== 7 && index !== 2);
    expect(keptDays(withGap)).toEqual(daysDown(rows.length - 1 - 8));
  });

  test('pitfall 35: fewer than 15 that stand together are no answer', () => {
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

  test('pitfall 35: a close of 0 is no price, and its answer none', () => {
    expect(refusedAs(klinesPoll, changed(klines, [3, 4], '0.00000000'))).toBe('bad_response');
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

  test('pitfall 35: a row that is too short is no answer', () => {
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
});

describe('a refusal by Binance', () => {
  const REQUEST = klinesPoll.request({ key: null, plan: null, coins: ['BTC'] });

  /** What comes of a call that is answered so. */
  const refused = (status: number, body: string, headers: Record<string, string> = {}) =>
    failure(
      loopback.serve(() => new Response(body, { status, headers })),
      {},
      REQUEST,
    );

  test.each([
    [451, '{"code":0,"msg":"Not available in your country."}', 'blocked'],
    [403, '<HTML><TITLE>ERROR: The request could not be satisfied</TITLE></HTML>', 'blocked'],
    [418, '{"code":-1003,"msg":"IP banned until 1795417530228."}', 'rate_limited'],
    [429, '{"code":-1003,"msg":"Too much request weight used."}', 'rate_limited'],
    [400, '{"code":-1121,"msg":"Invalid symbol."}', 'bad_response'],
    [200, '{"code":-1121,"msg":"Invalid symbol."}', null],
  ] as const)('pitfall 36: %p with %p means %s', async (status, body, code) => {
    if (code !== null) expect((await refused(status, body)).code).toBe(code);
    else expect(refusedAs(klinesPoll, JSON.parse(body))).toBe('bad_response');
  });

  test.each([418, 429])('pitfall 36: %p may name the seconds to wait', async (status) => {
    const before = Date.now();
    const { retryAtMs } = await refused(status, '', { 'retry-after': '120' });
    expect(retryAtMs).toBeGreaterThanOrEqual(before + 120_000);
    expect(retryAtMs).toBeLessThanOrEqual(Date.now() + 120_000);
  });

  test('pitfall 37: a country that is refused is no call to try again soon', async () => {
    const { code, retryAtMs } = await refused(451, '{"code":0}', { 'retry-after': '1' });
    expect([code, retryAtMs]).toEqual(['blocked', null]);
  });
});
