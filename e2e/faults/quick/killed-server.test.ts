import { Database } from 'bun:sqlite';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  comparePositions,
  fromETag,
  HISTORY_RANGES,
  type HistoryBody,
  NO_POSITION,
  PATHS,
  type Position,
} from '../../../contract/index.ts';
import { startSimulator } from '../../../simulator/launch.ts';
import { mountTmpfs } from '../../mount-tmpfs.ts';
import { type RunningServer, startServer } from '../../start-server.ts';
import { until } from '../../until.ts';
import type { FaultScope, Measured } from '../fault-case.ts';
import { testFaults } from '../test-faults.ts';

const KILLS = 200;
const QUICK_KILLS = 15;
/** A server is killed so long after it is up at the latest, ms: in its first round and its first seconds. */
const LIVES_MS = 1200;
/** One life of so many begins with a gap, as after hours without power, and is killed while it fills that. */
const GAP_EACH = 5;
/** The gap: from so many hours ago to so many. */
const GAP_HOURS = [20, 2] as const;
/** The first rows come some seconds after the start; so long after them it is killed at the latest, ms. */
const FILLS_MS = 400;
/** A start and a life take a second and a half on a busy machine, and five seconds those with a gap. */
const TIMEOUT_MS = 900_000;
/** Buckets of the last day that have to be there before the first kill and after the last, of 288. */
const FILLED = 250;
const { intervalS } = HISTORY_RANGES['24h'];

/** What a server shows. */
interface Shown {
  readonly position: Position;
  /** Beginnings of the intervals of Bitcoin's price that have ended, in the order they came. */
  readonly closed: readonly number[];
}

async function look(server: RunningServer): Promise<Shown> {
  const summary = await fetch(server.url + PATHS.summary);
  await summary.arrayBuffer();
  const history = await fetch(`${server.url}${PATHS.history}?series=btc_price&range=24h`);
  const { rows }: HistoryBody = await history.json();
  const nowS = Date.now() / 1000;
  return {
    position: fromETag(summary.headers.get('etag')) ?? NO_POSITION,
    closed: rows.map(([time]) => time).filter((time) => time + intervalS <= nowS),
  };
}

/** What must not be, one sentence each. */
function faultsOf(before: Shown, now: Shown): string[] {
  const faults: string[] = [];
  if (comparePositions(now.position, before.position) < 0) {
    const [from, to] = [before, now].map(({ position }) => `${position.epoch}-${position.seq}`);
    faults.push(`the position went back from ${from} to ${to}`);
  }
  if (now.closed.some((time, index) => index > 0 && time <= (now.closed[index - 1] ?? 0))) {
    faults.push('rows do not ascend');
  }
  // What is a day old has left the range.
  const oldestS = Date.now() / 1000 - HISTORY_RANGES['24h'].durationS + 2 * intervalS;
  const lost = before.closed.filter((time) => time >= oldestS && !now.closed.includes(time));
  if (lost.length > 0) faults.push(`${lost.length} closed intervals are gone`);
  return faults;
}

/** Takes what was kept of some hours out of the file of a server that does not run. */
function makeGap(file: string): void {
  const [fromS, toS] = GAP_HOURS.map((hours) => Math.floor(Date.now() / 1000) - hours * 3600);
  const database = new Database(file);
  for (const table of ['sample', 'candle']) {
    const between = `DELETE FROM ${table} WHERE time >= ?1 AND time < ?2`;
    database.query(between).run(fromS ?? 0, toS ?? 0);
  }
  database.close();
}

/** More than the one interval that may have ended meanwhile. */
const hasBegun = (before: Shown) => (now: Shown) => now.closed.length > before.closed.length + 1;
const isFilled = ({ closed }: Shown) => closed.length >= FILLED;
/** Said at the end of a pass. */
const hasFilled = (server: RunningServer) =>
  server.logLines().some(({ msg }) => msg === 'the past was asked for');

async function killOften(scope: FaultScope): Promise<Measured> {
  const disk = mountTmpfs('64m');
  const dataDir = disk?.path ?? mkdtempSync(join(tmpdir(), 'marketcast-killed-'));
  scope.cleanUp(() => {
    if (disk === null) rmSync(dataDir, { recursive: true, force: true });
    else disk.unmount();
  });
  const simulator = await startSimulator({ seed: 7 });
  scope.cleanUp(() => simulator.stop());
  const start = () => startServer({ environment: simulator.environment, dataDir });
  let server = await start();
  scope.cleanUp(() => server.stop());
  scope.explain(() => server.output());

  await until(() => look(server), isFilled, 30_000);
  const file = join(dataDir, readdirSync(dataDir).find((name) => name.endsWith('.sqlite')) ?? '');
  const faults: string[] = [];
  const startsMs: number[] = [];
  let whileFilling = 0;
  /** @returns what is shown after the start */
  const killAndStart = async (hasGap: boolean): Promise<Shown> => {
    const shown = await look(server);
    server.signal('SIGKILL');
    await server.exited;
    if (hasGap) makeGap(file);
    server = await start();
    startsMs.push(server.startMs);
    const now = await look(server);
    const said = server
      .logLines()
      .filter(({ msg }) => /\bstore\b|DATA_DIR|in memory/.test(String(msg)));
    const before = hasGap ? { ...shown, closed: [] } : shown;
    faults.push(...faultsOf(before, now), ...said.map(({ msg }) => String(msg)));
    return now;
  };
  const kills = scope.isFull ? KILLS : QUICK_KILLS;
  for (let kill = 0; kill < kills; kill++) {
    await wait(Math.random() * LIVES_MS);
    if (kill % GAP_EACH !== 0) {
      await killAndStart(false);
      continue;
    }
    const withGap = await killAndStart(true);
    await until(() => look(server), hasBegun(withGap), 30_000);
    await wait(Math.random() * FILLS_MS);
    if (!hasFilled(server)) whileFilling += 1;
    await killAndStart(false);
  }
  const last = await until(() => look(server), isFilled, 30_000);
  await server.stop();
  const database = new Database(file, { readonly: true });
  const [check] = database.query('PRAGMA integrity_check').values();
  database.close();
  return {
    measured: [
      `${startsMs.length} × kill -9 on ${disk === null ? 'a folder' : 'a tmpfs'}`,
      `${whileFilling} while a gap was being filled`,
      `up again after ${Math.round(Math.max(...startsMs))} ms at most`,
      `${last.closed.length} closed intervals`,
      `integrity ${check?.[0]}`,
      `${faults.length} faults`,
      ...faults.slice(0, 10),
    ].join('; '),
    pass:
      faults.length === 0 && startsMs.length >= kills && whileFilling > 0 && check?.[0] === 'ok',
  };
}

testFaults([
  {
    id: '11.1',
    required: `${KILLS} × kill -9 of the whole server on a tmpfs (quick: ${QUICK_KILLS}), also while it fills a gap: it starts every time, no position goes back, no closed interval of the history is lost, and the gap is filled in the end`,
    timeoutMs: TIMEOUT_MS,
    run: killOften,
  },
]);
