import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { openForReading } from './open-for-reading.ts';
import type { Store, StoredBudget } from './store.ts';
import { ALWAYS, candle, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const DOCUMENT = {
  epoch: 1_795_000_000_123,
  seq: 7,
  json: JSON.stringify({ btc_price_usd: 80_000.5, note: 'x'.repeat(6000) }),
};
const BUDGET: StoredBudget = {
  ...{ upstream: 'kraken', day: '2026-11-23', today: 12, thisMonth: 345, lastMinute: 3 },
  ...{ pausedUntilMs: 1_795_000_060_000, savedAtMs: 1_795_000_000_000 },
};
const SERIES = ['coin:BTC', 'coin:ETH', 'market_cap'];
const SAMPLES = SERIES.flatMap((series) =>
  Array.from({ length: 900 }, (_, index) => sample(index, { series })),
);
const CANDLES = Array.from({ length: 600 }, (_, index) => candle(index));

const samplesOf = (store: Pick<Store, 'samples'>) =>
  SERIES.flatMap((series) => store.samples({ series, intervalS: 60, ...ALWAYS }));
const candlesOf = (store: Pick<Store, 'candles'>) => store.candles({ intervalS: 3600, ...ALWAYS });

const place = fc.nat(9999).map((at) => at / 10_000);

/** What may happen to a file while nobody looks. Places are shares of its length. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('flipped'),
    at: place,
    bit: fc.nat(7),
  }),
  fc.record({
    kind: fc.constant('overwritten'),
    at: place,
    bytes: fc.uint8Array({ minLength: 2, maxLength: 5000 }),
  }),
  fc.record({ kind: fc.constant('cut'), at: place }),
);

function damaged(
  sound: Uint8Array,
  hit: { kind: string; at: number; bit?: number; bytes?: Uint8Array },
): Uint8Array {
  const at = Math.floor(hit.at * sound.length);
  if (hit.kind === 'cut') return sound.slice(0, at);
  const bytes = sound.slice();
  if (hit.bytes !== undefined) bytes.set(hit.bytes.slice(0, sound.length - at), at);
  else bytes[at] = (bytes[at] ?? 0) ^ (1 << (hit.bit ?? 0));
  return bytes;
}

describe('a damaged file', () => {
  let bench: StoreBench;
  let sound: Uint8Array;
  const known = new Set<string>();
  const strangers = (rows: readonly object[]) =>
    rows.map((row) => JSON.stringify(row)).filter((row) => !known.has(row));

  beforeAll(() => {
    bench = createStoreBench();
    const store = bench.open();
    store.saveDocument(DOCUMENT);
    store.saveBudget(BUDGET);
    store.keepSamples(SAMPLES, 'last');
    store.keepCandles(CANDLES);
    expect(samplesOf(store)).toEqual(SAMPLES);
    expect(candlesOf(store)).toEqual(CANDLES);
    // Keys stand in another order in what is read.
    for (const row of [...samplesOf(store), ...candlesOf(store)]) known.add(JSON.stringify(row));
    bench.close();
    sound = new Uint8Array(readFileSync(bench.file));
  });
  afterAll(() => bench.end());

  const begin = (bytes: Uint8Array) => {
    for (const name of readdirSync(bench.dataDir)) rmSync(`${bench.dataDir}/${name}`);
    bench.warnings.length = 0;
    writeFileSync(bench.file, bytes);
  };

  test('is never answered from: what it held comes back as it was written, or not at all', () => {
    const left: number[] = [];
    fc.assert(
      fc.property(damage, (hit) => {
        begin(damaged(sound, hit));
        const store = bench.open();
        expect([null, DOCUMENT]).toContainEqual(store.loadDocument());
        const rows = [...samplesOf(store), ...candlesOf(store)];
        expect(strangers(rows)).toEqual([]);
        if (hit.kind !== 'cut') left.push(rows.length);
        expect(bench.warnings.length).toBeLessThanOrEqual(1);
        // And it goes on.
        const next = sample(5000, { series: 'coin:ETH' });
        store.keepSamples([...SAMPLES, next], 'last');
        store.saveDocument({ ...DOCUMENT, seq: 8 });
        expect(samplesOf(store)).toHaveLength(SAMPLES.length + 1);
        expect(store.loadDocument()?.seq).toBe(8);
        expect(bench.warnings.length).toBeLessThanOrEqual(1);
        bench.close();
      }),
      { numRuns: 120 },
    );
    // A flipped bit costs a row, or those of a page; only a first page that is damaged costs all.
    const most = (SAMPLES.length + CANDLES.length) * 0.9;
    expect(left.filter((count) => count > most).length).toBeGreaterThan(left.length / 2);
  });

  test('is never answered from by who only reads it', () => {
    fc.assert(
      fc.property(damage, (hit) => {
        begin(damaged(sound, hit));
        const opened = openForReading({ dataDir: bench.dataDir, simulated: false });
        if (opened.kind === 'unread') {
          expect(['unreadable', 'newer', 'older']).toContain(opened.why);
          return;
        }
        expect(strangers([...samplesOf(opened.rows), ...candlesOf(opened.rows)])).toEqual([]);
        opened.rows.close();
      }),
      { numRuns: 60 },
    );
  });

  test('is set aside, and what could be read of it is in the new one', () => {
    // The middle of the file: pages of rows.
    const bytes = sound.slice();
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 4096);
    begin(bytes);
    // Of one that was set aside before: SQLite would read it into this one.
    writeFileSync(`${bench.file}.unreadable-wal`, 'an old log');
    const inMemory = bench.inMemory();
    const store = bench.open();
    expect(bench.warnings).toEqual([
      'the store was damaged; it was set aside and a new one begun with what could be read',
    ]);
    expect(bench.inMemory()).toBe(inMemory);
    const aside = readdirSync(bench.dataDir).filter((name) => name.includes('unreadable'));
    expect(aside).toContain('marketcast.sqlite.unreadable');
    for (const name of aside)
      expect(readFileSync(`${bench.dataDir}/${name}`, 'latin1')).not.toBe('an old log');
    expect(store.loadDocument()).toEqual(DOCUMENT);
    expect(store.loadBudgets()).toEqual([BUDGET]);
    const rows = [...samplesOf(store), ...candlesOf(store)];
    expect(rows.length).toBeGreaterThan((SAMPLES.length + CANDLES.length) * 0.8);
    expect(rows.length).toBeLessThan(SAMPLES.length + CANDLES.length);
    bench.close();
    bench.open();
    expect(bench.warnings).toHaveLength(1);
  });

  test('is replaced at the next start when a process was killed over it', () => {
    const setAside = 'set aside long ago';
    for (const isMoved of [false, true]) {
      begin(sound);
      const bytes = sound.slice();
      bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 4096);
      // What was moved before the kill is aside; what was left over belongs to it.
      writeFileSync(isMoved ? `${bench.file}.unreadable` : bench.file, bytes);
      if (!isMoved) writeFileSync(`${bench.file}.unreadable`, setAside);
      writeFileSync(`${bench.file}.rebuilt`, isMoved ? sound : sound.slice(0, 5000));
      if (isMoved) rmSync(bench.file);
      writeFileSync(`${bench.file}-wal`, 'the log of the damaged one');
      const store = bench.open();
      const rows = [...samplesOf(store), ...candlesOf(store)];
      expect(rows.length).toBeGreaterThan((SAMPLES.length + CANDLES.length) * 0.8);
      expect(rows.length === SAMPLES.length + CANDLES.length).toBe(isMoved);
      expect(store.loadDocument()).toEqual(DOCUMENT);
      expect(bench.warnings).toHaveLength(isMoved ? 0 : 1);
      bench.close();
      const names = readdirSync(bench.dataDir);
      expect(names.filter((name) => name.includes('rebuilt'))).toEqual([]);
      expect(readFileSync(`${bench.file}.unreadable`).equals(bytes)).toBe(true);
    }
  });

  test('is taken over without the rows that are none, wherever they are', () => {
    begin(sound);
    bench.tamper((database) => {
      database.run('ALTER TABLE sample RENAME TO strict');
      database.run('CREATE TABLE sample AS SELECT * FROM strict');
      const spoil = database.query(
        'UPDATE sample SET as_of_s = ?1 WHERE series = ?2 AND time = ?3',
      );
      for (const index of [300, 600]) spoil.run('now', 'coin:ETH', sample(index).time);
    });
    // The second has what the first holds.
    bench.open();
    const second = bench.open();
    expect(samplesOf(second)).toEqual(
      SAMPLES.filter(
        ({ series, time }) =>
          series !== 'coin:ETH' || ![sample(300).time, sample(600).time].includes(time),
      ),
    );
    bench.close();
  });

  test('that is cut off under a running server takes it into memory, with what can be read and the document', () => {
    begin(sound);
    // More than SQLite keeps of a file in memory.
    const many = Array.from({ length: 60_000 }, (_, index) => sample(index));
    bench.open().keepSamples(many, 'last');
    bench.close();
    const store = bench.open();
    store.saveDocument({ ...DOCUMENT, seq: 9 });
    truncateSync(bench.file, 4096 * 400);
    const read = store.samples({ series: 'coin:BTC', intervalS: 60, ...ALWAYS });
    expect(bench.warnings).toEqual(['the store failed; figures are kept in memory from now on']);
    const all = new Set(many.map((row) => JSON.stringify(row)));
    expect(read.filter((row) => !all.has(JSON.stringify(row)))).toEqual([]);
    expect(read.length).toBeGreaterThan(10_000);
    expect(read.length).toBeLessThan(60_000);
    expect(store.loadDocument()).toEqual({ ...DOCUMENT, seq: 9 });
    store.saveDocument({ ...DOCUMENT, seq: 8 });
    expect(store.loadDocument()?.seq).toBe(9);
    store.keepSamples(SAMPLES, 'last');
    expect(samplesOf(store)).toHaveLength(read.length + 2 * 900);
    bench.close();
    expect(bench.warnings).toHaveLength(1);
  });
});
