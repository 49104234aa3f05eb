import { setTimeout as wait } from 'node:timers/promises';
import { type RunningSimulator, startSimulator } from '../../../simulator/launch.ts';
import { ROUND_ROUTE, type RunningNodes, startNodes } from '../../start-nodes.ts';
import { type RunningRedis, startRedis } from '../../start-redis.ts';
import { until } from '../../until.ts';
import type { FaultScope, Measured } from '../fault-case.ts';
import { testFaults } from '../test-faults.ts';

const NODES = 8;
/** In `npm test`, and in the long run. */
const REPETITIONS = { quick: 5, full: 30 } as const;
/** Of the case that adds a frozen Redis. */
const FROZEN_REPETITIONS = { quick: 1, full: 10 } as const;
/** From the first process to the last. */
const WITHIN_MS = 50;
/** A machine that is busy starts them over a longer time, which is then not what is to be seen: such a start is done again. */
const MAX_STARTS_EACH = 4;
/** Nobody's next round falls into the case: a second one would be somebody's first. */
const INTERVAL_S = 600;
/** Whoever has not found the lease taken by now would try for it in this time, and begin a round with it. */
const SETTLED_MS = 500;

/** Longer than a step's deadline: what Redis finds when it wakes has been given up, and is asked again. */
const FROZEN_MS = 2000;
const CASE_MS = 600_000;

/** What became of one start. */
interface Start {
  readonly spreadMs: number;
  readonly rounds: number;
  readonly terms: number;
  readonly leaders: number;
  /** Nodes that called an upstream. */
  readonly callers: number;
}

async function startsAtOnce(
  { cleanUp, explain }: Pick<FaultScope, 'cleanUp' | 'explain'>,
  simulator: RunningSimulator,
  redis: RunningRedis,
  isFrozen: boolean,
): Promise<Start> {
  await redis.command('FLUSHALL');
  await simulator.clearRequests();
  const environment = { FETCH_INTERVAL_SECONDS: String(INTERVAL_S) };
  if (isFrozen) redis.signal('SIGSTOP');
  const group = await startNodes({ count: NODES, simulator, redis, environment });
  cleanUp(group.end);
  explain(() => group.nodes.map(({ server }) => server.output()).join('\n'));
  if (isFrozen) await wait(FROZEN_MS);
  redis.signal('SIGCONT');
  const startsMs = group.nodes.map(({ server }) => server.startedAtMs);
  await group.newLeader();
  await until(group.rounds, (rounds) => rounds > 0);
  await group.inStep();
  await wait(SETTLED_MS);
  const start = {
    spreadMs: Math.max(...startsMs) - Math.min(...startsMs),
    rounds: (await simulator.requests()).counts[ROUND_ROUTE] ?? 0,
    terms: terms(group),
    leaders: group.claimants().length,
    callers: group.nodes.filter(({ toUpstreams }) => toUpstreams.accepted().length > 0).length,
  };
  await group.end();
  return start;
}

/** Terms that any of them ever began. */
const terms = ({ nodes }: RunningNodes): number =>
  nodes.flatMap(({ server }) => server.logLines().filter(({ msg }) => msg === 'leading')).length;

const isOne = ({ rounds, terms, leaders, callers }: Start) =>
  rounds === 1 && terms === 1 && leaders === 1 && callers === 1;

async function startAgainAndAgain(
  scope: FaultScope,
  { quick, full }: { readonly quick: number; readonly full: number },
  isFrozen: boolean,
): Promise<Measured> {
  const simulator = await startSimulator({ seed: NODES });
  scope.cleanUp(() => simulator.stop());
  const redis = await startRedis();
  scope.cleanUp(() => redis.stop());
  const wanted = scope.isFull ? full : quick;
  const starts: Start[] = [];
  let slow = 0;
  while (starts.length < wanted && starts.length + slow < MAX_STARTS_EACH * wanted) {
    const start = await startsAtOnce(scope, simulator, redis, isFrozen);
    // What must hold holds for a slow start, too; it only proves less.
    if (start.spreadMs <= WITHIN_MS || !isOne(start)) starts.push(start);
    else slow++;
  }
  const most = (read: (start: Start) => number) => Math.max(...starts.map(read));
  const good = starts.filter(isOne).length;
  return {
    measured: [
      `${good} of ${starts.length} times one round, one term, one leader`,
      `at most ${most(({ rounds }) => rounds)} rounds, ${most(({ terms }) => terms)} terms`,
      `started within ${Math.ceil(most(({ spreadMs }) => spreadMs))} ms (${slow} slower starts left out)`,
    ].join('; '),
    pass: good === wanted && starts.length === wanted,
  };
}

const times = ({ quick, full }: { readonly quick: number; readonly full: number }) =>
  `${quick} × quick, ${full} × in full`;

testFaults([
  {
    id: '2.1',
    required: `${NODES} nodes started in the same ${WITHIN_MS} ms on an empty Redis: one round, one leader (${times(REPETITIONS)})`,
    timeoutMs: CASE_MS,
    run: (scope) => startAgainAndAgain(scope, REPETITIONS, false),
  },
  {
    id: '2.2',
    required: `the same on one that is frozen until ${FROZEN_MS} ms after: one round, one leader (${times(FROZEN_REPETITIONS)})`,
    timeoutMs: CASE_MS,
    run: (scope) => startAgainAndAgain(scope, FROZEN_REPETITIONS, true),
  },
]);
