import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, statSync } from 'node:fs';
import { openMemory } from './attach-file.ts';
import { copyFile } from './copy-file.ts';
import { dropRows } from './drop-rows.ts';
import type { CandleRow, SampleRow } from './history-rows.ts';
import { migrate } from './migrations.ts';
import { readSeries } from './sample-rows.ts';
import type { Store } from './store.ts';
import { ALWAYS, candle, DAY_0, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
const MAX_BYTES = 50 * 1024 * 1024;
/** Rows one call deletes. */
const LIMIT = 500;

/** The intervals that rows are kept by, and how many of each a year leaves; of days there are three thousand. */
const TIERS = [
  { intervalS: MINUTE_S, rows: 48 * 60 },
  { intervalS: 300, rows: 8 * 288 },
  { intervalS: HOUR_S, rows: 90 * 24 },
  { intervalS: DAY_S, rows: 3000 },
] as const;

const SERIES = [
  ...['BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'LINK', 'BNB'].map((symbol) => `coin:${symbol}`),
  ...['market_cap', 'volume_24h', 'btc_dominance'],
];

/** A number with all its digits, as a market's are. */
const valueAt = (timeS: number, seed: number): number => 1e5 * (1.5 + Math.sin(timeS * 0.7 + seed));

const samplesAt = (timeS: number, intervalS: number): SampleRow[] => {
  const time = Math.floor(timeS / intervalS) * intervalS;
  const series = intervalS === DAY_S ? [...SERIES, 'fng'] : SERIES;
  return series.map((name, index) =>
    sample(0, { series: name, intervalS, time, value: valueAt(timeS, index), asOfS: timeS }),
  );
};

const candleAt = (timeS: number, intervalS: number): CandleRow => {
  const time = Math.floor(timeS / intervalS) * intervalS;
  const [open, high, low, close] = [1, 2, 3, 4].map((seed) => valueAt(timeS, seed));
  const volume = valueAt(timeS, 5) / 1e5;
  return candle(0, {
    intervalS,
    time,
    ...{ open, high, low, close, volume },
    asOfS: timeS,
  } as CandleRow);
};

/** What a year has left at `DAY_0`: the rest of it was deleted. */
function keepYear(store: Store): void {
  for (const { intervalS, rows } of TIERS) {
    const times = Array.from({ length: rows }, (_, index) => DAY_0 - (rows - index) * intervalS);
    for (let from = 0; from < rows; from += 100) {
      const some = times.slice(from, from + 100);
      store.keepSamples(
        some.flatMap((timeS) => samplesAt(timeS, intervalS)),
        'last',
      );
      store.keepCandles(some.map((timeS) => candleAt(timeS, intervalS)));
    }
  }
}

/** Deletes what is over, as compaction does. */
function compact(store: Store, nowS: number): void {
  for (const { intervalS, rows } of TIERS) {
    if (intervalS === DAY_S) continue;
    while (store.drop(intervalS, nowS - rows * intervalS, nowS + DAY_S, LIMIT) === LIMIT);
  }
}

const timed = (action: () => unknown): number => {
  const beginMs = performance.now();
  action();
  return performance.now() - beginMs;
};

/** Speeds are printed, not judged: the machine may be busy. */
const say = (text: string): void => void process.stderr.write(`${text}\n`);

describe('a year of data, and three thousand days', () => {
  let bench: StoreBench;
  let store: Store;
  let writtenMs = 0;
  const bytes = () =>
    ['', '-wal', '-shm', '.lock'].reduce(
      (sum, suffix) =>
        sum + (existsSync(bench.file + suffix) ? statSync(bench.file + suffix).size : 0),
      0,
    );

  beforeAll(() => {
    bench = createStoreBench();
    store = bench.open();
    writtenMs = timed(() => keepYear(store));
  });
  afterAll(() => bench.end());

  test('take less than 50 MB, the log included, while minutes come and go', () => {
    let most = bytes();
    // A day of minutes, each written at once into every tier, and compaction every hour: from then on every day is alike.
    for (let timeS = DAY_0; timeS < DAY_0 + DAY_S; timeS += MINUTE_S) {
      store.keepSamples(
        TIERS.flatMap(({ intervalS }) => samplesAt(timeS, intervalS)),
        'last',
      );
      store.keepCandles(TIERS.map(({ intervalS }) => candleAt(timeS, intervalS)));
      if (timeS % HOUR_S === 0) {
        compact(store, timeS);
        most = Math.max(most, bytes());
      }
    }
    compact(store, DAY_0 + DAY_S);
    const left = TIERS.map(
      ({ intervalS }) => store.samples({ series: 'coin:BTC', intervalS, ...ALWAYS }).length,
    );
    expect(left).toEqual([48 * 60, 8 * 288, 90 * 24, 3001]);
    say(`a year of data: ${(most / 1024 / 1024).toFixed(1)} MB at most (limit 50)`);
    expect(most).toBeLessThan(MAX_BYTES);
    expect(bench.warnings).toEqual([]);
  });

  test('are in memory at once when the disk fails', () => {
    const memories = [1, 2, 3].map(() => {
      const memory = openMemory();
      migrate(memory);
      return { memory, ms: timed(() => copyFile(memory, bench.file)) };
    });
    const ms = Math.min(...memories.map((one) => one.ms));
    say(`a year of data into memory: ${ms.toFixed(0)} ms (target 1000)`);
    for (const table of ['sample', 'candle']) {
      const count = `SELECT count(*) AS rows FROM ${table}`;
      bench.tamper((database) => {
        for (const { memory } of memories) {
          expect(memory.query(count).get()).toEqual(database.query(count).get());
        }
      });
    }
    // In bulk, not row by row.
    expect(ms).toBeLessThan(writtenMs);
    for (const { memory } of memories) memory.close();
  });

  test('are read, written and deleted along their keys, never as a whole', () => {
    const statements = new Set<string>();
    const database = new Database(bench.file);
    const watched = new Proxy(database, {
      get(target, name) {
        if (name === 'query') {
          return (sql: string) => {
            statements.add(sql);
            return target.query(sql);
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    expect(readSeries(watched)).toEqual([...SERIES, 'fng'].toSorted());
    expect(dropRows(watched, MINUTE_S, 0, Number.MAX_SAFE_INTEGER, LIMIT)).toBe(0);
    const plans = [...statements].flatMap((sql) =>
      database
        .query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail),
    );
    database.close();
    expect(statements.size).toBe(5);
    expect(plans.filter((plan) => /\b(sample|candle)\b/.test(plan))).not.toEqual([]);
    expect(plans.filter((plan) => /SCAN (sample|candle)\b/.test(plan))).toEqual([]);
  });

  test('take a call some milliseconds', () => {
    const nowS = DAY_0 + 3 * DAY_S;
    const times = Array.from({ length: 100 }, (_, index) => nowS + index * MINUTE_S);
    const rows = times.flatMap((timeS) => samplesAt(timeS, MINUTE_S));
    const keepMs = timed(() => store.keepSamples(rows, 'last'));
    const againMs = timed(() => store.keepSamples(rows, 'last'));
    const dropMs = [1, 2, 3].map(() =>
      timed(() => expect(store.drop(MINUTE_S, nowS, nowS + DAY_S, LIMIT)).toBe(LIMIT)),
    );
    const readMs = timed(() => store.samples({ series: 'fng', intervalS: DAY_S, ...ALWAYS }));
    const idle = () => timed(() => store.drop(HOUR_S, 0, nowS + DAY_S, LIMIT));
    const idleMs = Math.min(idle(), idle(), idle());
    const spoken = Object.entries({ keepMs, againMs, dropMs: Math.max(...dropMs), readMs, idleMs });
    say(`in a year of data: ${spoken.map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(', ')}`);
    expect(rows).toHaveLength(1000);
    // Looking for what there is nothing of costs next to nothing, in tables of a hundred thousand rows.
    expect(idleMs).toBeLessThan(Math.max(...dropMs) * 3);
  });
});
