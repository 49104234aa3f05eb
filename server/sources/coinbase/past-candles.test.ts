import { afterEach, describe, expect, test } from 'bun:test';
import { describeCandleArchive, refusalOf } from '../archive-contract.ts';
import { changed } from '../poll-contract.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import minutes from './fixtures/minutes.json';
import { pastCandles } from './past-candles.ts';

const MINUTE_MS = 60_000;
const FROM_MS = Date.UTC(2018, 1, 1);
const PAGE = { symbol: 'BTC', intervalS: 60, fromMs: FROM_MS, toMs: FROM_MS + 10 * MINUTE_MS };
const RECEIVED_AT_MS = PAGE.toMs - 1000;

describeCandleArchive('/products/candles', {
  archive: pastCandles,
  sample: minutes,
  rowsAt: [],
  page: PAGE,
  receivedAtMs: RECEIVED_AT_MS,
});

const loopback = createLoopback();
afterEach(() => loopback.close());

const read = (body: unknown, page = PAGE) => pastCandles.read(body, page, RECEIVED_AT_MS);
const refused = (body: unknown, page = PAGE) => refusalOf(() => read(body, page));

describe('the past candles of Coinbase', () => {
  test('are asked for by the product and the page, up to its last second', () => {
    expect(pastCandles.request(PAGE)).toEqual({
      path: '/products/BTC-USD/candles',
      query: { granularity: '60', start: '2018-02-01T00:00:00Z', end: '2018-02-01T00:09:59Z' },
      maxBodyBytes: 131_072,
    });
    expect(pastCandles.request({ ...PAGE, symbol: 'SOL', intervalS: 3600 })).toMatchObject({
      path: '/products/SOL-USD/candles',
      query: { granularity: '3600' },
    });
  });

  test('are three hundred at most: a page of as many asks for not one more', () => {
    expect(pastCandles).toMatchObject({
      gives: 'candles',
      route: '/products/candles',
      intervalsS: [60, 3600, 86_400],
      maxCandles: 300,
      newestOnly: null,
      spacingMs: 250,
    });
    expect(pastCandles.hasCoin('BNB')).toBe(true);
    const { query } = pastCandles.request({ ...PAGE, toMs: FROM_MS + 300 * MINUTE_MS });
    const [start = '', end = ''] = [query?.start, query?.end];
    expect(Math.floor((Date.parse(end) - Date.parse(start)) / MINUTE_MS) + 1).toBe(300);
  });

  test('pitfall 49: newest first, lowest before highest before opening: put in order, each in its place', () => {
    const candles = read(minutes);
    // Sent as time in seconds, low, high, open, close, volume.
    expect(minutes[0]).toEqual([1517443740, 10106, 10120.21, 10106.01, 10120.21, 2.85107455]);
    expect(candles.at(-1)).toEqual([
      1_517_443_740_000,
      ...([10106.01, 10120.21, 10106, 10120.21, 2.85107455] as const),
    ]);
    expect(candles[0]?.[0]).toBe(FROM_MS);
  });

  test('pitfall 49: columns in the order of other exchanges refuse the page', () => {
    const reordered = minutes.map(([t, l, h, o, c, v]) => [t, o, h, l, c, v]);
    expect(refused(reordered)).toBe('bad_response');
  });

  test('pitfall 49: an interval without a trade is left out, and stays a gap', () => {
    const candles = read(changed(changed(minutes, [8]), [3]));
    expect(candles.map(([openMs]) => (openMs - FROM_MS) / MINUTE_MS)).toEqual([
      0, 2, 3, 4, 5, 7, 8, 9,
    ]);
  });

  test('pitfall 49: a span without a trade has no candles', () => {
    const quiet = { ...PAGE, fromMs: FROM_MS - 60 * MINUTE_MS, toMs: FROM_MS - 50 * MINUTE_MS };
    expect(read([], quiet)).toEqual([]);
    // Some that precede what was asked for have been announced.
    expect(read(minutes, { ...PAGE, fromMs: PAGE.toMs, toMs: PAGE.toMs + MINUTE_MS })).toEqual([]);
  });

  test.each<[string, number, unknown]>([
    ['a close of 0', 4, 0],
    ['a close as text', 4, '10156.99'],
    ['no high', 2, null],
    ['a negative volume', 5, -1],
    ['a time in ms', 0, 1_517_443_560_000],
    ['a time within the minute', 0, 1_517_443_561],
    ['a time as text', 0, '1517443560'],
    ['a time that has not come', 0, 1_517_443_560 + 3600],
  ])('are refused with %s in a single row', (_name, column, value) => {
    expect(refused(changed(minutes, [3, column], value))).toBe('bad_response');
  });

  test('are refused with a row that is too short, and when they are of another interval', () => {
    expect(refused(changed(minutes, [3], minutes[3]?.slice(0, 5)))).toBe('bad_response');
    expect(refused(minutes, { ...PAGE, intervalS: 3600 })).toBe('bad_response');
  });

  test('are none of a coin that the exchange does not know', async () => {
    const body = { message: 'NotFound' };
    const origin = loopback.serve(() => Response.json(body, { status: 404 }));
    const { code, status } = await failure(origin, {}, pastCandles.request(PAGE));
    expect([code, status]).toEqual(['bad_response', 404]);
    expect(refused(body)).toBe('bad_response');
  });
});
