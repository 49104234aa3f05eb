import { describe, expect, test } from 'bun:test';
import { refusalOf } from './archive-contract.ts';
import { SOURCES } from './index.ts';
import type { Candle } from './source.ts';

const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2026, 10, 23);
const TO_MS = FROM_MS + 10 * HOUR_MS;
const PAGE = { symbol: 'BTC', intervalS: 3600, fromMs: FROM_MS, toMs: TO_MS };

/** The candle of an hour of the day. */
const hour = (index: number, close = 77_000, open = 76_000): Candle => [
  FROM_MS + index * HOUR_MS,
  ...([open, 78_000, 75_000, close, 1200] as const),
];

/** How each exchange sends candles. */
const SENT: Readonly<Record<string, (candles: readonly Candle[]) => unknown>> = {
  binance: (candles) =>
    candles.map(([t, o, h, l, c, v]) => [
      t,
      ...[o, h, l, c, v].map(String),
      t + HOUR_MS - 1,
      ...['0', 0, '0', '0', '0'],
    ]),
  coinbase: (candles) => candles.map(([t, o, h, l, c, v]) => [t / 1000, l, h, o, c, v]),
  kraken: (candles) => ({
    error: [],
    result: {
      XXBTZUSD: candles.map(([t, o, h, l, c, v]) => [
        t / 1000,
        ...[o, h, l, c, 0, v].map(String),
        9,
      ]),
      last: 0,
    },
  }),
};

const EXCHANGES = SOURCES.flatMap(({ id, ...source }) =>
  'past' in source && source.past?.gives === 'candles' ? [[id, source.past] as const] : [],
);

test('the past is told by three exchanges and one index', () => {
  expect(EXCHANGES.map(([id]) => id)).toEqual(['binance', 'coinbase', 'kraken']);
  expect(SOURCES.flatMap(({ id, past }) => (past?.gives === 'fng' ? [id] : []))).toEqual([
    'alternative_me',
  ]);
});

describe.each(EXCHANGES)('a page of %s', (id, archive) => {
  const sent = SENT[id] ?? expect.unreachable();
  const read = (candles: readonly Candle[], receivedAtMs = TO_MS - 1) =>
    archive.read(sent(candles), PAGE, receivedAtMs);
  const refused = (candles: readonly Candle[], receivedAtMs?: number) =>
    refusalOf(() => read(candles, receivedAtMs));

  test('holds the candles in order, each once, as sent last', () => {
    expect(read([hour(3), hour(1), hour(3, 76_500), hour(2)])).toEqual([
      hour(1),
      hour(2),
      hour(3, 76_500),
    ]);
  });

  test('begins with the first candle asked for and ends before the first that was not', () => {
    const candles = [hour(-1), hour(0), hour(9), hour(10)];
    expect(read(candles, TO_MS)).toEqual([hour(0), hour(9)]);
    expect(read([hour(-1), hour(10)], TO_MS)).toEqual([]);
  });

  test('knows no candle of a time to come, but for clocks that differ by a minute', () => {
    const openMs = FROM_MS + 9 * HOUR_MS;
    expect(read([hour(8), hour(9)], openMs - 60_000)).toEqual([hour(8), hour(9)]);
    expect(refused([hour(8), hour(9)], openMs - 60_001)).toBe('bad_response');
    // Also where it is not of the page.
    expect(refused([hour(8), hour(12)])).toBe('bad_response');
  });

  test('is refused when a price lies beyond the highest or the lowest', () => {
    for (const [open, close] of [
      [78_000, 75_000],
      [75_000, 78_000],
    ] as const) {
      expect(refused([hour(1), hour(2, close, open)])).toBeNull();
    }
    for (const beyond of [78_000.01, 74_999.99]) {
      expect(refused([hour(1), hour(2, beyond)])).toBe('bad_response');
      expect(refused([hour(1), hour(2, 77_000, beyond)])).toBe('bad_response');
    }
  });

  test('is refused when a candle is not of the hour, and when there are more than are ever sent', () => {
    const [, ...figures] = hour(1);
    const [o = 0, h = 0, l = 0, c = 0, v = 0] = figures;
    for (const byMs of [60_000, 1000, -1000]) {
      expect(refused([hour(0), [FROM_MS + HOUR_MS + byMs, o, h, l, c, v]])).toBe('bad_response');
    }
    const many = (count: number) => Array.from({ length: count }, (_, index) => hour(5 - index));
    expect(refused(many(1000))).toBeNull();
    expect(refused(many(1001))).toBe('bad_response');
  });
});
