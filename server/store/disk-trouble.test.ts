import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mountTmpfs, type Tmpfs } from '../../e2e/mount-tmpfs.ts';
import { openForReading } from './open-for-reading.ts';
import type { Store, StoredBudget } from './store.ts';
import { ALWAYS, candle, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const FAILED = 'the store failed; figures are kept in memory from now on';
const UNWRITABLE = 'DATA_DIR cannot be written; figures are kept in memory only';

const SET_ASIDE =
  'the store was damaged; it was set aside and a new one begun with what could be read';

const SAMPLES = Array.from({ length: 3000 }, (_, index) => sample(index));
const CANDLES = Array.from({ length: 300 }, (_, index) => candle(index));
const DOCUMENT = { epoch: 1_795_000_000_123, seq: 7, json: '{"btc_price_usd":80000.5}' };
const BUDGET: StoredBudget = {
  ...{ upstream: 'kraken', day: '2026-11-23', today: 12, thisMonth: 345, lastMinute: 3 },
  ...{ pausedUntilMs: 1_795_000_060_000, savedAtMs: 1_795_000_000_000 },
};

const samplesOf = (store: Pick<Store, 'samples'>) =>
  store.samples({ series: 'coin:BTC', intervalS: 60, ...ALWAYS });

/** What a process stores last that is killed: it lies in the log. */
const LAST = { ...DOCUMENT, seq: 8 };

/** Whether everything that was stored is there. */
function expectAll(store: Store, document = DOCUMENT): void {
  expect(samplesOf(store)).toEqual(SAMPLES);
  expect(store.candles({ intervalS: 3600, ...ALWAYS })).toEqual(CANDLES);
  expect(store.loadDocument()).toEqual(document);
  expect(store.loadBudgets()).toEqual([BUDGET]);
}

/** Whether it goes on like every other, and no position goes back. */
function expectGoesOn(store: Store): void {
  store.saveDocument({ ...DOCUMENT, seq: 9 });
  store.saveDocument({ ...DOCUMENT, seq: 8 });
  expect(store.loadDocument()?.seq).toBe(9);
  expect(store.keepSamples([sample(3000), sample(0)], 'last')).toEqual([sample(3000)]);
  expect(samplesOf(store)).toHaveLength(3001);
  expect(store.drop(60, sample(100).time, Number.MAX_SAFE_INTEGER, 500)).toBe(100);
  expect(samplesOf(store)).toHaveLength(2901);
}

/** A disk that several things can happen to. */
function testTroubles(): void {
  let disk: Tmpfs;
  let bench: StoreBench;
  const filler = () => `${disk.path}/filler`;

  beforeEach(() => {
    const mounted = mountTmpfs('4m');
    if (mounted === null) throw new Error('a disk could be mounted a moment ago');
    disk = mounted;
    bench = createStoreBench(disk.path);
  });
  afterEach(() => {
    bench.end();
    disk.unmount();
  });

  /** Writes until nothing more fits, and gives so much back, bytes. */
  const fill = (room = 0) => {
    const file = openSync(filler(), 'w');
    const page = new Uint8Array(4096);
    let written = 0;
    const writeOn = () => {
      for (; written <= 4 * 1024 * 1024; written += page.length) writeSync(file, page);
    };
    expect(writeOn).toThrow('ENOSPC');
    closeSync(file);
    truncateSync(filler(), written - room);
  };
  const keepAll = (store: Store) => {
    store.keepSamples(SAMPLES, 'last');
    store.keepCandles(CANDLES);
    store.saveDocument(DOCUMENT);
    store.saveBudget(BUDGET);
  };
  /** Ends as a process does that is killed: the log and its index stay. */
  const leaveAsKilled = async () => {
    const script = `
      import { openSqliteStore } from ${JSON.stringify(`${import.meta.dir}/sqlite-store.ts`)};
      const deps = { clock: { now: () => Date.now() }, log: { warn() {} }, onInMemory() {} };
      const store = openSqliteStore(deps, { dataDir: process.env.DATA_DIR, simulated: false });
      store.saveDocument(${JSON.stringify(LAST)});
      process.kill(process.pid, 'SIGKILL');`;
    bench.close();
    const child = Bun.spawn([process.execPath, '--no-env-file', '-e', script], {
      env: { DATA_DIR: disk.path },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await child.exited;
    expect(child.signalCode).toBe('SIGKILL');
    expect(statSync(`${bench.file}-wal`).size).toBeGreaterThan(0);
  };

  test('that fills up while the store is used costs nothing but the file, also when there is room again', () => {
    const store = bench.open();
    keepAll(store);
    fill();
    expectAll(store);
    const more = Array.from({ length: 3000 }, (_, index) => sample(5000 + index));
    expect(store.keepSamples(more, 'last')).toEqual(more);
    expect(bench.warnings).toEqual([FAILED]);
    expect(store.drop(60, 0, sample(5000).time, 5000)).toBe(3000);
    expectAll(store);
    rmSync(filler());
    expectGoesOn(store);
    expect(bench.warnings).toEqual([FAILED]);
    expect(bench.inMemory()).toBe(1);
    bench.close();
    // What the file had is there at the next start.
    expectAll(bench.open());
    expect(bench.warnings).toEqual([FAILED]);
  });

  test('that is full at the start is read, and the store goes on in memory', () => {
    keepAll(bench.open());
    bench.close();
    fill();
    const store = bench.open();
    expectAll(store);
    expectGoesOn(store);
    expect(bench.warnings).toEqual([UNWRITABLE]);
    rmSync(filler());
    expect(store.loadDocument()?.seq).toBe(9);
    bench.close();
    expectAll(bench.open());
    expect(bench.warnings).toEqual([UNWRITABLE]);
  });

  test('that is full, and has no file yet, is an empty store in memory', () => {
    fill();
    const store = bench.open();
    keepAll(store);
    expectAll(store);
    expect(bench.warnings).toHaveLength(1);
    expect(bench.inMemory()).toBe(1);
  });

  test.each([0, 64, 256])(
    'with %i kB left for a new file costs nothing of what can be read of a damaged one',
    (roomKb) => {
      keepAll(bench.open());
      bench.close();
      // The middle of the file: pages of rows.
      const bytes = readFileSync(bench.file);
      bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 4096);
      writeFileSync(bench.file, bytes);
      const ample = createStoreBench();
      writeFileSync(ample.file, bytes);
      const readable = samplesOf(ample.open());
      ample.end();
      expect(readable.length).toBeGreaterThan(SAMPLES.length / 2);
      expect(readable.length).toBeLessThan(SAMPLES.length);

      fill(roomKb * 1024);
      const store = bench.open();
      expect(bench.warnings).toEqual([UNWRITABLE]);
      expect(samplesOf(store)).toEqual(readable);
      expect(store.candles({ intervalS: 3600, ...ALWAYS })).toEqual(CANDLES);
      expect(store.loadDocument()).toEqual(DOCUMENT);
      bench.close();
      expect(readFileSync(bench.file).equals(bytes)).toBe(true);
      expect(readdirSync(disk.path).filter((name) => name.includes('rebuilt'))).toEqual([]);
      // With room again it is mended at the next start.
      rmSync(filler());
      expect(samplesOf(bench.open())).toEqual(readable);
      expect(bench.warnings).toEqual([UNWRITABLE, SET_ASIDE]);
      expect(bench.inMemory()).toBe(1);
    },
  );

  test('that is full after a process was killed is read with its log', async () => {
    keepAll(bench.open());
    await leaveAsKilled();
    rmSync(`${bench.file}-shm`);
    fill();
    expectAll(bench.open(), LAST);
    expect(bench.warnings).toEqual([UNWRITABLE]);
  });

  test('that is read-only is read, and the store goes on in memory', () => {
    keepAll(bench.open());
    bench.close();
    const before = readFileSync(bench.file);
    disk.makeReadOnly(true);
    const store = bench.open();
    expectAll(store);
    expectGoesOn(store);
    expect(bench.warnings).toEqual([UNWRITABLE]);
    expect(bench.inMemory()).toBe(1);
    const opened = openForReading({ dataDir: disk.path, simulated: false });
    expect(opened.kind === 'rows' && samplesOf(opened.rows)).toEqual(SAMPLES);
    if (opened.kind === 'rows') opened.rows.close();
    bench.close();
    expect(readFileSync(bench.file).equals(before)).toBe(true);
  });

  test('that became read-only when a process was killed is read with its log', async () => {
    keepAll(bench.open());
    await leaveAsKilled();
    disk.makeReadOnly(true);
    expectAll(bench.open(), LAST);
    bench.close();
    disk.makeReadOnly(false);
    rmSync(`${bench.file}-shm`);
    disk.makeReadOnly(true);
    expectAll(bench.open(), LAST);
    expect(bench.warnings).toEqual([UNWRITABLE, UNWRITABLE]);
  });

  test('that is read-only and empty is an empty store in memory', () => {
    disk.makeReadOnly(true);
    const store = bench.open();
    keepAll(store);
    expectAll(store);
    expect(bench.warnings).toEqual([UNWRITABLE]);
    expect(readdirSync(disk.path)).toEqual([]);
  });
}

/** In a namespace of its own everybody may mount, where the system has them. */
function testInNamespace(): void {
  test('is tried in a namespace, where nobody but root may mount', () => {
    const own = ['unshare', '--user', '--map-root-user', '--mount'];
    if (!Bun.spawnSync([...own, 'true']).success) {
      process.stderr.write('a full disk could not be tried: nothing may be mounted here\n');
      expect(mountTmpfs('4m')).toBeNull();
      return;
    }
    const command = [process.execPath, '--no-env-file', 'test', import.meta.path];
    const run = Bun.spawnSync([...own, ...command], { stdio: ['ignore', 'inherit', 'inherit'] });
    expect(run.exitCode).toBe(0);
  });
}

const tried = mountTmpfs('1m');
tried?.unmount();
describe('a disk', tried === null ? testInNamespace : testTroubles);
