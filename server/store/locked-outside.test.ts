import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../contract/index.ts';
import { endWithParent } from '../../e2e/end-with-parent.ts';
import { openForReading } from './open-for-reading.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';
import { storePath } from './store-path.ts';
import { ALWAYS, sample } from './test-rows.ts';

/** A write and a read take so long at most, ms: on a busy machine, and far less than any of these locks lasts. */
const MAX_CALL_MS = 400;
/** From one write to the next, ms: far more often than a server does. */
const WRITE_EVERY_MS = 10;

/** A tool of somebody's own, in a process of its own. */
const TOOLS = {
  'that is in the middle of a change for a second and a half': `
    database.run('BEGIN IMMEDIATE');
    say();
    await Bun.sleep(1500);
    database.run('ROLLBACK');`,
  'that vacuums time and again': `
    say();
    const untilMs = Date.now() + 1500;
    while (Date.now() < untilMs) {
      try {
        database.run('VACUUM');
        database.run('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch (error) {
        if (error.code !== 'SQLITE_BUSY') throw error;
      }
    }`,
  'that is killed in the middle of a change': `
    database.run('BEGIN IMMEDIATE');
    database.run('DELETE FROM sample');
    say();
    await Bun.sleep(700);
    process.kill(process.pid, 'SIGKILL');`,
};

describe('beside a tool', () => {
  const place = { dataDir: '', simulated: false };
  const said: string[] = [];
  let store: Store;
  beforeEach(() => {
    place.dataDir = mkdtempSync(join(tmpdir(), 'marketcast-locked-'));
    said.length = 0;
    const log = { warn: (_: object, message: string) => void said.push(message) };
    const onInMemory = () => void said.push('in memory');
    store = openSqliteStore({ clock: systemClock, log, onInMemory }, place);
  });
  afterEach(() => {
    store.close();
    rmSync(place.dataDir, { recursive: true });
  });

  const allOf = (rows: Pick<Store, 'samples'>) =>
    rows.samples({ series: 'coin:BTC', intervalS: 60, ...ALWAYS });
  const inFile = () => {
    const opened = openForReading(place);
    if (opened.kind === 'unread') throw new Error(opened.why);
    const rows = allOf(opened.rows);
    opened.rows.close();
    return rows;
  };

  test.each(Object.entries(TOOLS))(
    '%s, a store loses nothing and holds nobody up',
    async (_, tool) => {
      const before = Array.from({ length: 20_000 }, (_, index) => sample(index));
      store.keepSamples(before, 'last');
      const script = `
      import { Database } from 'bun:sqlite';
      const database = new Database(process.env.FILE);
      const say = () => console.log('ready');
      ${tool}
      database.close();`;
      const child = Bun.spawn([process.execPath, '--no-env-file', '-e', script], {
        env: { FILE: storePath(place) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const unwatch = endWithParent(child.pid);
      const { value } = await child.stdout.getReader().read();
      expect(new TextDecoder().decode(value)).toBe('ready\n');

      let written = before.length;
      let longestMs = 0;
      const writeOne = () => {
        const row = sample(written);
        expect(store.keepSamples([row], 'last')).toEqual([row]);
        store.saveDocument({ epoch: 1_795_000_000_123, seq: written, json: `${written}` });
        written += 1;
        const span = { fromS: row.time, toS: row.time + 60 };
        expect(store.samples({ series: 'coin:BTC', intervalS: 60, ...span })).toEqual([row]);
      };
      const isOver = () => child.exitCode !== null || child.signalCode !== null;
      while (!isOver()) {
        const begunMs = performance.now();
        writeOne();
        longestMs = Math.max(longestMs, performance.now() - begunMs);
        expect(inFile().length).toBeGreaterThanOrEqual(before.length);
        await new Promise((resolve) => setTimeout(resolve, WRITE_EVERY_MS));
      }
      unwatch();
      expect(written).toBeGreaterThan(before.length + 10);
      expect(longestMs).toBeLessThan(MAX_CALL_MS);
      const all = Array.from({ length: written }, (_, index) => sample(index));
      expect(allOf(store)).toEqual(all);
      expect(store.loadDocument()?.seq).toBe(written - 1);
      store.close();
      expect(inFile()).toEqual(all);
      expect(said).toEqual([]);
      expect(existsSync(`${storePath(place)}.unreadable`)).toBe(false);
    },
  );
});
