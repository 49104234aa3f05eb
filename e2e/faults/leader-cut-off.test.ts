import { comparePositions, NO_POSITION } from '../../contract/index.ts';
import type { RunningNode } from '../start-node.ts';
import { until } from '../until.ts';
import type { FaultCase, FaultScope, Measured } from './fault-case.ts';
import { setFaultStage } from './fault-stage.ts';
import { callsSince, firstCall, LEASE_TTL_MS, TAKEOVER_MS } from './takeover.ts';
import { testFaults } from './test-faults.ts';
import { watchShown } from './watch-shown.ts';

/** The way to Redis: cut, or silent without a word. */
interface Break {
  readonly id: string;
  readonly what: string;
  apart(leader: RunningNode): Promise<void> | void;
  together(leader: RunningNode): Promise<void> | void;
}

/** Redis has to be silent for so long before a node goes on alone. */
const SOLO_AFTER_MS = 30_000;
/** The random part of it, and three of the looks that count the silence, a second each. */
const SOLO_BEFORE_MS = SOLO_AFTER_MS + 15_000 + 3000;
/** Until one leads and everybody shows the same. */
const IN_STEP_WITHIN_MS = 15_000;
const CASE_MS = 180_000;

const required = [
  `another one calls within ${TAKEOVER_MS} ms`,
  `its own last call ≤ ${LEASE_TTL_MS} ms after, none until it is solo`,
  `solo ${SOLO_AFTER_MS} to ${SOLO_BEFORE_MS} ms after, its figures move`,
  `healed: one leader and all in step ≤ ${IN_STEP_WITHIN_MS} ms; no socket sees a position go back`,
].join('; ');

async function cutOffLeader(scope: FaultScope, { apart, together }: Break): Promise<Measured> {
  const stage = await setFaultStage(scope, { count: 3 });
  const leader = await stage.newLeader();
  await stage.inStep();
  const shown = await watchShown(scope, stage);
  // Its share of what the upstreams allow is measured by how many it last heard of.
  await until(
    () => shown.redis.heartbeats,
    (heartbeats) => heartbeats.some(({ nodes }) => nodes === stage.nodes.length),
  );
  await stage.inStep();
  const others = stage.nodes.filter((node) => node !== leader);

  const cutMs = performance.now();
  await apart(leader);
  const calledMs = (await firstCall(others, cutMs)) - cutMs;
  await stage.inStep(undefined, others);
  const { degraded } = await until(
    () => leader.ready(),
    (readiness) => readiness.degraded.includes('solo'),
    2 * SOLO_BEFORE_MS,
  );
  const soloMs = wentSoloMs(leader) - cutMs;
  const alone = (await shown.sockets[leader.index]?.moves(IN_STEP_WITHIN_MS)) ?? NO_POSITION;
  const ownCallsMs = callsSince(leader, cutMs).map((atMs) => atMs - cutMs);
  const lastBeforeMs = Math.max(0, ...ownCallsMs.filter((ms) => ms < soloMs));
  const firstAfterMs = Math.min(...ownCallsMs.filter((ms) => ms >= soloMs));

  const healedMs = performance.now();
  await together(leader);
  await until(
    async () => ({ ...(await leader.ready()), leaders: stage.claimants().length }),
    (now) => now.leaders === 1 && now.degraded.length === 0,
    2 * IN_STEP_WITHIN_MS,
  );
  const { position } = await stage.inStep(2 * IN_STEP_WITHIN_MS);
  const inStepMs = performance.now() - healedMs;
  const faults = await shown.faults();
  return {
    measured: [
      `another called after ${Math.round(calledMs)} ms`,
      `its own last call ${Math.round(lastBeforeMs)} ms after, the next ${Math.round(firstAfterMs)} ms after`,
      `${degraded.join(' and ')} after ${Math.round(soloMs)} ms`,
      `healed: in step after ${Math.round(inStepMs)} ms`,
      shown.tally(),
      `${faults.length} faults`,
      ...faults,
    ].join('; '),
    pass:
      calledMs <= TAKEOVER_MS &&
      lastBeforeMs <= LEASE_TTL_MS &&
      soloMs >= SOLO_AFTER_MS &&
      soloMs <= SOLO_BEFORE_MS &&
      inStepMs <= IN_STEP_WITHIN_MS &&
      comparePositions(position, alone) > 0 &&
      faults.length === 0,
  };
}

/** When the log says that the node goes on alone, on `performance.now()`. */
function wentSoloMs({ server }: RunningNode): number {
  const line = server.logLines().find(({ msg }) => String(msg).includes(': solo,'));
  return Date.parse(String(line?.time)) - performance.timeOrigin;
}

const BREAKS: readonly Break[] = [
  {
    id: '4.3',
    what: 'leader cut off from Redis only',
    apart: ({ toRedis }) => toRedis.cut(),
    together: ({ toRedis }) => toRedis.heal(),
  },
  {
    id: '4.4',
    what: 'leader no longer answered by Redis, its connections as they were',
    apart: ({ toRedis }) => toRedis.freeze(),
    together: ({ toRedis }) => toRedis.thaw(),
  },
];

testFaults(
  BREAKS.map(
    (broken): FaultCase => ({
      id: broken.id,
      required: `${broken.what}: ${required}`,
      timeoutMs: CASE_MS,
      run: (scope) => cutOffLeader(scope, broken),
    }),
  ),
);
