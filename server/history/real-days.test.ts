import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  HISTORY_RANGES,
  HISTORY_SERIES,
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
  isHistoryRange,
  MAX_HISTORY_ROWS,
} from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTestBroker } from '../broker/test-broker.ts';
import type { CandleRow } from '../store/history-rows.ts';
// Market data of Binance and alternative.me as they answered it; the files say when.
import btcDays from './fixtures/btc-days.json';
import fngDays from './fixtures/fng-days.json';
import type { History } from './history.ts';
import { createHistory } from './renditions.ts';
import { createSampler } from './sampler.ts';
import { directRows, type RawSample } from './test-direct.ts';
import { BINANCE, candle, openKeptRows } from './test-kept-rows.ts';
import { DAY_S, rowsInTiers } from './tiers.ts';

const RANGES = Object.keys(HISTORY_RANGES).filter(isHistoryRange);
const secondsAt = (text: string): number => Date.parse(text) / 1000;
const CAPTURED_S = secondsAt('2026-06-06T13:55:22Z');

/** Each day's value, by its beginning. */
const byDay = <T>(firstDay: string, months: readonly (readonly T[])[]): [time: number, T][] =>
  months.flat().map((value, at) => [secondsAt(`${firstDay}T00:00:00Z`) + at * DAY_S, value]);

const CANDLES: readonly CandleRow[] = byDay(btcDays.firstDay, btcDays.months).map(
  ([time, [open = 0, high = 0, low = 0, close = 0, volume = 0]]) => {
    const asOfS = Math.min(CAPTURED_S, time + DAY_S);
    return candle(DAY_S, time, close, { open, high, low, volume, asOfS });
  },
);
const FNG = byDay<number | null>(fngDays.firstDay, fngDays.months);
const HOLES = FNG.filter(([, value]) => value === null).map(([time]) => time);

/** Everything, as a direct computation takes it: a close is a price of its day. */
const SAMPLES: readonly RawSample[] = [
  ...CANDLES.map(({ time, close, asOfS }) => ({
    ...{ series: 'coin:BTC', value: close, source: BINANCE },
    asOfS: Math.min(asOfS, time + DAY_S - 1),
  })),
  ...FNG.flatMap(([asOfS, value]): RawSample[] =>
    value === null ? [] : [{ series: 'fng', value, source: 'alternative_me', asOfS }],
  ),
];

describe('seven years of real days', () => {
  const kept = openKeptRows();
  const clock = createManualClock(CAPTURED_S * 1000);
  const broker = createTestBroker(clock);
  const sampler = createSampler({ clock, broker, rows: kept });
  let history: History;

  beforeAll(() => {
    kept.keepCandles(CANDLES);
    kept.keepSamples(
      CANDLES.flatMap(({ time, close, source, asOfS }) =>
        rowsInTiers({ series: 'coin:BTC', value: close, source, asOfS }, time, DAY_S),
      ),
      'last',
    );
    kept.keepSamples(
      SAMPLES.filter(({ series }) => series === 'fng').flatMap((one) =>
        rowsInTiers(one, one.asOfS, DAY_S),
      ),
      'first',
    );
  });
  beforeEach(() => {
    clock.setWall(CAPTURED_S * 1000);
    history = createHistory({
      ...{ clock, broker, sampler, rows: kept, coins: ['BTC', 'ETH'] },
      isFilling: () => false,
    });
  });
  afterAll(() => {
    sampler.close();
    kept.close();
  });

  const read = (series: HistorySeries, range: HistoryRange): HistoryBody =>
    JSON.parse(history.render({ series, range, format: 'json' }).body);
  const at = (series: HistorySeries, range: HistoryRange, day: string) =>
    read(series, range)
      .rows.find(([time]) => time === secondsAt(`${day}T00:00:00Z`))
      ?.slice(1);

  test('are all there', () => {
    expect(CANDLES).toHaveLength(2471);
    expect(FNG.length - HOLES.length).toBe(3044);
    expect(HOLES.map((time) => new Date(time * 1000).toISOString().slice(0, 10))).toEqual([
      '2018-04-14',
      '2018-04-15',
      '2018-04-16',
      '2024-10-26',
    ]);
    const days = { intervalS: DAY_S, fromS: 0, toS: CAPTURED_S };
    expect(kept.candles(days)).toHaveLength(2471);
    expect(kept.samples({ ...days, series: 'fng' })).toHaveLength(3044);
  });

  test('give the RSI of the last days', () => {
    expect(at('rsi_14', '1y', '2026-06-05')).toEqual([15.62]);
    expect(at('rsi_14', '1y', '2026-06-04')).toEqual([18.42]);
    expect(read('rsi_14', '1y').rows).toHaveLength(365);
  });

  test('give the candles, prices and index of the last days', () => {
    expect(at('btc_candles', '1y', '2026-06-05')).toEqual([
      63_885.99, 63_978, 59_130.91, 61_056.47, 55_027.3,
    ]);
    expect(at('btc_price', '1y', '2026-06-05')).toEqual([61_056.47]);
    expect(at('btc_price', '1y', '2026-06-06')).toEqual([60_783.51]);
    for (const range of RANGES) expect(at('fng', range, '2026-06-06')).toEqual([12]);
    expect(read('btc_candles', '1y')).toMatchObject({
      ...{ source: 'binance', sources: ['binance'], as_of: '2026-06-06T13:55:22Z' },
      interval_s: DAY_S,
    });
  });

  test.each([
    '2026-06-06T13:55:22Z',
    '2026-06-06T00:02:00Z',
    '2026-01-01T12:00:00Z',
    '2024-11-01T23:58:00Z',
    '2021-02-28T06:30:00Z',
    '2019-12-24T18:00:00Z',
    '2018-04-20T09:00:00Z',
    '2017-01-01T00:00:00Z',
    '2031-01-01T00:00:00Z',
  ])(
    'answer every range at %s with rows that ascend, of that time, as computed directly',
    (text) => {
      const nowS = secondsAt(text);
      clock.setWall(nowS * 1000);
      const everything = {
        ...{ coins: ['BTC', 'ETH'], document: broker.held().document, nowS },
        candles: CANDLES.filter(({ asOfS }) => asOfS <= nowS),
      };
      // A day's close says nothing of its hours.
      const samplesFor = (range: HistoryRange) =>
        SAMPLES.filter(({ series }) => series === 'fng' || range === '1y');
      for (const series of HISTORY_SERIES) {
        for (const range of RANGES) {
          const { rows } = read(series, range);
          const times = rows.map(([time]) => time);
          expect(rows.length).toBeLessThanOrEqual(MAX_HISTORY_ROWS);
          expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
          expect(times.every((time) => time <= nowS)).toBe(true);
          const samples = samplesFor(range);
          expect(rows).toEqual(directRows({ ...everything, samples }, series, range));
        }
      }
    },
  );

  test.each([
    ['2018-05-01T00:00:00Z', '2018-04-14', 3],
    ['2024-11-01T00:00:00Z', '2024-10-26', 1],
  ] as const)('keep the index’s holes: at %s from %s on', (text, day, length) => {
    clock.setWall(secondsAt(text) * 1000);
    const hole = secondsAt(`${day}T00:00:00Z`);
    const times = read('fng', '30d').rows.map(([time]) => time);
    const around = Array.from({ length: length + 2 }, (_, days) => hole + (days - 1) * DAY_S);
    expect(around.filter((time) => times.includes(time))).toEqual([
      hole - DAY_S,
      hole + length * DAY_S,
    ]);
    expect(times).toHaveLength(30 - length);
  });

  test('print how long they take', () => {
    const before = performance.now();
    const answers = HISTORY_SERIES.flatMap((series) => RANGES.map((range) => read(series, range)));
    const eachMs = (performance.now() - before) / answers.length;
    process.stdout.write(`answers from seven years of days: ${eachMs.toFixed(2)} ms each\n`);
    expect(answers).toHaveLength(HISTORY_SERIES.length * RANGES.length);
  });
});
