import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { openForReading } from './open-for-reading.ts';
import type { Store, StoredBudget } from './store.ts';
import { ALWAYS, candle, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const FAILED = 'the store failed; figures are kept in memory from now on';
const IN_USE = 'another process uses this DATA_DIR; figures are kept in memory only';

const document = (seq: number) => ({ epoch: 1_795_000_000_123, seq, json: `{"seq":${seq}}` });
const budget = (today: number, change: Partial<StoredBudget> = {}): StoredBudget => ({
  ...{ upstream: 'kraken', day: '2026-11-23', today, thisMonth: 345, lastMinute: 3 },
  ...{ pausedUntilMs: 1_795_000_060_000, savedAtMs: 1_795_000_000_000 },
  ...change,
});

/** A call may take so long while the file is locked, ms: what it waits for the lock, three times. */
const MAX_CALL_MS = 150;
/** As long as a lock may last, and no longer, ms. */
const PATIENCE_MS = 10_000;

type Reads = Pick<Store, 'samples' | 'candles' | 'series'>;
const rowsOf = (store: Reads) => ({
  series: store.series(),
  samples: store
    .series()
    .map((series) => store.samples({ series, intervalS: 60, ...ALWAYS }).map(sorted)),
  candles: store.candles({ intervalS: 3600, ...ALWAYS }).map(sorted),
});
/** Keys stand in another order in what is read. */
const sorted = (row: object) => JSON.stringify(Object.entries(row).sort());

describe('a file that somebody else has locked', () => {
  let bench: StoreBench;
  let other: Database | null = null;
  beforeEach(() => {
    bench = createStoreBench();
  });
  afterEach(() => {
    other?.close();
    other = null;
    bench.end();
  });

  /** As a person does at a tool of their own. */
  const lock = () => {
    other ??= new Database(bench.file);
    other.run('BEGIN IMMEDIATE');
  };
  const unlock = () => other?.run('COMMIT');
  /** What everybody else can read. */
  const inFile = () => {
    const opened = openForReading({ dataDir: bench.dataDir, simulated: false });
    if (opened.kind === 'unread') throw new Error(opened.why);
    const rows = rowsOf(opened.rows);
    opened.rows.close();
    return rows;
  };

  test('is read as if all that is kept meanwhile were in it, and has it when it is free', () => {
    const store = bench.open();
    store.keepSamples([sample(0), sample(1), sample(3)], 'last');
    store.keepCandles([candle(0), candle(1)]);
    store.saveDocument(document(7));
    store.saveBudget(budget(12));
    store.saveBudget(budget(1, { upstream: 'coinbase' }));
    const before = inFile();

    lock();
    const earlier = sample(1, { asOfS: sample(1).asOfS - 9 });
    const later = sample(0, { asOfS: sample(0).asOfS + 1, value: 1 });
    const eth = sample(2, { series: 'coin:ETH' });
    const begunMs = performance.now();
    expect(store.keepSamples([later, earlier, sample(2), eth], 'last')).toEqual([
      later,
      sample(2),
      eth,
    ]);
    expect(performance.now() - begunMs).toBeLessThan(MAX_CALL_MS);
    // Again, and one that none of the two would take the place of.
    expect(store.keepSamples([later, sample(2), sample(3)], 'last')).toEqual([]);
    expect(store.keepCandles([candle(0), candle(1, { source: 'binance' })])).toEqual([
      candle(1, { source: 'binance' }),
    ]);
    store.saveDocument(document(9));
    store.saveDocument(document(8));
    store.saveBudget(budget(13));
    store.saveBudget(budget(2, { day: '2026-11-24' }));
    expect(store.drop(60, sample(2).time, Number.MAX_SAFE_INTEGER, 500)).toBe(0);

    const expected = {
      series: ['coin:BTC', 'coin:ETH'],
      samples: [[later, sample(1), sample(2), sample(3)].map(sorted), [sorted(eth)]],
      candles: [candle(0), candle(1, { source: 'binance' }), candle(1)].map(sorted),
    };
    const budgets = [
      budget(1, { upstream: 'coinbase' }),
      budget(13),
      budget(2, { day: '2026-11-24' }),
    ];
    const expectAll = () => {
      expect(rowsOf(store)).toEqual(expected);
      expect(store.loadDocument()).toEqual(document(9));
      expect(store.loadBudgets()).toEqual(budgets);
    };
    expectAll();
    expect(
      store.samples({
        ...{ series: 'coin:BTC', intervalS: 60 },
        ...{ fromS: sample(1).time, toS: sample(3).time },
      }),
    ).toEqual([sample(1), sample(2)]);
    expect(inFile()).toEqual(before);

    unlock();
    bench.clock.advance(1000);
    expect(inFile()).toEqual(expected);
    expectAll();
    // And it goes on in the file.
    expect(store.drop(60, sample(2).time, Number.MAX_SAFE_INTEGER, 500)).toBe(2);
    expect(inFile().samples).toEqual([[sample(2), sample(3)].map(sorted), [sorted(eth)]]);
    expect(bench.clock.pending()).toBe(0);
    expect(bench.warnings).toEqual([]);
    bench.close();
    const next = bench.open();
    expect(next.loadDocument()).toEqual(document(9));
    expect(next.loadBudgets()).toEqual(budgets);
  });

  test('keeps what is over a little longer', () => {
    const store = bench.open();
    store.keepSamples([sample(0), sample(1)], 'last');
    const dropFirst = () => store.drop(60, sample(1).time, Number.MAX_SAFE_INTEGER, 500);
    lock();
    expect(dropFirst()).toBe(0);
    // It would be of no avail: it is to be compared with what waits.
    store.keepSamples([sample(0, { asOfS: sample(0).time })], 'last');
    unlock();
    expect(dropFirst()).toBe(0);
    bench.clock.advance(1000);
    expect(inFile().samples).toEqual([[sample(0), sample(1)].map(sorted)]);
    expect(dropFirst()).toBe(1);
    expect(bench.warnings).toEqual([]);
  });

  test('is waited for as long as a lock may last, and again after each', () => {
    const store = bench.open();
    for (const index of [0, 1, 2]) {
      lock();
      store.keepSamples([sample(index)], 'last');
      bench.clock.advance(PATIENCE_MS - 1000);
      unlock();
      bench.clock.advance(1000);
      expect(inFile().samples[0]).toHaveLength(index + 1);
    }
    expect(bench.warnings).toEqual([]);
  });

  test('is given up after that, without losing anything but the file', () => {
    const store = bench.open();
    store.keepSamples([sample(0)], 'last');
    store.saveDocument(document(7));
    const before = inFile();
    lock();
    store.keepSamples([sample(1)], 'last');
    store.keepCandles([candle(1)]);
    store.saveDocument(document(8));
    store.saveBudget(budget(13));
    bench.clock.advance(PATIENCE_MS - 1000);
    expect(bench.inMemory()).toBe(0);
    bench.clock.advance(2000);
    expect(bench.inMemory()).toBe(1);
    expect(bench.warnings).toEqual([FAILED]);
    const all = {
      ...{ series: ['coin:BTC'], samples: [[sample(0), sample(1)].map(sorted)] },
      candles: [sorted(candle(1))],
    };
    expect(rowsOf(store)).toEqual(all);
    unlock();
    bench.clock.advance(PATIENCE_MS);
    store.saveDocument(document(7));
    expect(store.loadDocument()).toEqual(document(8));
    expect(store.loadBudgets()).toEqual([budget(13)]);
    expect(rowsOf(store)).toEqual(all);
    expect(inFile()).toEqual(before);
    expect(bench.clock.pending()).toBe(0);
    // And it has left the file to whoever comes next.
    bench.open();
    expect(bench.warnings).toEqual([FAILED]);
  });

  test('is no reason to hold more and more: what is too much goes with all the rest into memory', () => {
    const store = bench.open();
    lock();
    const kept = 20_000;
    const [first, ...others] = Array.from({ length: 4 }, (_, part) =>
      Array.from({ length: kept }, (_, index) => sample(part * kept + index)),
    );
    expect(store.keepSamples(first ?? [], 'last')).toHaveLength(kept);
    expect(bench.inMemory()).toBe(0);
    for (const rows of others) expect(store.keepSamples(rows, 'last')).toHaveLength(kept);
    expect(bench.warnings).toEqual([FAILED]);
    expect(store.samples({ series: 'coin:BTC', intervalS: 60, ...ALWAYS })).toHaveLength(4 * kept);
  });

  test('is given up when what waits can no longer be written once it is free', () => {
    const store = bench.open();
    lock();
    store.saveDocument(document(7));
    store.keepSamples([sample(1)], 'last');
    other?.run('DROP TABLE document');
    unlock();
    bench.clock.advance(1000);
    expect(bench.warnings).toEqual([FAILED]);
    expect(bench.inMemory()).toBe(1);
    expect(store.loadDocument()).toEqual(document(7));
    expect(rowsOf(store).samples).toEqual([[sorted(sample(1))]]);
  });

  test('has at a stop what waits, and is said to have failed when it has not', () => {
    const store = bench.open();
    lock();
    store.keepSamples([sample(0)], 'last');
    store.keepSamples([sample(1)], 'last');
    unlock();
    bench.close();
    expect(inFile().samples).toEqual([[sample(0), sample(1)].map(sorted)]);
    expect(bench.clock.pending()).toBe(0);
    expect(bench.warnings).toEqual([]);

    const next = bench.open();
    lock();
    next.keepSamples([sample(2)], 'last');
    bench.close();
    expect(bench.warnings).toEqual([FAILED]);
    expect(bench.inMemory()).toBe(1);
  });

  test('is opened at once when there is nothing to be brought up to date', () => {
    bench.open().keepSamples([sample(0)], 'last');
    bench.close();
    lock();
    const begunMs = performance.now();
    const store = bench.open();
    expect(performance.now() - begunMs).toBeLessThan(MAX_CALL_MS);
    expect(bench.warnings.filter((line) => line === IN_USE)).toEqual([]);
    store.keepSamples([sample(1)], 'last');
    unlock();
    bench.clock.advance(1000);
    expect(inFile().samples).toEqual([[sample(0), sample(1)].map(sorted)]);
  });
});

describe("a caller's mistake", () => {
  test('goes up, and leaves the store as it is', () => {
    const bench = createStoreBench();
    const store = bench.open();
    store.keepSamples([sample(0)], 'last');
    const wrong = new Proxy(sample(1), {
      get() {
        throw new TypeError('a mistake');
      },
    });
    expect(() => store.keepSamples([wrong], 'last')).toThrow('a mistake');
    expect(bench.warnings).toEqual([]);
    expect(bench.inMemory()).toBe(0);
    expect(rowsOf(store).samples).toEqual([[sorted(sample(0))]]);
    bench.end();
  });
});
