import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from '../../contract/manual-clock.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store, StoredBudget } from './store.ts';

const BUDGET: StoredBudget = {
  upstream: 'coingecko',
  day: '2026-11-23',
  today: 12,
  thisMonth: 345,
  lastMinute: 3,
  pausedUntilMs: 1_795_000_060_000,
  savedAtMs: 1_795_000_000_000,
};

const DOCUMENT_OF_VERSION_1 =
  'CREATE TABLE document (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, ' +
  'seq INTEGER NOT NULL, json TEXT NOT NULL) STRICT';

describe('what is stored of upstreams', () => {
  let dataDir = '';
  let warnings: string[] = [];
  const opened: Store[] = [];
  const file = () => join(dataDir, 'marketcast.sqlite');

  const open = () => {
    const log = { warn: (_: object, message: string) => void warnings.push(message) };
    const deps = { clock: createManualClock(), log, onInMemory: () => {} };
    const store = openSqliteStore(deps, { dataDir, simulated: false });
    opened.push(store);
    return store;
  };
  const close = () => {
    for (const store of opened.splice(0)) store.close();
  };
  /** Opens the file as another program would. */
  const tamper = (change: (database: Database) => void) => {
    const database = new Database(file(), { create: true });
    change(database);
    database.close();
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'marketcast-budgets-'));
    warnings = [];
  });
  afterEach(() => {
    close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('is nothing at first, and there again after a restart', () => {
    const store = open();
    expect(store.loadBudgets()).toEqual([]);
    store.saveBudget(BUDGET);
    store.saveBudget({ ...BUDGET, upstream: 'taapi', pausedUntilMs: 0.5, savedAtMs: 0.5 });
    close();
    expect(open().loadBudgets()).toEqual([
      BUDGET,
      { ...BUDGET, upstream: 'taapi', pausedUntilMs: 1, savedAtMs: 0 },
    ]);
  });

  test('is of a stream beside what is of its routes', () => {
    const stream: StoredBudget = { ...BUDGET, upstream: 'coingecko:stream', today: 0 };
    const store = open();
    for (const budget of [BUDGET, stream]) store.saveBudget(budget);
    close();
    expect(open().loadBudgets()).toEqual([BUDGET, stream]);
  });

  test('is replaced by what is saved of the same day, which becomes the last', () => {
    const store = open();
    const next = { ...BUDGET, day: '2026-11-24' };
    for (const budget of [BUDGET, next, { ...BUDGET, today: 13 }]) store.saveBudget(budget);
    expect(store.loadBudgets()).toEqual([next, { ...BUDGET, today: 13 }]);
  });

  test('is of each upstream the eight days saved last', () => {
    const store = open();
    store.saveBudget({ ...BUDGET, upstream: 'taapi', day: '2026-11-01' });
    const days = Array.from({ length: 20 }, (_, index) => `2026-11-${30 - index}`);
    for (const day of days) store.saveBudget({ ...BUDGET, day });
    const loaded = store.loadBudgets();
    expect(loaded.map(({ day }) => day)).toEqual(['2026-11-01', ...days.slice(-8)]);
  });

  test('finds its place in a file of the first version, whose document stays', () => {
    tamper((database) => {
      database.run(DOCUMENT_OF_VERSION_1);
      database.run(`INSERT INTO document VALUES (1, 1795000000123, 7, '{"a":1}')`);
      database.run('PRAGMA user_version = 1');
    });
    const store = open();
    expect(store.loadDocument()).toEqual({ epoch: 1_795_000_000_123, seq: 7, json: '{"a":1}' });
    store.saveBudget(BUDGET);
    close();
    tamper((database) =>
      expect(database.query('PRAGMA user_version').get()).toEqual({ user_version: 4 }),
    );
    expect(open().loadBudgets()).toEqual([BUDGET]);
    expect(warnings).toEqual([]);
  });

  test('stays in a file of the version before, which knew nothing of the last minute', () => {
    tamper((database) => {
      database.run(DOCUMENT_OF_VERSION_1);
      database.run(
        'CREATE TABLE budget (upstream TEXT NOT NULL, day TEXT NOT NULL, today INTEGER NOT NULL, ' +
          'this_month INTEGER NOT NULL, paused_until_ms INTEGER NOT NULL, ' +
          'saved_at_ms INTEGER NOT NULL, UNIQUE (upstream, day)) STRICT',
      );
      database
        .query('INSERT INTO budget VALUES (?, ?, ?, ?, ?, ?)')
        .run('coingecko', '2026-11-23', 12, 345, BUDGET.pausedUntilMs, BUDGET.savedAtMs);
      database.run('PRAGMA user_version = 2');
    });
    expect(open().loadBudgets()).toEqual([{ ...BUDGET, lastMinute: 0 }]);
    expect(warnings).toEqual([]);
  });

  test('is left untouched in a file of a newer version, and kept in memory', () => {
    open().saveBudget(BUDGET);
    close();
    tamper((database) => database.run('PRAGMA user_version = 5'));
    const store = open();
    expect(store.loadBudgets()).toEqual([]);
    store.saveBudget({ ...BUDGET, today: 99 });
    expect(store.loadBudgets()).toEqual([{ ...BUDGET, today: 99 }]);
    close();
    tamper((database) =>
      expect(database.query('SELECT today FROM budget').all()).toEqual([{ today: 12 }]),
    );
    expect(warnings).toHaveLength(1);
  });

  test('leaves out rows that cannot be true, and keeps the others', () => {
    open().saveBudget(BUDGET);
    close();
    const bad = [
      ['nobody', '2026-11-23', 1, 1, 0, 0, 0],
      ['__proto__', '2026-11-23', 1, 1, 0, 0, 0],
      ['kraken', '2026-02-30', 1, 1, 0, 0, 0],
      ['kraken', 'today', 1, 1, 0, 0, 0],
      ['kraken', '', 1, 1, 0, 0, 0],
      ['kraken', '2026-11-23T00:00', 1, 1, 0, 0, 0],
      ['kraken', '2026-11-20', -1, 1, 0, 0, 0],
      ['kraken', '2026-11-21', 1, -1, 0, 0, 0],
      ['kraken', '2026-11-22', 3, 2, 0, 0, 0],
      ['kraken', '2026-11-24', 1, 2_000_000_000, 0, 0, 0],
      ['kraken', '2026-11-25', 1, 1, 9_000_000_000_000_000, 0, 0],
      ['kraken', '2026-11-26', 1, 1, 0, -9_000_000_000_000_000, 0],
      ['kraken', '2026-11-27', 1, 1, 0, 0, -1],
      ['kraken', '2026-11-28', 1, 1, 0, 0, 2_000_000_000],
    ];
    tamper((database) => {
      for (const row of bad) {
        database.query('INSERT INTO budget VALUES (?, ?, ?, ?, ?, ?, ?)').run(...row);
      }
    });
    expect(open().loadBudgets()).toEqual([BUDGET]);
    expect(warnings).toEqual([]);
  });

  test('is no more than there can be, whatever somebody else has written', () => {
    open().close();
    const days = Array.from({ length: 5000 }, (_, index) =>
      new Date(index * 86_400_000).toISOString().slice(0, 10),
    );
    tamper((database) =>
      database.transaction(() => {
        const insert = database.query('INSERT INTO budget VALUES (?, ?, 1, 1, 0, 0, 0)');
        for (const day of days) insert.run('kraken', day);
      })(),
    );
    const store = open();
    expect(store.loadBudgets().length).toBeLessThan(200);
    store.saveBudget({ ...BUDGET, upstream: 'kraken' });
    expect(store.loadBudgets()).toHaveLength(8);
  });

  test('is kept in memory, with one line, when its table is gone', () => {
    open().close();
    tamper((database) => database.run('DROP TABLE budget'));
    const store = open();
    expect(store.loadBudgets()).toEqual([]);
    store.saveBudget(BUDGET);
    expect(store.loadBudgets()).toEqual([BUDGET]);
    expect(warnings).toHaveLength(1);
  });
});
