import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithParent } from '../../e2e/end-with-parent.ts';
import { mountTmpfs } from '../../e2e/mount-tmpfs.ts';
import {
  BATCHES,
  CHURN_INTERVAL_S,
  EPOCH,
  INTERVAL_S,
  ROWS_PER_BATCH,
  seriesOf,
} from './test-kill-batches.ts';
import { ALWAYS } from './test-rows.ts';
import { createStoreBench } from './test-store.ts';

const KILLS = 200;
/** As many at a time, each on a folder of its own: a start waits more than it works. */
const LANES = 4;
/** A process is killed so long after its first word at the latest, ms: dozens of transactions, and now and then a checkpoint. */
const LIVES_MS = 200;
/** One of so many is killed while it starts: so long after it was started at the latest, ms. */
const EARLY_EACH = 4;
const STARTS_MS = 80;
const TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 20_000;

/** What a process has said that it kept. */
type Said = Record<'document' | 'samples' | 'candles', number>;

/** Starts a writer and kills it at a random moment. @returns what it said last of each */
async function writeAndKill(dataDir: string, first: number, isEarly: boolean): Promise<Said> {
  const script = join(import.meta.dir, 'test-kill-writer.ts');
  const child = Bun.spawn([process.execPath, '--no-env-file', script, dataDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const unwatch = endWithParent(child.pid);
  let text = '';
  const killIn = (ms: number) => setTimeout(() => child.kill('SIGKILL'), ms);
  let timer = killIn(isEarly ? Math.random() * STARTS_MS : START_TIMEOUT_MS);
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    if (text === '' && !isEarly) {
      clearTimeout(timer);
      timer = killIn(Math.random() * LIVES_MS);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  await child.exited;
  clearTimeout(timer);
  unwatch();
  expect(child.signalCode).toBe('SIGKILL');
  const said: Said = { document: 0, samples: 0, candles: 0 };
  // A last line that was cut off in the middle is none.
  for (const line of text.split('\n').slice(0, -1)) {
    const [what = '', version = ''] = line.split(' ');
    expect(['document', 'samples', 'candles']).toContain(what);
    said[what as keyof Said] = Number(version);
  }
  expect(isEarly || said.document > 0).toBe(true);
  return said;
}

/** What is in the file. @returns the version of its document */
function expectWhole(dataDir: string, said: Said): number {
  const bench = createStoreBench(dataDir);
  const store = bench.open();
  const document = store.loadDocument();
  const position = document?.seq ?? 0;
  expect(document?.epoch).toBe(EPOCH);
  expect(position).toBeGreaterThanOrEqual(said.document);
  expect(JSON.parse(document?.json ?? '').version).toBe(position);

  const versions = Array.from({ length: BATCHES }, (_, index) => {
    const series = seriesOf(index);
    const rows = store.samples({ series, intervalS: INTERVAL_S, ...ALWAYS });
    const values = new Set(rows.map(({ value }) => value));
    expect([0, ROWS_PER_BATCH]).toContain(rows.length);
    expect(values.size).toBeLessThanOrEqual(1);
    return [...values][0] ?? 0;
  });
  expect(Math.max(...versions)).toBeGreaterThanOrEqual(said.samples);

  const candles = store.candles({ intervalS: INTERVAL_S, ...ALWAYS });
  const volumes = new Set(candles.map(({ volume }) => volume));
  expect([0, ROWS_PER_BATCH]).toContain(candles.length);
  expect(volumes.size).toBeLessThanOrEqual(1);
  expect([...volumes][0] ?? 0).toBeGreaterThanOrEqual(said.candles);

  const churned = store
    .series()
    .filter((name) => name.startsWith('churn:'))
    .map((series) =>
      store.samples({ series, intervalS: CHURN_INTERVAL_S, ...ALWAYS }).map(({ time }) => time),
    );
  expect(churned.length === 0 || churned.length === ROWS_PER_BATCH).toBe(true);
  for (const times of churned) expect(times).toEqual(churned[0] ?? []);
  bench.close();
  expect(bench.warnings).toEqual([]);
  const database = new Database(bench.file);
  expect(database.query('PRAGMA integrity_check').values()).toEqual([['ok']]);
  database.close();
  expect(readdirSync(dataDir).filter((name) => name.includes('unreadable'))).toEqual([]);
  return position;
}

describe('a process that is killed', () => {
  test(
    `leaves what it kept, whole: ${KILLS} times at a random moment`,
    async () => {
      // A disk of its own where one may be mounted.
      const disk = mountTmpfs('64m');
      const root = disk?.path ?? mkdtempSync(join(tmpdir(), 'marketcast-kill-'));
      let kills = 0;
      let kept = 0;
      const lane = async (index: number) => {
        const dataDir = join(root, String(index));
        mkdirSync(dataDir);
        let position = 0;
        while (kills < KILLS) {
          kills += 1;
          const isEarly = position > 0 && kills % EARLY_EACH === 0;
          const said = await writeAndKill(dataDir, position + 1, isEarly);
          const next = expectWhole(dataDir, said);
          expect(next).toBeGreaterThanOrEqual(isEarly ? position : position + 1);
          kept += next - position;
          position = next;
        }
      };
      const beginMs = performance.now();
      const lanes = Array.from({ length: LANES }, (_, index) => lane(index));
      try {
        await Promise.all(lanes);
        const tookS = (performance.now() - beginMs) / 1000;
        process.stdout.write(
          `${kills} × kill -9 in ${tookS.toFixed(0)} s, ${kept} documents (limit 60 s)\n`,
        );
      } finally {
        kills = KILLS;
        await Promise.allSettled(lanes);
        disk?.unmount();
        if (disk === null) rmSync(root, { recursive: true, force: true });
      }
      expect(kept).toBeGreaterThan(KILLS);
    },
    TIMEOUT_MS,
  );
});
