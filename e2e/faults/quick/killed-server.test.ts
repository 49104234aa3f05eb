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
/** A server is killed so long after it is up at the latest, ms: its first round, its backfill, its first seconds. */
const LIVES_MS = 1200;
/** A start and a life take a second and a half on a busy machine. */
const TIMEOUT_MS = 600_000;
/** Buckets of the last day that have to be there before the first kill, of 288. */
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

  let shown = await until(
    () => look(server),
    ({ closed }) => closed.length >= FILLED,
    30_000,
  );
  const faults: string[] = [];
  const kills = scope.isFull ? KILLS : QUICK_KILLS;
  const startsMs: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await wait(Math.random() * LIVES_MS);
    shown = await look(server);
    server.signal('SIGKILL');
    await server.exited;
    server = await start();
    startsMs.push(server.startMs);
    const now = await look(server);
    const said = server
      .logLines()
      .filter(({ msg }) => /\bstore\b|DATA_DIR|in memory/.test(String(msg)));
    faults.push(...faultsOf(shown, now), ...said.map(({ msg }) => String(msg)));
  }
  await server.stop();
  const file = readdirSync(dataDir).find((name) => name.endsWith('.sqlite')) ?? 'none';
  const database = new Database(join(dataDir, file), { readonly: true });
  const [check] = database.query('PRAGMA integrity_check').values();
  database.close();
  return {
    measured: [
      `${startsMs.length} × kill -9 on ${disk === null ? 'a folder' : 'a tmpfs'}`,
      `up again after ${Math.round(Math.max(...startsMs))} ms at most`,
      `${shown.closed.length} closed intervals`,
      `integrity ${check?.[0]}`,
      `${faults.length} faults`,
      ...faults.slice(0, 10),
    ].join('; '),
    pass: faults.length === 0 && startsMs.length === kills && check?.[0] === 'ok',
  };
}

testFaults([
  {
    id: '11.1',
    required: `${KILLS} × kill -9 of the whole server on a tmpfs (quick: ${QUICK_KILLS}): it starts every time, no position goes back, no closed interval of the history is lost`,
    timeoutMs: TIMEOUT_MS,
    run: killOften,
  },
]);
