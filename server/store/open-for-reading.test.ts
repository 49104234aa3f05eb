import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { type OpenedForReading, openForReading, type ReadRows } from './open-for-reading.ts';
import { ALWAYS, candle, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const SAMPLES = { series: 'coin:BTC', intervalS: 60, ...ALWAYS };

describe('a file that is opened for reading', () => {
  let bench: StoreBench;
  const readers: ReadRows[] = [];
  const open = (): OpenedForReading => {
    const opened = openForReading({ dataDir: bench.dataDir, simulated: false });
    if (opened.kind === 'rows') readers.push(opened.rows);
    return opened;
  };
  const openRows = (): ReadRows => {
    const opened = open();
    if (opened.kind !== 'rows') throw new Error(`unread: ${opened.why}`);
    return opened.rows;
  };

  beforeEach(() => {
    bench = createStoreBench();
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
    bench.end();
  });

  test('shows what a server has written, while it writes on', () => {
    const store = bench.open();
    store.keepSamples([sample(0)], 'last');
    store.keepCandles([candle(0)]);
    const rows = openRows();
    expect(rows.samples(SAMPLES)).toEqual([sample(0)]);
    expect(rows.candles({ intervalS: 3600, ...ALWAYS })).toEqual([candle(0)]);
    expect(rows.series()).toEqual(['coin:BTC']);
    store.keepSamples([sample(1)], 'last');
    expect(rows.samples(SAMPLES)).toEqual([sample(0), sample(1)]);
    expect(bench.warnings).toEqual([]);
  });

  test('can be read when nobody writes, and leaves its place to a server that starts', () => {
    bench.open().keepSamples([sample(0)], 'last');
    bench.close();
    const rows = openRows();
    expect(rows.samples(SAMPLES)).toEqual([sample(0)]);
    const store = bench.open();
    store.keepSamples([sample(1)], 'last');
    expect(rows.samples(SAMPLES)).toEqual([sample(0), sample(1)]);
    expect(bench.inMemory()).toBe(0);
  });

  test('does not let the log grow, however long the reader stays', () => {
    const store = bench.open();
    const rows = openRows();
    const bytes = () => statSync(`${bench.file}-wal`).size;
    const some = Array.from({ length: 500 }, (_, index) => sample(index));
    let most = 0;
    for (let round = 0; round < 120; round++) {
      store.keepSamples(
        some.map((row) => ({ ...row, value: round })),
        'last',
      );
      expect(rows.samples(SAMPLES)).toHaveLength(500);
      store.saveDocument({ epoch: 1, seq: round + 1, json: 'x'.repeat(200_000) });
      most = Math.max(most, bytes());
    }
    // 24 MB of documents alone went through it.
    expect(most).toBeLessThan(8 * 1024 * 1024);
    expect(bench.warnings).toEqual([]);
  });

  test('is not made when there is none', () => {
    expect(open()).toEqual({ kind: 'unread', why: 'absent' });
    expect(openForReading({ dataDir: `${bench.dataDir}/none`, simulated: true })).toEqual({
      kind: 'unread',
      why: 'absent',
    });
  });

  test('is that of its kind of figures', () => {
    bench.open();
    const simulated = openForReading({ dataDir: bench.dataDir, simulated: true });
    expect(simulated).toEqual({ kind: 'unread', why: 'absent' });
  });

  test('tells apart why it cannot be read', () => {
    bench.open().close();
    bench.tamper((database) => database.run('PRAGMA user_version = 999'));
    expect(open()).toEqual({ kind: 'unread', why: 'newer' });
    bench.tamper((database) => database.run('PRAGMA user_version = 3'));
    expect(open()).toEqual({ kind: 'unread', why: 'older' });
    writeFileSync(bench.file, 'no database at all, and long enough to be looked at. '.repeat(99));
    expect(open()).toEqual({ kind: 'unread', why: 'unreadable' });
    writeFileSync(bench.file, '');
    expect(open()).toEqual({ kind: 'unread', why: 'older' });
  });

  test('is in use when a process has it for itself', () => {
    bench.open().close();
    const other = new Database(bench.file);
    other.run('PRAGMA locking_mode = EXCLUSIVE');
    other.run('BEGIN EXCLUSIVE');
    expect(open()).toEqual({ kind: 'unread', why: 'in_use' });
    other.run('ROLLBACK');
    other.close();
  });

  test('is left as it is, to the byte', () => {
    bench.open().keepSamples([sample(0)], 'last');
    bench.close();
    const before = readFileSync(bench.file);
    expect(openRows().samples(SAMPLES)).toHaveLength(1);
    expect(readFileSync(bench.file).equals(before)).toBe(true);
  });

  test('may have any name', () => {
    const odd = createStoreBench(`${bench.dataDir}/a b?mode=rwc#%41&é`);
    odd.open().keepSamples([sample(0)], 'last');
    const opened = openForReading({ dataDir: odd.dataDir, simulated: false });
    if (opened.kind === 'rows') readers.push(opened.rows);
    expect(opened.kind === 'rows' ? opened.rows.samples(SAMPLES) : opened).toEqual([sample(0)]);
    odd.end();
  });
});
