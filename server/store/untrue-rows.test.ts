import type { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { CandleRow, SampleRow } from './history-rows.ts';
import { ALWAYS, candle, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const SAMPLES = { series: 'coin:BTC', intervalS: 60, ...ALWAYS };
const CANDLES = { intervalS: 3600, ...ALWAYS };

/** What a row may have in one place that no row can. `as never`: some of it is of a wrong type on purpose. */
const UNTRUE_PLACES = [
  ['a time between two intervals', { time: sample(0).time + 1 }],
  ['a time before all times', { time: -60, asOfS: -30 }],
  ['half a second', { time: 0.5 }],
  ['an interval without length', { intervalS: 0 }],
  ['an own time before it', { asOfS: 1 }],
  ['an own time after it', { asOfS: sample(0).time + 4000 }],
  ['half a second as its own time', { asOfS: sample(0).asOfS + 0.5 }],
  ['a source nobody knows', { source: 'nobody' as never }],
  ['a source of an object', { source: '__proto__' as never }],
  ['text for a time', { time: `${sample(0).time}` as never }],
] as const;

const UNTRUE_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe('a row that cannot be true', () => {
  let bench: StoreBench;
  beforeEach(() => {
    bench = createStoreBench();
  });
  afterEach(() => bench.end());

  test.each(UNTRUE_PLACES)('is not kept: %s', (_, change) => {
    const store = bench.open();
    expect(store.keepSamples([sample(0, change), sample(1)], 'last')).toEqual([sample(1)]);
    const wrong = { ...candle(0), ...change } as CandleRow;
    expect(store.keepCandles([wrong, candle(1)])).toEqual([candle(1)]);
    expect(store.samples(SAMPLES)).toEqual([sample(1)]);
    expect(store.candles(CANDLES)).toEqual([candle(1)]);
    expect(bench.warnings).toEqual([]);
  });

  test('is not kept when a number is none, or its series has no name', () => {
    const store = bench.open();
    const wrong = ['1' as never, null as never, ...UNTRUE_NUMBERS];
    const samples: SampleRow[] = [
      ...wrong.map((value) => sample(0, { value })),
      sample(0, { series: '' }),
      sample(0, { series: 'x'.repeat(65) }),
      sample(0, { series: 7 as never }),
    ];
    expect(store.keepSamples(samples, 'last')).toEqual([]);
    const keys = ['open', 'high', 'low', 'close', 'volume'] as const;
    const candles = keys.flatMap((key) => wrong.map((value) => candle(0, { [key]: value })));
    expect(store.keepCandles(candles)).toEqual([]);
    expect(store.series()).toEqual([]);
    expect(bench.warnings).toEqual([]);
  });

  test('is left out when it is read, and gives way to one that can', () => {
    bench.open().keepSamples([sample(0), sample(1), sample(2), sample(3)], 'last');
    bench.close();
    bench.open().keepCandles([candle(0), candle(1)]);
    bench.close();
    bench.tamper((database) => {
      const where = (index: number) => `WHERE time = ${sample(index).time}`;
      database.run(`UPDATE sample SET value = 1 ${where(0)}`);
      database.run(`UPDATE sample SET as_of_s = 9000000000000000 ${where(1)}`);
      database.run(`UPDATE sample SET source = 'kraken' ${where(2)}`);
      database.run(`UPDATE candle SET volume = 9e99 WHERE time = ${candle(0).time}`);
    });
    const store = bench.open();
    expect(store.samples(SAMPLES)).toEqual([sample(3)]);
    expect(store.candles(CANDLES)).toEqual([candle(1)]);
    // Those that were there before are not what is in the way now.
    const earlier = [0, 1, 2, 3].map((index) => sample(index, { asOfS: sample(index).time }));
    expect(store.keepSamples(earlier, 'last')).toEqual(earlier.slice(0, 3));
    expect(store.keepCandles([candle(0, { volume: 1 }), candle(1, { volume: 1 })])).toEqual([
      candle(0, { volume: 1 }),
    ]);
    expect(bench.warnings).toEqual([]);
  });

  test('is left out when it lies in tables that somebody else has made', () => {
    bench.open().close();
    bench.tamper((database) => {
      for (const table of ['sample', 'candle']) database.run(`DROP TABLE ${table}`);
      // Without STRICT everything fits everywhere.
      database.run(
        'CREATE TABLE sample (series, interval_s, time, value, source, as_of_s, sum, PRIMARY KEY (series, interval_s, time))',
      );
      database.run(
        'CREATE TABLE candle (interval_s, time, source, open, high, low, close, volume, as_of_s, sum, PRIMARY KEY (interval_s, time, source))',
      );
      const odd = ['text', null, new Uint8Array(9), Number.POSITIVE_INFINITY, -1, 2.5];
      for (const [index, what] of odd.entries()) {
        const { time, asOfS } = sample(index);
        insert(database, 'sample', ['coin:BTC', 60, time, what, 'binance', asOfS, 1]);
        insert(database, 'sample', ['coin:BTC', 60, time + 1, 1, what, asOfS, what]);
        insert(database, 'sample', [what, 60, time, 1, 'binance', asOfS, 1]);
        insert(database, 'candle', [3600, time, 'kraken', 1, what, 1, 1, 1, asOfS, 1]);
      }
    });
    const store = bench.open();
    expect(store.samples(SAMPLES)).toEqual([]);
    expect(store.candles(CANDLES)).toEqual([]);
    expect(store.series()).toEqual(['coin:BTC', 'text']);
    expect(store.keepSamples([sample(0)], 'last')).toEqual([sample(0)]);
    expect(bench.warnings).toEqual([]);
  });

  test('is no document that somebody changed', () => {
    const document = { epoch: 1_795_000_000_123, seq: 7, json: '{"btc_price_usd":80000}' };
    bench.open().saveDocument(document);
    bench.close();
    bench.tamper((database) =>
      database.run(`UPDATE document SET seq = 9, json = '{"btc_price_usd":1}'`),
    );
    const store = bench.open();
    expect(store.loadDocument()).toBeNull();
    store.saveDocument({ ...document, seq: 8 });
    expect(store.loadDocument()).toEqual({ ...document, seq: 8 });
    // What this process has saved or read itself, it knows.
    bench.tamper((database) => database.run(`UPDATE document SET json = '{}'`));
    expect(store.loadDocument()).toEqual({ ...document, seq: 8 });
    expect(bench.warnings).toEqual([]);
  });
});

function insert(on: Database, table: string, values: readonly unknown[]): void {
  const marks = values.map(() => '?').join(', ');
  on.query(`INSERT INTO ${table} VALUES (${marks})`).run(...(values as never[]));
}
