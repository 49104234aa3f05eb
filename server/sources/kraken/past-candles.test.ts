import { afterEach, describe, expect, test } from 'bun:test';
import { describeCandleArchive, refusalOf } from '../archive-contract.ts';
import { changed } from '../poll-contract.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import spans from './fixtures/five-minutes.json';
import { pastCandles } from './past-candles.ts';
import { refusal } from './refusal.ts';

const SPAN_MS = 300_000;
const ROWS_AT = ['result', 'XBTUSDT'] as const;
const ROWS = spans.result.XBTUSDT;
const FROM_MS = 1_762_814_400_000;
/** All twenty, the last of them two minutes old. */
const PAGE = { symbol: 'BTC', intervalS: 300, fromMs: FROM_MS, toMs: FROM_MS + 20 * SPAN_MS };
const RECEIVED_AT_MS = PAGE.toMs - 180_000;

describeCandleArchive('/0/public/OHLC', {
  archive: pastCandles,
  sample: spans,
  rowsAt: ROWS_AT,
  page: PAGE,
  receivedAtMs: RECEIVED_AT_MS,
});

const loopback = createLoopback();
afterEach(() => loopback.close());

const read = (body: unknown, page = PAGE) => pastCandles.read(body, page, RECEIVED_AT_MS);
const refused = (body: unknown, page = PAGE) => refusalOf(() => read(body, page));

describe('the past candles of Kraken', () => {
  test('are asked for by the exchange’s own name of the coin, from the candle before the page on', () => {
    expect(pastCandles.request(PAGE)).toEqual({
      path: '/0/public/OHLC',
      query: { pair: 'XBTUSD', interval: '5', since: '1762814100' },
      refusal,
      maxBodyBytes: 262_144,
    });
    const queries = [
      { ...PAGE, symbol: 'DOGE', intervalS: 3600 },
      { ...PAGE, symbol: 'SOL', intervalS: 86_400 },
    ].map((page) => pastCandles.request(page).query);
    expect(queries).toEqual([
      { pair: 'XDGUSD', interval: '60', since: '1762810800' },
      { pair: 'SOLUSD', interval: '1440', since: '1762728000' },
    ]);
  });

  test('are the newest 720 of five minutes, an hour and a day, less than one page a second', () => {
    expect(pastCandles).toMatchObject({
      gives: 'candles',
      route: '/0/public/OHLC',
      intervalsS: [300, 3600, 86_400],
      maxCandles: 720,
      newestOnly: 720,
      spacingMs: 1100,
    });
    expect(pastCandles.hasCoin('BTC')).toBe(true);
  });

  test('pitfall 48: numbers come as text, and the last row is still open', () => {
    const candles = read(spans);
    expect(candles[0]).toEqual([
      FROM_MS,
      ...([105734.9, 105734.9, 105721.8, 105733.5, 0.10343286] as const),
    ]);
    // Without a trade so far: the price of before, and no volume.
    expect(candles.at(-1)).toEqual([
      FROM_MS + 19 * SPAN_MS,
      ...([105899.4, 105899.4, 105899.4, 105899.4, 0] as const),
    ]);
  });

  test('pitfall 48: the open row is sent with every page, also with those that it is not of', () => {
    const older = { ...PAGE, fromMs: FROM_MS - 5 * SPAN_MS, toMs: FROM_MS };
    expect(read(changed(spans, ROWS_AT, ROWS.slice(-1)), older)).toEqual([]);
    expect(read(spans, { ...PAGE, toMs: FROM_MS + 19 * SPAN_MS })).toHaveLength(19);
  });

  test('pitfall 48: the candle before the page may be among the rows, and is not of the page', () => {
    const later = { ...PAGE, fromMs: FROM_MS + SPAN_MS };
    expect(read(spans, later)[0]?.[0]).toBe(FROM_MS + SPAN_MS);
    expect(read(spans, later)).toHaveLength(19);
  });

  test.each(['XXBTZUSD', 'XBTUSD', 'BTC/USD'])(
    'pitfall 48: the rows may stand under %p, with or without the cursor',
    (name) => {
      for (const result of [{ [name]: ROWS, last: 1762819800 }, { [name]: ROWS }]) {
        expect(read({ error: [], result })).toEqual(read(spans));
      }
    },
  );

  test.each<[string, unknown]>([
    ['no pair', { last: 1762819800 }],
    ['two pairs', { XXBTZUSD: ROWS, XETHZUSD: ROWS, last: 1762819800 }],
    ['a list', ROWS],
    ['nothing', null],
  ])('pitfall 48: a result of %s is no answer', (_name, result) => {
    expect(refused({ error: [], result })).toBe('bad_response');
  });

  test('pitfall 48: an error comes with status 200, and without a result', async () => {
    for (const [text, code] of [
      ['EGeneral:Too many requests', 'rate_limited'],
      ['EQuery:Unknown asset pair', 'bad_response'],
    ] as const) {
      const body = { error: [text] };
      const origin = loopback.serve(() => Response.json(body));
      expect((await failure(origin, {}, pastCandles.request(PAGE))).code).toBe(code);
      expect(refused(body)).toBe('bad_response');
    }
  });

  test.each<[string, number, unknown]>([
    ['a close of 0', 4, '0.0'],
    ['a close that is a number', 4, 106060],
    ['a negative volume', 6, '-1.00000000'],
    ['a time in ms', 0, 1_762_815_300_000],
    ['a time within the five minutes', 0, 1_762_815_360],
    ['a time that has not come', 0, 1_762_815_300 + 86_400],
    ['a high below its close', 2, '106059.9'],
  ])('are refused with %s in a single row', (_name, column, value) => {
    expect(refused(changed(spans, [...ROWS_AT, 3, column], value))).toBe('bad_response');
  });

  test('are refused when they are of another interval than was asked for', () => {
    const hours = { ...PAGE, intervalS: 3600, fromMs: FROM_MS, toMs: FROM_MS + 12 * SPAN_MS };
    expect(refused(spans, hours)).toBe('bad_response');
  });
});
