import { describe, expect, test } from 'bun:test';
import { DAY_MS, startOfDay } from '../candles.ts';
import { NOW, setUp } from './test-ask.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const TODAY = startOfDay(NOW);
/** 00:00 UTC of the first day that is known. */
const LISTED = TODAY - 519 * DAY_MS;

const times = (rows: readonly (readonly [number, ...unknown[]])[]) => rows.map(([time]) => time);
const every = (firstMs: number, stepMs: number, count: number) =>
  Array.from({ length: count }, (_, i) => firstMs + i * stepMs);

describe('Binance’s candles', () => {
  const KLINES = '/api/v3/klines';
  const klines = (query: string) => setUp().ask(KLINES, `symbol=BTCUSDT&${query}`);

  test.each([
    ['1m', MINUTE],
    ['5m', 5 * MINUTE],
    ['1h', HOUR],
    ['1d', DAY_MS],
  ])(
    'are, at %s, the newest without a word of when, oldest first, the last one open',
    (interval, ms) => {
      const { market, ask } = setUp();
      const { json } = ask(KLINES, `symbol=ETHUSDT&interval=${interval}&limit=40`);
      const open = Math.floor(NOW / ms) * ms;
      expect(times(json)).toEqual(every(open - 39 * ms, ms, 40));
      for (const row of json) {
        const kinds = row.map((item: unknown) => (typeof item === 'number' ? 'n' : 's')).join('');
        expect(kinds).toBe('nsssssnsnsss');
        expect(row[6]).toBe(row[0] + ms - 1);
        const [o, h, l, c] = row.slice(1, 5).map(Number);
        expect(l).toBeLessThanOrEqual(Math.min(o, c));
        expect(h).toBeGreaterThanOrEqual(Math.max(o, c));
      }
      expect(Number(json.at(-1)[4])).toBe(market.coin('ETH')?.price ?? 0);
    },
  );

  test('are those from the start to the end, both inclusive', () => {
    const from = TODAY - 90 * MINUTE;
    const span = (endMs: number) =>
      times(klines(`interval=1m&startTime=${from}&endTime=${endMs}`).json);
    expect(span(from + 2 * MINUTE)).toEqual(every(from, MINUTE, 3));
    expect(span(from + 2 * MINUTE - 1)).toEqual(every(from, MINUTE, 2));
    expect(span(from)).toEqual([from]);
    expect(span(from - 1)).toEqual([]);
    const late = `interval=1m&startTime=${from + 1}&endTime=${from + 2 * MINUTE}`;
    expect(times(klines(late).json)).toEqual(every(from + MINUTE, MINUTE, 2));
  });

  test('are the oldest from a start on, the newest up to an end, as many as the limit, 500 and 1000 at most', () => {
    const from = TODAY - 100 * DAY_MS;
    const count = (query: string) => times(klines(`interval=1m&${query}`).json);
    expect(count(`startTime=${from}&limit=3`)).toEqual(every(from, MINUTE, 3));
    expect(count(`startTime=${from}&endTime=${TODAY}&limit=3`)).toEqual(every(from, MINUTE, 3));
    expect(count(`endTime=${from}&limit=3`)).toEqual(every(from - 2 * MINUTE, MINUTE, 3));
    expect(count(`startTime=${from}`)).toEqual(every(from, MINUTE, 500));
    expect(count(`startTime=${from}&limit=5000`)).toEqual(every(from, MINUTE, 1000));
  });

  test('are none before there was a market, and none of the time to come', () => {
    const rows = (query: string) => klines(`interval=1h&${query}`).json;
    expect(rows(`startTime=0&endTime=${LISTED - 1}`)).toEqual([]);
    expect(rows(`endTime=${LISTED - 1}`)).toEqual([]);
    expect(times(rows(`startTime=0&limit=2`))).toEqual(every(LISTED, HOUR, 2));
    expect(rows(`startTime=${NOW + HOUR}`)).toEqual([]);
    expect(rows(`endTime=${NOW + DAY_MS}&limit=3`)).toEqual(rows('limit=3'));
    expect(times(rows(`startTime=${NOW - HOUR}&endTime=${NOW + DAY_MS}`))).toEqual([
      TODAY + 7 * HOUR,
    ]);
    expect(times(klines(`interval=1d&startTime=0&limit=1000`).json)).toEqual(
      every(LISTED, DAY_MS, 520),
    );
  });

  test.each([
    ['interval=1w', -1120],
    ['interval=3m', -1120],
    ['interval=1M', -1120],
    ['interval=1m&startTime=x', -1100],
    ['interval=1m&startTime=-1', -1100],
    ['interval=1m&endTime=2026-11-23', -1100],
    ['interval=1m&endTime=', -1100],
  ])('refuse %s with %d', (query, code) => {
    expect(klines(query)).toMatchObject({ status: 400, json: { code } });
  });
});

describe('Coinbase’s candles', () => {
  const candles = (query: string, symbol = 'BTC') =>
    setUp().ask(`/products/${symbol}-USD/candles`, query);
  const iso = (ms: number) => new Date(ms).toISOString();
  const span = (granularity: number, startMs: number, endMs: number, symbol = 'BTC') =>
    candles(`granularity=${granularity}&start=${iso(startMs)}&end=${iso(endMs)}`, symbol);

  test.each([60, 300, 900, 3600, 21_600, 86_400])(
    'are, at %d seconds, the newest 300 without a word of when, newest first',
    (granularity) => {
      const { json } = candles(`granularity=${granularity}`);
      const open = Math.floor(NOW / 1000 / granularity) * granularity;
      expect(times(json)).toEqual(every(open, -granularity, 300));
    },
  );

  test('are those from the start to the end, both inclusive, of ISO times or of seconds', () => {
    const from = TODAY - 90 * MINUTE;
    const expected = every(from / 1000 + 180, -60, 4);
    expect(times(span(60, from, from + 3 * MINUTE).json)).toEqual(expected);
    expect(times(span(60, from - 1, from + 4 * MINUTE - 1).json)).toEqual(expected);
    const seconds = `granularity=60&start=${from / 1000}&end=${from / 1000 + 180}`;
    expect(times(candles(seconds).json)).toEqual(expected);
  });

  test('are 300 at most, and a span of more is refused', () => {
    const from = TODAY - 30 * DAY_MS;
    expect(span(60, from, from + 300 * MINUTE - 1).json).toHaveLength(300);
    expect(span(60, from, from + 300 * MINUTE).json).toHaveLength(300);
    expect(span(60, from, from + 301 * MINUTE)).toMatchObject({
      status: 400,
      json: {
        message:
          'granularity too small for the requested time range. Count of aggregations requested exceeds 300',
      },
    });
    expect(span(86_400, TODAY - 300 * DAY_MS, TODAY).status).toBe(200);
    expect(candles('granularity=60&start=yesterday&end=today').status).toBe(400);
  });

  test('ignore a start without an end, and have none before there was a market', () => {
    expect(candles(`granularity=60&start=${iso(LISTED)}`).json).toEqual(
      candles('granularity=60').json,
    );
    expect(span(86_400, LISTED - 10 * DAY_MS, LISTED - 1).json).toEqual([]);
    expect(span(86_400, LISTED - 10 * DAY_MS, LISTED).json).toHaveLength(1);
  });

  test('leave out a minute without a trade, which is one of a small coin', () => {
    const count = (symbol: string) =>
      span(60, TODAY - 300 * MINUTE, TODAY - MINUTE, symbol).json.length;
    expect(count('BTC')).toBe(300);
    expect(count('DOT')).toBeWithin(260, 300);
    expect(count('DOT')).toBe(count('DOT'));
  });
});

describe('Kraken’s candles', () => {
  const ohlc = (query: string) => setUp().ask('/0/public/OHLC', `pair=XBTUSD&${query}`).json;

  test.each([1, 5, 15, 30, 60, 240])(
    'are, at %d minutes, the newest 720, oldest first, the last one open',
    (minutes) => {
      const { market, ask } = setUp();
      const { result } = ask('/0/public/OHLC', `pair=ETHUSD&interval=${minutes}`).json;
      const lengthS = minutes * 60;
      const openS = Math.floor(NOW / 1000 / lengthS) * lengthS;
      expect(times(result.XETHZUSD)).toEqual(every(openS - 719 * lengthS, lengthS, 720));
      expect(Number(result.XETHZUSD.at(-1)[4])).toBe(
        market.exchangeCoin('kraken', 'ETH')?.price ?? 0,
      );
      expect(result.last).toBe(openS - lengthS);
    },
  );

  test('are those after `since`, however old it is, and the open one always', () => {
    const openS = Math.floor(NOW / 60_000) * 60;
    const after = (sinceS: number) => times(ohlc(`interval=1&since=${sinceS}`).result.XXBTZUSD);
    expect(after(openS - 120)).toEqual([openS - 60, openS]);
    expect(after(openS - 121)).toEqual([openS - 120, openS - 60, openS]);
    expect(after(0)).toHaveLength(720);
    expect(after(openS + 600)).toEqual([openS]);
  });

  test('are refused at other intervals', () => {
    for (const query of ['interval=2', 'interval=10080', 'interval=1&since=x']) {
      expect(ohlc(query)).toEqual({ error: ['EGeneral:Invalid arguments'] });
    }
  });
});

test('the candles of every exchange are of one market', () => {
  const { ask } = setUp();
  const binance = ask('/api/v3/klines', 'symbol=BTCUSDT&interval=1h&limit=200').json;
  const coinbase = ask('/products/BTC-USD/candles', 'granularity=3600')
    .json.toReversed()
    .slice(-200);
  const kraken = ask('/0/public/OHLC', 'pair=XBTUSD&interval=60').json.result.XXBTZUSD.slice(-200);
  for (const [i, [openMs, , , , close]] of binance.entries()) {
    expect([coinbase[i][0], kraken[i][0]]).toEqual([openMs / 1000, openMs / 1000]);
    expect(coinbase[i][4] / Number(close)).toBeCloseTo(1.0002, 3);
    expect(Number(kraken[i][4]) / Number(close)).toBeCloseTo(0.9999, 3);
  }
});
