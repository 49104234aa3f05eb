import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { samplePoints, sparklinePoints, windowOf } from './points.ts';
import { BINANCE, COINBASE, type KeptRows, openKeptRows, sample } from './test-kept-rows.ts';

const HOUR = 3600;
const DAY = 86_400;
/** 14:37:21 of a day. */
const NOW = 20_000 * DAY + 14 * HOUR + 37 * 60 + 21;
const TODAY = 20_000 * DAY;

describe('the window of a range', () => {
  test.each([
    ['24h', 300, TODAY + 14 * HOUR + 40 * 60, 288],
    ['7d', HOUR, TODAY + 15 * HOUR, 168],
    ['30d', 4 * HOUR, TODAY + 16 * HOUR, 180],
    ['1y', DAY, TODAY + DAY, 365],
  ] as const)('of %s ends with the open interval and has all its intervals', (...expected) => {
    const [range, intervalS, toS, count] = expected;
    const window = windowOf(range, NOW);
    expect(window).toEqual({ intervalS, fromS: toS - count * intervalS, toS, nowS: NOW });
  });

  test('moves on with the first second of an interval', () => {
    expect(windowOf('7d', TODAY - 1).toS).toBe(TODAY);
    expect(windowOf('7d', TODAY).toS).toBe(TODAY + HOUR);
  });
});

describe('points of a kept series', () => {
  let kept: KeptRows;
  beforeEach(() => {
    kept = openKeptRows();
  });
  afterEach(() => kept.close());

  const rowsOf = (series: string, range: Parameters<typeof windowOf>[0], nowS = NOW) =>
    samplePoints(kept, series, windowOf(range, nowS)).map(({ time, values }) => [time, ...values]);

  test('come from the tier of the range, oldest first, a missing interval missing', () => {
    const at = TODAY + 14 * HOUR;
    kept.keepSamples(
      [
        sample('coin:BTC', 300, at + 300, 2),
        sample('coin:BTC', 300, at, 1),
        sample('coin:BTC', 300, at + 1200, 3),
        sample('coin:BTC', HOUR, at, 4),
        sample('coin:BTC', DAY, TODAY, 5),
        sample('coin:ETH', 300, at, 6),
      ],
      'last',
    );
    expect(rowsOf('coin:BTC', '24h')).toEqual([
      [at, 1],
      [at + 300, 2],
      [at + 1200, 3],
    ]);
    expect(rowsOf('coin:BTC', '7d')).toEqual([[at, 4]]);
    expect(rowsOf('coin:BTC', '1y')).toEqual([[TODAY, 5]]);
  });

  test('of four hours are the last hour there is of a price, the first of what is measured', () => {
    const hours = [0, 1, 2, 4, 5].map((hour) => TODAY + hour * HOUR);
    const values = (series: string) =>
      hours.map((time, at) => sample(series, HOUR, time, at + 1, { asOfS: time + 1000 }));
    kept.keepSamples(values('coin:BTC'), 'last');
    kept.keepSamples(values('market_cap'), 'first');
    expect(rowsOf('coin:BTC', '30d')).toEqual([
      [TODAY, 3],
      [TODAY + 4 * HOUR, 5],
    ]);
    expect(rowsOf('market_cap', '30d')).toEqual([
      [TODAY, 1],
      [TODAY + 4 * HOUR, 4],
    ]);
  });

  test('of the index stand at the stamp of their day in every range', () => {
    const days = [0, 1, 2].map((ago) => TODAY - ago * DAY);
    kept.keepSamples(
      days.map((time) => sample('fng', DAY, time, 20, { source: 'alternative_me' })),
      'first',
    );
    expect(rowsOf('fng', '24h')).toEqual([[TODAY, 20]]);
    for (const range of ['7d', '30d', '1y'] as const) {
      expect(rowsOf('fng', range)).toEqual(days.toReversed().map((time) => [time, 20]));
    }
  });

  test('are none of the future, and none of before the range', () => {
    const open = TODAY + 14 * HOUR;
    kept.keepSamples(
      [
        sample('coin:BTC', HOUR, open + HOUR, 9),
        sample('coin:BTC', HOUR, open, 8, { asOfS: NOW + 60 }),
        sample('coin:ETH', HOUR, open, 7, { asOfS: NOW + 61 }),
        sample('coin:BTC', HOUR, open - 167 * HOUR, 2),
        sample('coin:BTC', HOUR, open - 168 * HOUR, 1),
      ],
      'last',
    );
    expect(rowsOf('coin:BTC', '7d')).toEqual([
      [open - 167 * HOUR, 2],
      [open, 8],
    ]);
    expect(rowsOf('coin:ETH', '7d')).toEqual([]);
    expect(rowsOf('coin:ETH', '7d', NOW + 1)).toEqual([[open, 7]]);
  });

  test('of a series that is not kept are none', () => {
    expect(rowsOf('rsi_14', '24h')).toEqual([]);
    expect(rowsOf('coin:not a coin', '24h')).toEqual([]);
  });

  test('of several coins stand beside each other, where there is one of any', () => {
    const [first, second, third] = [TODAY, TODAY + HOUR, TODAY + 3 * HOUR];
    kept.keepSamples(
      [
        sample('coin:BTC', HOUR, first, 1, { source: BINANCE, asOfS: first + 10 }),
        sample('coin:ETH', HOUR, first, 10, { source: COINBASE, asOfS: first + 20 }),
        sample('coin:BTC', HOUR, third, 3, { asOfS: third + 20 }),
        sample('coin:ETH', HOUR, second, 20),
        sample('coin:ETH', HOUR, third, 30, { source: COINBASE, asOfS: third + 10 }),
        sample('coin:DOGE', HOUR, second, 99),
      ],
      'last',
    );
    const series = ['coin:ETH', 'coin:BTC', 'coin:SOL'];
    expect(sparklinePoints(kept, series, windowOf('7d', NOW))).toEqual([
      { time: first, values: [10, 1, null], sources: [COINBASE, BINANCE], asOfS: first + 20 },
      { time: second, values: [20, null, null], sources: [BINANCE], asOfS: second },
      { time: third, values: [30, 3, null], sources: [BINANCE, COINBASE], asOfS: third + 20 },
    ]);
  });
});
