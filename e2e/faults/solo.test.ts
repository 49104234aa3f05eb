import type { FaultCase, Measured } from './fault-case.ts';
import { type FaultStage, setFaultStage } from './fault-stage.ts';
import { allSolo, countedAll, type Found, INTERVAL_MS, shareBudget, together } from './solo.ts';
import { testFaults } from './test-faults.ts';
import { type UnderWatch, watchNodes } from './under-watch.ts';
import { HOUR_MS, setClockedStage } from './wall-clock.ts';

/** A start, 45 s until the last is solo, 40 s of being watched then, and what comes after. */
const TIMEOUT_MS = 240_000;
const ENVIRONMENT = { FETCH_INTERVAL_SECONDS: String(INTERVAL_MS / 1000) };
/** Of the summary, throughout: the target, and what a machine that is busy is allowed. */
const P99_MS = 50;
const MAX_P99_MS = 3 * P99_MS;

const ALWAYS =
  'solo 30 s + 0–15 s after the last answer; then one leader and one whole document within 15 s, versions of its term on all sockets; ' +
  `none closed, none goes back, one document a position, summary p99 ≤ ${P99_MS} ms (fails at 3 ×)`;

async function judge(watch: UnderWatch, parts: readonly Found[]): Promise<Measured> {
  const found = await watch.findings();
  const told = [...found.untruths, ...found.errors];
  return {
    measured: [
      ...parts.map(({ measured }) => measured),
      `p99 ${found.p99Ms.toFixed(1)} ms of ${found.answers} answers, ${found.failures} failed`,
      `${found.closes} sockets closed`,
      `${found.positions} positions, ${told.length} faults`,
      ...told.slice(0, 3),
    ].join('; '),
    pass:
      parts.every(({ pass }) => pass) &&
      found.p99Ms <= MAX_P99_MS &&
      found.failures === 0 &&
      found.closes === 0 &&
      told.length === 0,
  };
}

/** Redis goes away for all and comes back for all. */
const awayForAll = (
  id: string,
  what: string,
  go: (stage: FaultStage) => unknown,
  comeBack: (stage: FaultStage) => unknown,
): FaultCase => ({
  id,
  required: `${what}: three solo nodes ask at 3 × the interval ± 10 %, together as often as one, figures move; ${ALWAYS}`,
  timeoutMs: TIMEOUT_MS,
  async run(scope) {
    const stage = await setFaultStage(scope, { count: 3, environment: ENVIRONMENT });
    await stage.newLeader();
    await stage.inStep();
    const watch = await watchNodes(scope, stage, stage.redis);
    await countedAll(stage, watch);
    const goneMs = performance.now();
    await go(stage);
    const solo = await allSolo(stage.nodes, goneMs);
    const share = await shareBudget(stage, watch);
    const backMs = performance.now();
    await comeBack(stage);
    return judge(watch, [solo, share, await together(stage, watch, backMs)]);
  },
});

testFaults([
  awayForAll(
    '6.1',
    'Redis SIGKILL, back empty',
    ({ redis }) => redis.kill(),
    ({ redis }) => redis.restart(),
  ),
  awayForAll(
    '6.2',
    'Redis SIGSTOP, SIGCONT',
    ({ redis }) => redis.signal('SIGSTOP'),
    ({ redis }) => redis.signal('SIGCONT'),
  ),
  {
    id: '6.3',
    required: `Redis back empty, at first only for a node whose clock is an hour behind: it leads below all others, they lift the term; ${ALWAYS}`,
    timeoutMs: TIMEOUT_MS,
    async run(scope) {
      const stage = await setClockedStage(scope, { environment: ENVIRONMENT, isRedisAway: true });
      const behind = stage.node(0);
      const others = stage.nodes.filter((node) => node !== behind);
      const letOnly = async (isAlone: boolean) => {
        for (const { toRedis } of others) await (isAlone ? toRedis.cut() : toRedis.heal());
      };
      await stage.shift(behind, -HOUR_MS);
      await letOnly(true);
      await stage.redis.restart();
      await stage.newLeader();
      await letOnly(false);
      await stage.inStep();
      const watch = await watchNodes(scope, stage, stage.redis);
      await countedAll(stage, watch);

      const goneMs = performance.now();
      await stage.redis.kill();
      const solo = await allSolo(stage.nodes, goneMs);
      await letOnly(true);
      await stage.redis.restart();
      const leader = await stage.newLeader();
      const views = await Promise.all(others.map((node) => node.view()));
      const lowest = Math.min(...views.map(({ position }) => position.epoch));
      const begunBelowMs = lowest - (leader.ownTerm() ?? Number.NaN);
      await letOnly(false);
      const one = await together(stage, watch, performance.now());
      const below: Found = {
        measured: `it led ${(begunBelowMs / 60_000).toFixed(0)} min below the others`,
        pass: leader === behind && begunBelowMs > 0.9 * HOUR_MS,
      };
      return judge(watch, [solo, below, one]);
    },
  },
  {
    id: '6.4',
    required: `Redis back empty, for one node, an hour ahead, later than for the others: it stays solo, then lifts the term, and the same leader begins another; ${ALWAYS}`,
    timeoutMs: TIMEOUT_MS,
    async run(scope) {
      const stage = await setClockedStage(scope, { environment: ENVIRONMENT });
      await stage.newLeader();
      await stage.inStep();
      const late = stage.node(2);
      const others = stage.nodes.filter((node) => node !== late);
      const watch = await watchNodes(scope, stage, stage.redis);
      await countedAll(stage, watch);

      const goneMs = performance.now();
      await stage.redis.kill();
      await stage.shift(late, HOUR_MS);
      const solo = await allSolo(stage.nodes, goneMs);
      await late.toRedis.cut();
      await stage.redis.restart();
      const leader = await stage.newLeader();
      await stage.inStep(30_000, others);
      const term = leader.ownTerm() ?? Number.NaN;
      const ahead = (await late.view()).position.epoch - term;
      const isSolo = (await late.ready()).degraded.includes('solo');
      await late.toRedis.heal();
      const one = await together(stage, watch, performance.now());
      const lifted = (leader.ownTerm() ?? Number.NaN) - term;
      const raised: Found = {
        measured: `it was ${(ahead / 60_000).toFixed(0)} min above the leader, whose next term is ${(lifted / 60_000).toFixed(0)} min above`,
        pass: isSolo && ahead > 0.9 * HOUR_MS && lifted > ahead,
      };
      return judge(watch, [solo, raised, one]);
    },
  },
]);
