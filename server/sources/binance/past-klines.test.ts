import { describe, expect, test } from 'bun:test';
import { describeCandleArchive, refusalOf } from '../archive-contract.ts';
import { changed } from '../poll-contract.ts';
import days from './fixtures/klines.json';
import minutes from './fixtures/minutes.json';
import { pastKlines } from './past-klines.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(2021, 9, 22, 23, 3);
/** Ten minutes, received within the last of them. */
const PAGE = { symbol: 'BTC', intervalS: 60, fromMs: FROM_MS, toMs: FROM_MS + 10 * MINUTE_MS };
const RECEIVED_AT_MS = PAGE.toMs - 30_000;

describeCandleArchive('/klines', {
  archive: pastKlines,
  sample: minutes,
  rowsAt: [],
  page: PAGE,
  receivedAtMs: RECEIVED_AT_MS,
});

const read = (body: unknown, page = PAGE) => pastKlines.read(body, page, RECEIVED_AT_MS);
const refused = (body: unknown, page = PAGE) => refusalOf(() => read(body, page));

describe('the past candles of Binance', () => {
  test('are asked for by the pair and the page, up to its last millisecond', () => {
    expect(pastKlines.request(PAGE)).toEqual({
      path: '/api/v3/klines',
      query: {
        symbol: 'BTCUSDT',
        interval: '1m',
        startTime: '1634943780000',
        endTime: '1634944379999',
        limit: '1000',
      },
      maxBodyBytes: 1_048_576,
    });
    const intervals = [60, 3600, 86_400].map(
      (intervalS) => pastKlines.request({ ...PAGE, intervalS }).query?.interval,
    );
    expect(intervals).toEqual(['1m', '1h', '1d']);
  });

  test('are a thousand at most, of any time, four pages a second', () => {
    expect(pastKlines).toMatchObject({
      gives: 'candles',
      route: '/api/v3/klines',
      intervalsS: [60, 3600, 86_400],
      maxCandles: 1000,
      newestOnly: null,
      spacingMs: 250,
    });
  });

  test('are of every coin but the one that prices are in', () => {
    const coins = ['BTC', 'SOL', 'USDT'].filter(pastKlines.hasCoin);
    expect(coins).toEqual(['BTC', 'SOL']);
    expect(pastKlines.request({ ...PAGE, symbol: 'SOL' }).query?.symbol).toBe('SOLUSDT');
  });

  test('pitfall 34: the last one is still open, and is there with its price of now', () => {
    const candles = read(minutes);
    expect(candles[0]).toEqual([FROM_MS, 60685.22, 60729.84, 60670.9, 60719.27, 21.63272]);
    expect(candles.at(-1)).toEqual([
      FROM_MS + 9 * MINUTE_MS,
      ...([60739.85, 60739.85, 60739.85, 60739.85, 0.04734] as const),
    ]);
  });

  test('pitfall 35: fewer rows than asked for are what there is, and a gap stays one', () => {
    const opened = read(changed(changed(minutes, [9]), [4])).map(
      ([openMs]) => (openMs - FROM_MS) / MINUTE_MS,
    );
    expect(opened).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
  });

  test('pitfall 35: a candle that was sent twice counts as sent last', () => {
    const again = changed(minutes[2], [4], '60750.50000000');
    const candles = read([...minutes, again]);
    expect(candles).toHaveLength(10);
    expect(candles[2]?.[4]).toBe(60750.5);
  });

  test.each<[string, unknown]>([
    ['a row that is too short', changed(minutes, [3], minutes[3]?.slice(0, 11))],
    ['a close of 0', changed(minutes, [3, 4], '0.00000000')],
  ])('pitfall 35: %s refuses the page', (_name, body) => {
    expect(refused(body)).toBe('bad_response');
  });

  test.each<unknown>([
    60768.71,
    '',
    ' 60768.71 ',
    '60,768.71',
    'NaN',
    'Infinity',
    'null',
    '-',
    '6e4',
    true,
    null,
  ])('pitfall 7: an open of %p refuses the page', (open) => {
    expect(refused(changed(minutes, [3, 1], open))).toBe('bad_response');
    expect(refused(changed(minutes, [3, 1], '60768.71000000'))).toBeNull();
  });

  test.each<[string, number, unknown]>([
    ['a time as text', 0, '1634943960000'],
    ['a time in seconds', 0, 1_634_943_960],
    ['a time within the minute', 0, 1_634_943_960_001],
    ['an end in the next minute', 6, 1_634_944_020_000],
    ['an end before its beginning', 6, 1_634_943_960_000],
    ['a negative volume', 5, '-1.00000000'],
    ['a high below its close', 2, '60786.55000000'],
    ['a low above its open', 3, '60768.72000000'],
  ])('are refused with %s in a single row', (_name, column, value) => {
    expect(refused(changed(minutes, [3, column], value))).toBe('bad_response');
  });

  test('are refused when they are of another interval than was asked for', () => {
    const hours = { ...PAGE, intervalS: 3600, fromMs: Date.UTC(2021, 9, 22) };
    expect(refused(minutes, hours)).toBe('bad_response');
    expect(refused(minutes.slice(0, 1), hours)).toBe('bad_response');
  });

  test('pitfall 35: a candle may end early, where trading was halted, or be without a trade', () => {
    expect(read(changed(minutes, [3, 6], 1_634_943_974_838))).toEqual(read(minutes));
    expect(read(changed(minutes, [3, 5], '0.00000000'))[3]?.[5]).toBe(0);
  });

  test('are the very candles that the RSI is computed from', () => {
    const toMs = Date.UTC(2026, 10, 24);
    const page = { symbol: 'BTC', intervalS: 86_400, fromMs: toMs - 20 * DAY_MS, toMs };
    const candles = pastKlines.read(days, page, toMs - 1);
    expect(candles).toHaveLength(20);
    expect(candles.at(-1)).toEqual([
      toMs - DAY_MS,
      ...([76007.62, 76767.7, 74248.1, 74998.08, 12666.66687] as const),
    ]);
  });
});
