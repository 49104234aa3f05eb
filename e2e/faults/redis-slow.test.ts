import { setTimeout as wait } from 'node:timers/promises';
import type { WatchedPositions } from '../watch-positions.ts';
import type { FaultStage } from './fault-stage.ts';
import { type Besides, NOTHING_BESIDES, redisFault, threeNodes } from './redis-fault.ts';
import { testFaults } from './test-faults.ts';
import type { UnderWatch } from './under-watch.ts';

/** Several leases long, and still short of what sends a node solo. */
const SLOW_MS = 20_000;
/** Longer than the longest that a node may be deaf. */
const SILENT_MS = 30_000;
/** No node is deaf for longer. */
const DEAF_LIMIT_MS = 15_000;
/** A round a second, each way 0.4 s: with three times the slack. */
const SLOW_LIMIT_MS = 6000;
/** Both together are what a call takes: within a step's deadline of 1.5 s, and beyond it. */
const EACH_WAY_MS = 400;
const TOO_LATE_MS = 800;

/** Delays everything that the nodes say to Redis, and what it answers, for a while. */
async function slowDown({ nodes }: FaultStage, eachWayMs: number): Promise<void> {
  for (const { toRedis } of nodes) toRedis.setDelayMs(eachWayMs);
  await wait(SLOW_MS);
  for (const { toRedis } of nodes) toRedis.setDelayMs(0);
}

/** Lets `run` run. @returns the longest time in which a socket was shown nothing new meanwhile, ms */
async function standstillDuring(
  { sockets }: UnderWatch,
  run: () => Promise<void>,
): Promise<number> {
  const fromMs = performance.now();
  await run();
  const toMs = performance.now();
  const gaps = sockets.flatMap((socket) => gapsBetween(socket, fromMs, toMs));
  return Math.max(...gaps);
}

function gapsBetween({ seen }: WatchedPositions, fromMs: number, toMs: number): number[] {
  const within = seen.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs && atMs < toMs);
  const times = [fromMs, ...within, toMs];
  return times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
}

const standstill = (ms: number, limitMs: number): Besides => ({
  measured: `meanwhile the longest standstill was ${(ms / 1000).toFixed(1)} s`,
  pass: ms <= limitMs,
});

testFaults([
  redisFault({
    id: '5.4',
    what: `the subscribers' connections silent, for good; figures move ≤ ${DEAF_LIMIT_MS / 1000} s after`,
    stage: threeNodes(),
    async strike({ nodes }, watch) {
      for (const { toRedis } of nodes) {
        const deaf = toRedis.connections().filter(({ isSubscriber }) => isSubscriber);
        const ids = new Set(deaf.map(({ id }) => id));
        toRedis.freeze({ only: ({ id }) => ids.has(id) });
      }
      const longest = await standstillDuring(watch, () => wait(SILENT_MS));
      for (const { toRedis } of nodes) toRedis.thaw();
      return standstill(longest, DEAF_LIMIT_MS);
    },
  }),
  redisFault({
    id: '5.5',
    what: `every subscriber silent, new ones too, for ${SILENT_MS / 1000} s; figures move every ${DEAF_LIMIT_MS / 1000} s`,
    stage: threeNodes(),
    async strike({ nodes }, watch) {
      for (const { toRedis } of nodes) toRedis.freeze({ only: ({ isSubscriber }) => isSubscriber });
      const longest = await standstillDuring(watch, () => wait(SILENT_MS));
      for (const { toRedis } of nodes) toRedis.thaw();
      return standstill(longest, DEAF_LIMIT_MS);
    },
  }),
  redisFault({
    id: '5.14',
    what:
      `every call takes ${2 * EACH_WAY_MS} ms for ${SLOW_MS / 1000} s; meanwhile the same leader, ` +
      `and figures move every ${SLOW_LIMIT_MS / 1000} s`,
    stage: threeNodes(),
    async strike(stage, watch) {
      const terms = watch.redis.saves.length;
      const longest = await standstillDuring(watch, () => slowDown(stage, EACH_WAY_MS));
      const epochs = new Set(watch.redis.saves.slice(terms).map(({ epoch }) => epoch)).size;
      const { measured, pass } = standstill(longest, SLOW_LIMIT_MS);
      return { measured: `${epochs} term; ${measured}`, pass: pass && epochs === 1 };
    },
  }),
  redisFault({
    id: '5.15',
    what: `every answer after ${2 * TOO_LATE_MS} ms, which is too late, for ${SLOW_MS / 1000} s`,
    stage: threeNodes(),
    async strike(stage) {
      await slowDown(stage, TOO_LATE_MS);
      return NOTHING_BESIDES;
    },
  }),
]);
