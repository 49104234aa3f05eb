import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxEpochAt } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

const NOW_MS = 1_795_000_000_000;

describe('the SQLite store', () => {
  let dataDir = '';
  let warnings: string[] = [];
  let inMemory = 0;
  const opened: Store[] = [];
  const file = () => join(dataDir, 'marketcast.sqlite');

  const open = (options: { dataDir?: string; simulated?: boolean } = {}) => {
    const log = { warn: (_: object, message: string) => void warnings.push(message) };
    const onInMemory = () => void inMemory++;
    const deps = { clock: createManualClock(NOW_MS), log, onInMemory };
    const store = openSqliteStore(deps, { dataDir, simulated: false, ...options });
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'marketcast-store-'));
    warnings = [];
    inMemory = 0;
  });
  afterEach(() => {
    for (const store of opened.splice(0)) store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('is empty at first, and in the folder it was given', () => {
    expect(open({ dataDir: join(dataDir, 'deep', 'er') }).loadDocument()).toBeNull();
    expect(existsSync(join(dataDir, 'deep', 'er', 'marketcast.sqlite'))).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('gives back the last document after it was opened again', () => {
    const first = open();
    first.saveDocument({ epoch: 1_795_000_000_123, seq: 7, json: '{"a":1}' });
    first.close();
    expect(open().loadDocument()).toEqual({ epoch: 1_795_000_000_123, seq: 7, json: '{"a":1}' });
  });

  test('ignores a document that is not newer', () => {
    const store = open();
    store.saveDocument({ epoch: 2, seq: 5, json: 'new' });
    store.saveDocument({ epoch: 2, seq: 5, json: 'same' });
    store.saveDocument({ epoch: 1, seq: 9, json: 'old' });
    expect(store.loadDocument()?.json).toBe('new');
    store.saveDocument({ epoch: 3, seq: 1, json: 'newer' });
    expect(store.loadDocument()?.json).toBe('newer');
  });

  test('lets no impossible position block the saves that follow', () => {
    const store = open();
    store.saveDocument({ epoch: 2 ** 60, seq: 1, json: 'tampered' });
    store.saveDocument({ epoch: 1_795_000_000_000, seq: 1, json: 'real' });
    expect(store.loadDocument()?.json).toBe('real');
  });

  test('takes an epoch for impossible that is more than a hundred years ahead of its clock', () => {
    const store = open();
    store.saveDocument({ epoch: maxEpochAt(NOW_MS), seq: 1, json: 'far ahead' });
    store.saveDocument({ epoch: NOW_MS, seq: 1, json: 'earlier' });
    expect(store.loadDocument()?.json).toBe('far ahead');
    store.saveDocument({ epoch: maxEpochAt(NOW_MS) + 1, seq: 1, json: 'too far ahead' });
    store.saveDocument({ epoch: NOW_MS, seq: 1, json: 'real' });
    expect(store.loadDocument()?.json).toBe('real');
  });

  test('keeps simulated figures in a file of their own', () => {
    open().saveDocument({ epoch: 1, seq: 1, json: 'real' });
    expect(open({ simulated: true }).loadDocument()).toBeNull();
  });

  test('goes on in memory, with one line, when another process holds the file', () => {
    open().saveDocument({ epoch: 1, seq: 1, json: 'first' });
    expect(inMemory).toBe(0);
    const second = open();
    expect(inMemory).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('another process');
    second.saveDocument({ epoch: 2, seq: 1, json: 'second' });
    expect(second.loadDocument()?.json).toBe('second');
  });

  test('goes on in memory, with one line, where no file can be made', () => {
    writeFileSync(join(dataDir, 'file'), '');
    open({ dataDir: join(dataDir, 'file', 'below') });
    expect(inMemory).toBe(1);
    expect(warnings).toHaveLength(1);
  });

  test('goes on in memory, with one line, when it fails later', () => {
    open().close();
    const tampered = new Database(file());
    tampered.run('DROP TABLE document');
    tampered.close();
    const store = open();
    expect(inMemory).toBe(0);
    for (const seq of [1, 2]) store.saveDocument({ epoch: 1, seq, json: `${seq}` });
    expect(store.loadDocument()?.json).toBe('2');
    expect(inMemory).toBe(1);
    expect(warnings).toEqual(['the store failed; figures are kept in memory from now on']);
  });

  test('leaves a file of a newer version untouched and goes on in memory', () => {
    const newer = new Database(file(), { create: true });
    newer.run('PRAGMA user_version = 999');
    newer.close();
    open();
    expect(inMemory).toBe(1);
    expect(warnings).toEqual([
      'the store was written by a newer version; figures are kept in memory only',
    ]);
    const after = new Database(file());
    expect(after.query('PRAGMA user_version').get()).toEqual({ user_version: 999 });
    after.close();
  });

  test('sets a file of random bytes aside and begins a new one', () => {
    writeFileSync(file(), crypto.getRandomValues(new Uint8Array(8192)));
    const store = open();
    expect(inMemory).toBe(0);
    expect(store.loadDocument()).toBeNull();
    expect(warnings).toHaveLength(1);
    expect(readdirSync(dataDir)).toContain('marketcast.sqlite.unreadable');
  });

  test('starts on a truncated file without ever serving a torn document', () => {
    const store = open();
    store.saveDocument({ epoch: 1, seq: 1, json: JSON.stringify('x'.repeat(50_000)) });
    store.close();
    const bytes = new Uint8Array(readFileSync(file()));
    for (const share of [0.1, 0.4, 0.8]) {
      writeFileSync(file(), bytes.slice(0, Math.floor(bytes.length * share)));
      const again = open();
      const loaded = again.loadDocument();
      expect(loaded === null || JSON.parse(loaded.json).length === 50_000).toBe(true);
      again.close();
    }
  });
});
