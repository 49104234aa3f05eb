import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { ALWAYS, sample } from './test-rows.ts';
import { createStoreBench, type StoreBench } from './test-store.ts';

const DOCUMENT = { epoch: 1_795_000_000_123, seq: 7, json: '{"btc_price_usd":80000.5}' };
const SAMPLES = { series: 'coin:BTC', intervalS: 60, ...ALWAYS };
const IN_USE = 'another process uses this DATA_DIR; figures are kept in memory only';

/** As versions before the third wrote it, and held it: with a lock on the file itself. */
const FORMER_VERSION = `
  import { Database } from 'bun:sqlite';
  const database = new Database(process.env.FILE, { create: true });
  database.run('PRAGMA locking_mode = EXCLUSIVE');
  database.run('PRAGMA journal_mode = WAL');
  database.run('PRAGMA synchronous = NORMAL');
  database.run('CREATE TABLE document (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, ' +
    'seq INTEGER NOT NULL, json TEXT NOT NULL) STRICT');
  database.run('CREATE TABLE budget (upstream TEXT NOT NULL, day TEXT NOT NULL, today INTEGER NOT NULL, ' +
    'this_month INTEGER NOT NULL, paused_until_ms INTEGER NOT NULL, saved_at_ms INTEGER NOT NULL, ' +
    'last_minute INTEGER NOT NULL DEFAULT 0, UNIQUE (upstream, day)) STRICT');
  database.run('PRAGMA user_version = 3');
  database.query('INSERT INTO document VALUES (1, ?, ?, ?)').run(...JSON.parse(process.env.DOCUMENT));
  console.log('ready');
  // Still used at the end, else it may be closed with the garbage.
  setTimeout(() => process.exit(database.filename.length), 20_000);`;

/** The store of now. */
const THIS_VERSION = `
  import { openSqliteStore } from ${JSON.stringify(`${import.meta.dir}/sqlite-store.ts`)};
  const deps = { clock: { now: () => Date.now() }, log: { warn: console.log }, onInMemory() {} };
  const store = openSqliteStore(deps, { dataDir: process.env.DATA_DIR, simulated: false });
  const [epoch, seq, json] = JSON.parse(process.env.DOCUMENT);
  store.saveDocument({ epoch, seq, json });
  store.keepSamples([${JSON.stringify(sample(0))}], 'last');
  console.log('ready');
  setTimeout(() => store.close(), 20_000);`;

describe('of several processes on one folder', () => {
  let bench: StoreBench;
  const children: Bun.Subprocess[] = [];
  beforeEach(() => {
    bench = createStoreBench();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
      await child.exited;
    }
    bench.end();
  });

  /** Resolves when it has stored what it has to store, and holds the file. */
  const start = async (script: string) => {
    const { epoch, seq, json } = DOCUMENT;
    const child = Bun.spawn([process.execPath, '--no-env-file', '-e', script], {
      env: {
        DATA_DIR: bench.dataDir,
        FILE: bench.file,
        DOCUMENT: JSON.stringify([epoch, seq, json]),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const { value } = await child.stdout.getReader().read();
    expect(new TextDecoder().decode(value)).toBe('ready\n');
    return async () => {
      child.kill('SIGKILL');
      await child.exited;
    };
  };

  test('the second keeps its store in memory, with what the first has stored so far', async () => {
    await start(THIS_VERSION);
    const store = bench.open();
    expect(bench.warnings).toEqual([IN_USE]);
    expect(bench.inMemory()).toBe(1);
    expect(store.loadDocument()).toEqual(DOCUMENT);
    expect(store.samples(SAMPLES)).toEqual([sample(0)]);
    store.keepSamples([sample(1)], 'last');
    expect(store.samples(SAMPLES)).toEqual([sample(0), sample(1)]);
    bench.tamper((database) =>
      expect(database.query('SELECT count(*) AS rows FROM sample').get()).toEqual({ rows: 1 }),
    );
  });

  test('one that is killed leaves the folder to the next at once', async () => {
    const kill = await start(THIS_VERSION);
    await kill();
    const store = bench.open();
    expect(bench.warnings).toEqual([]);
    expect(store.loadDocument()).toEqual(DOCUMENT);
    expect(store.samples(SAMPLES)).toEqual([sample(0)]);
  });

  test('one that failed and went on in memory leaves it too', () => {
    const first = bench.open();
    first.saveDocument(DOCUMENT);
    bench.tamper((database) => database.run('DROP TABLE document'));
    // It remembers what it held itself, and goes back behind that for nobody.
    first.saveDocument({ ...DOCUMENT, seq: 6 });
    expect(bench.inMemory()).toBe(1);
    expect(first.loadDocument()).toEqual(DOCUMENT);
    bench.open();
    expect(bench.warnings.filter((line) => line === IN_USE)).toEqual([]);
  });

  test('one of a former version keeps a later one from the file, and leaves it when it is killed', async () => {
    const kill = await start(FORMER_VERSION);
    expect(bench.open().loadDocument()).toBeNull();
    expect(bench.warnings).toEqual([IN_USE]);
    bench.close();
    await kill();
    expect(existsSync(`${bench.file}-wal`)).toBe(true);
    const store = bench.open();
    expect(bench.warnings).toEqual([IN_USE]);
    expect(store.loadDocument()).toEqual(DOCUMENT);
    expect(store.keepSamples([sample(0)], 'last')).toEqual([sample(0)]);
  });

  test('the next writes nothing while it opens a file that is up to date', () => {
    bench.open().saveDocument(DOCUMENT);
    bench.close();
    const before = readFileSync(bench.file);
    const store = bench.open();
    expect(store.loadDocument()).toEqual(DOCUMENT);
    expect(statSync(`${bench.file}-wal`).size).toBe(0);
    expect(readFileSync(bench.file).equals(before)).toBe(true);
  });

  test('the lock takes no room, and what somebody wrote into it is no hindrance', () => {
    bench.open();
    expect(statSync(`${bench.file}.lock`).size).toBe(0);
    expect(existsSync(`${bench.file}.lock-journal`)).toBe(false);
    bench.close();
    writeFileSync(`${bench.file}.lock`, 'not a database, and longer than nothing. '.repeat(99));
    bench.open();
    expect(bench.warnings).toEqual([]);
  });

  test('a file of a newer version is not touched, whoever left it, and nothing of it is read', async () => {
    const kill = await start(THIS_VERSION);
    await kill();
    const newer = new Database(bench.file);
    newer.run('PRAGMA user_version = 999');
    newer.run('PRAGMA wal_checkpoint(TRUNCATE)');
    newer.run('PRAGMA journal_mode = DELETE');
    newer.close();
    const before = readFileSync(bench.file);
    const store = bench.open();
    expect(store.loadDocument()).toBeNull();
    expect(store.series()).toEqual([]);
    bench.close();
    expect(readFileSync(bench.file).equals(before)).toBe(true);
    expect(bench.warnings).toEqual([
      'the store was written by a newer version; figures are kept in memory only',
    ]);
  });
});
