import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EXCHANGES } from '../../contract/index.ts';
import { openMemory } from './attach-file.ts';
import { keepCandles, readCandles } from './candle-rows.ts';
import type { CandleRow, Keeps, SampleRow } from './history-rows.ts';
import { migrate } from './migrations.ts';
import { keepSamples, readSamples, readSeries } from './sample-rows.ts';
import {
  ALWAYS,
  candle,
  modelOfCandles,
  modelOfSamples,
  sample,
  trueCandle,
  trueSample,
} from './test-rows.ts';
import { createStoreBench } from './test-store.ts';

const INTERVALS = [60, 300, 86_400];

function emptyTables() {
  const database = openMemory();
  migrate(database);
  return database;
}

const allSamples = (on: ReturnType<typeof emptyTables>): readonly SampleRow[] =>
  readSeries(on).flatMap((series) =>
    INTERVALS.flatMap((intervalS) => readSamples(on, { series, intervalS, ...ALWAYS })),
  );

const allCandles = (on: ReturnType<typeof emptyTables>): readonly CandleRow[] =>
  INTERVALS.flatMap((intervalS) => readCandles(on, { intervalS, ...ALWAYS }));

/** The same rows as they may come a second time: in another order, some of them again, in parts of any size. */
const deliveries = <Row>(row: fc.Arbitrary<Row>) =>
  fc.array(row, { maxLength: 40 }).chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      order: fc
        .tuple(fc.shuffledSubarray(rows, { minLength: rows.length }), fc.shuffledSubarray(rows))
        .map(([all, again]) => [...again, ...all, ...again.toReversed()]),
      part: fc.integer({ min: 1, max: 20 }),
    }),
  );

const partsOf = <Row>(rows: readonly Row[], size: number): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );

describe('rows that come in any order, any number of times, in any parts', () => {
  test.each(['first', 'last'] satisfies Keeps[])(
    'give the samples of a plain model that keeps the %s',
    (keeps) => {
      fc.assert(
        fc.property(deliveries(trueSample), ({ rows, order, part }) => {
          const [once, often] = [emptyTables(), emptyTables()];
          keepSamples(once, rows, keeps);
          for (const some of partsOf(order, part)) keepSamples(often, some, keeps);
          const expected = modelOfSamples(rows, keeps);
          expect(allSamples(once)).toStrictEqual([...expected]);
          expect(allSamples(often)).toStrictEqual([...expected]);
          for (const database of [once, often]) database.close();
        }),
      );
    },
  );

  test.each(['first', 'last'] satisfies Keeps[])(
    'give of three exchanges’ closes that of the preferred one, where the %s is kept',
    (keeps) => {
      const closes = EXCHANGES.map((source, at) => sample(0, { source, value: 100 + at }));
      fc.assert(
        fc.property(fc.shuffledSubarray(closes, { minLength: 3 }), (order) => {
          const database = emptyTables();
          for (const close of order) keepSamples(database, [close], keeps);
          expect(allSamples(database)).toEqual([sample(0, { source: 'binance', value: 100 })]);
          database.close();
        }),
      );
    },
  );

  test('give the candles of a plain model', () => {
    fc.assert(
      fc.property(deliveries(trueCandle), ({ rows, order, part }) => {
        const [once, often] = [emptyTables(), emptyTables()];
        keepCandles(once, rows);
        for (const some of partsOf(order, part)) keepCandles(often, some);
        const expected = modelOfCandles(rows);
        expect(allCandles(once)).toStrictEqual([...expected]);
        expect(allCandles(often)).toStrictEqual([...expected]);
        for (const database of [once, often]) database.close();
      }),
    );
  });

  test('are answered with those that changed something, and with none the second time', () => {
    fc.assert(
      fc.property(fc.array(trueSample, { maxLength: 30 }), (rows) => {
        const database = emptyTables();
        const kept = keepSamples(database, rows, 'last');
        expect(modelOfSamples(kept, 'last')).toEqual(modelOfSamples(rows, 'last'));
        expect(keepSamples(database, rows, 'last')).toEqual([]);
        database.close();
      }),
    );
    fc.assert(
      fc.property(fc.array(trueCandle, { maxLength: 30 }), (rows) => {
        const database = emptyTables();
        expect(modelOfCandles(keepCandles(database, rows))).toEqual(modelOfCandles(rows));
        expect(keepCandles(database, rows)).toEqual([]);
        database.close();
      }),
    );
  });
});

describe('values', () => {
  test('come back bit for bit, also from the file', () => {
    const bench = createStoreBench();
    const values = [0.1 + 0.2, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, -1.5, 0, 1 / 3, 1e21];
    const samples = values.map((value, index) => sample(index, { value }));
    const candles = values.map((close, index) => candle(index, { close, volume: 1 / close || 0 }));
    const sound = candles.filter(({ volume }) => Number.isFinite(volume));
    bench.open().keepSamples(samples, 'last');
    bench.close();
    bench.open().keepCandles(candles);
    bench.close();
    const store = bench.open();
    expect(store.samples({ series: 'coin:BTC', intervalS: 60, ...ALWAYS })).toStrictEqual(samples);
    expect(store.candles({ intervalS: 3600, ...ALWAYS })).toStrictEqual(sound);
    expect(sound.length).toBeLessThan(candles.length);
    expect(bench.warnings).toEqual([]);
    bench.end();
  });

  test('are those of the span, its end left out', () => {
    const database = emptyTables();
    const rows = [0, 1, 2, 3].map((index) => sample(index));
    keepSamples(database, rows, 'last');
    const [, second, third] = rows;
    const span = { series: 'coin:BTC', intervalS: 60 };
    const [fromS, toS] = [sample(1).time, sample(3).time];
    expect(readSamples(database, { ...span, fromS, toS })).toEqual(
      [second, third].flatMap((row) => row ?? []),
    );
    expect(readSamples(database, { ...span, series: 'coin:BT', ...ALWAYS })).toEqual([]);
    const candles = [candle(0), candle(1, { source: 'binance' }), candle(1)];
    keepCandles(database, candles.toReversed());
    expect(
      readCandles(database, { intervalS: 3600, fromS: candle(0).time, toS: candle(2).time }),
    ).toEqual(candles);
    database.close();
  });
});
