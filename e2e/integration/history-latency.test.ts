import { afterAll, beforeAll, expect, test } from 'bun:test';
import { fileURLToPath } from 'node:url';
import { HISTORY_RANGES, HISTORY_SERIES, PATHS } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import type { CrowdOrder, CrowdReport } from '../crowd-of-readers.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';
import { percentile } from '../watch-latency.ts';

/** So long an answer may take with everybody asking. */
const TARGET_MS = 20;
const READERS = 200;
const TURN_MS = 1_000;
const TURNS = 5;
/**
 * What an answer with its kilobytes may take, as a multiple of one that says "ok", of as many readers in turn: rendering
 * or compressing anew for each would be far more.
 */
const MAX_RATIO = 6;

/** Sparklines have one range. */
const TARGETS = [...HISTORY_SERIES, 'coin:ETH'].flatMap((series) =>
  Object.keys(HISTORY_RANGES)
    .filter((range) => series !== 'sparklines' || range === '7d')
    .map((range) => `${PATHS.history}?series=${series}&range=${range}`),
);

let simulator: RunningSimulator;
let server: RunningServer;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 });
  server = await startServer({ environment: simulator.environment });
});

afterAll(async () => {
  await server.stop();
  await simulator.stop();
});

/** The crowd's own work must not be the server's, nor this process's. */
async function sendCrowd(order: CrowdOrder): Promise<CrowdReport> {
  const script = fileURLToPath(new URL('../crowd-of-readers.ts', import.meta.url));
  const child = Bun.spawn([process.execPath, '--no-env-file', script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const report = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return JSON.parse(report);
}

const rowsOf = async (target: string): Promise<number> => {
  const response = await fetch(server.url + target);
  const { rows }: { rows?: readonly unknown[] } = await response.json();
  return rows?.length ?? 0;
};

function report(what: string, tookMs: readonly number[], target = ''): number {
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(tookMs, share) ?? Number.NaN);
  process.stdout.write(
    `${what}, ${READERS} readers who each ask as soon as they are answered: p50 ${p50?.toFixed(1)} ms, ` +
      `p99 ${p99?.toFixed(1)} ms${target}, ${Math.round(tookMs.length / ((TURNS * TURN_MS) / 1000))} a second\n`,
  );
  return p50 ?? Number.NaN;
}

test('two hundred readers get what is true, about as soon as they would get a word', async () => {
  for (const target of TARGETS)
    await until(
      () => rowsOf(target),
      (rows) => rows > 0,
      60_000,
    );
  const seen = await sendCrowd({
    port: server.port,
    readers: READERS,
    targets: TARGETS,
    turnMs: TURN_MS,
    turns: TURNS,
  });
  expect(seen.wrong).toEqual([]);
  const health = report('/healthz', seen.healthMs);
  const history = report('history', seen.historyMs, ` (target p99 ${TARGET_MS} ms)`);
  expect(seen.historyMs.length).toBeGreaterThan(READERS);
  expect(history / health).toBeLessThan(MAX_RATIO);
}, 180_000);
