/** A fault of Redis as a case: three nodes under watch while it lasts, and what must hold then and after, always the same. */

import { setTimeout as wait } from 'node:timers/promises';
import type { RunningRedis } from '../start-redis.ts';
import { until } from '../until.ts';
import type { WatchedPositions } from '../watch-positions.ts';
import { CASE_TIMEOUT_MS, type FaultCase, type FaultScope, type Measured } from './fault-case.ts';
import { type FaultStage, type FaultStageOptions, setFaultStage } from './fault-stage.ts';
import { type Findings, type UnderWatch, watchNodes } from './under-watch.ts';

/** The stage of a fault; its Redis may be whichever of several is the master. */
export type RedisStage = Omit<FaultStage, 'redis'> & {
  readonly redis: Pick<RunningRedis, 'url' | 'port' | 'command'>;
};

/** A fault. */
export interface RedisFault<S extends RedisStage = FaultStage> {
  readonly id: string;
  /** What is done, and what must hold besides {@link ALWAYS}. */
  readonly what: string;
  /** As in a case. */
  readonly timeoutMs?: number;
  readonly stage: (scope: FaultScope) => Promise<S>;
  /**
   * Does it, and resolves when it has healed.
   * @returns what was measured besides; `measured` may be empty
   */
  strike(stage: S, watch: UnderWatch, scope: FaultScope): Promise<Besides>;
}

/** What a fault measures for itself. */
export interface Besides extends Measured {
  /** When, `performance.now()`, the fault itself had left the document's key without a time to live. */
  readonly spoilt?: readonly (readonly [number, number])[];
}

/** Nothing besides. */
export const NOTHING_BESIDES: Besides = { measured: '', pass: true };

/** Of the summary, throughout. A target: the case allows a machine that is busy {@link SLACK} times as much. */
const P99_TARGET_MS = 50;
const SLACK = 3;
/** Until the figures move on every socket. */
const MOVES_WITHIN_MS = 15_000;
/** What was given up on during the fault may be executed yet, and a lease may run out. */
const AFTERWARDS_MS = 3000;
/** Until the rest is in order: it has no deadline of its own, but every node's ears have: 15 s, and a reconnect. */
const IN_ORDER_WITHIN_MS = 30_000;
/** Far above what any of it needs, far below what a queue without a limit would take. */
const MAX_GROWN_MIB = 100;
/** Commands and channel. */
const CONNECTIONS_PER_NODE = 2;

/** Three nodes that ask every second, on a Redis of their own. */
export const threeNodes =
  (options: Omit<FaultStageOptions, 'count'> = {}) =>
  (scope: FaultScope): Promise<FaultStage> =>
    setFaultStage(scope, {
      count: 3,
      ...options,
      environment: { FETCH_INTERVAL_SECONDS: '1', ...options.environment },
    });

/** What must hold in all of them. */
export const ALWAYS =
  `summary p99 ≤ ${P99_TARGET_MS} ms (fails at ${SLACK} ×), sockets open, ` +
  `figures move ≤ ${MOVES_WITHIN_MS / 1000} s after it heals, then one leader, one listener a node, one last state; ` +
  `one document a position, none goes back, key with TTL, no error, ≤ ${MAX_GROWN_MIB} MiB more`;

/** The case of a fault. */
export const redisFault = <S extends RedisStage>(fault: RedisFault<S>): FaultCase => ({
  id: fault.id,
  required: `${fault.what}; ${ALWAYS}`,
  timeoutMs: fault.timeoutMs ?? CASE_TIMEOUT_MS,
  async run(scope) {
    const stage = await fault.stage(scope);
    await stage.newLeader();
    await stage.inStep();
    const watch = await watchNodes(scope, stage, stage.redis);
    const besides = await fault.strike(stage, watch, scope);
    const movedMs = await movesAgain(watch.sockets);
    await wait(AFTERWARDS_MS);
    const order = await comesToOrder(stage, watch);
    return judge(await watch.findings(), besides, { movedMs, ...order });
  },
});

/** How it went on after the fault had healed. */
interface Afterwards {
  /** Until every socket showed another price than at the end of the fault, ms; infinite when one did not in time. */
  readonly movedMs: number;
  /** Until everything else was as it should be, ms; infinite likewise. */
  readonly orderMs: number;
  /** What was not, one sentence each. */
  readonly disorder: readonly string[];
}

async function movesAgain(sockets: readonly WatchedPositions[]): Promise<number> {
  const before = sockets.map(priceOf);
  const standing = () => sockets.filter((socket, index) => priceOf(socket) === before[index]);
  return (await waitFor(standing, MOVES_WITHIN_MS)).tookMs;
}

const priceOf = (socket: WatchedPositions) => socket.document()?.btc_price_usd;

/** A price that the walk never comes to. */
const LAST_PRICE = 123_456.78;

/** Gives the market a last word, and waits until everybody has it and nobody has more connections than he needs. */
async function comesToOrder(
  stage: RedisStage,
  { sockets, redis }: UnderWatch,
): Promise<Omit<Afterwards, 'movedMs'>> {
  await stage.simulator.setMarket({ btc_price_usd: LAST_PRICE });
  const disorder = async () => [
    ...sockets.flatMap((socket, index) =>
      priceOf(socket) === LAST_PRICE ? [] : [`socket ${index} shows ${priceOf(socket)}`],
    ),
    ...(await differencesOf(stage)),
    ...(await strayEarsOf(stage, redis)),
  ];
  const { tookMs, left } = await waitFor(disorder, IN_ORDER_WITHIN_MS);
  // What they hold is compared with the whole document.
  await Promise.all(sockets.map((socket) => socket.sync()));
  return { orderMs: tookMs, disorder: left };
}

/** What a node shows otherwise than Redis holds: position and bytes. */
async function differencesOf({ nodes, redis, keys }: RedisStage): Promise<string[]> {
  const views = await Promise.all(nodes.map((node) => node.view().catch(() => null)));
  const json = await redis.command('GET', keys.document).catch(() => null);
  const position = await redis.command('HMGET', keys.term, 'epoch', 'seq').catch(() => null);
  const stored = Array.isArray(position) ? position.join('-') : 'nothing';
  return views.flatMap((view, index) => {
    if (view?.status !== 200) return [`node ${index} does not answer`];
    const name = `${view.position.epoch}-${view.position.seq}`;
    if (name !== stored) return [`node ${index} shows ${name}, Redis holds ${stored}`];
    return view.bytes === json ? [] : [`node ${index} shows other bytes than Redis holds`];
  });
}

/** Connections that should not be there, or are missing; leaders likewise. */
async function strayEarsOf(stage: RedisStage, redis: UnderWatch['redis']): Promise<string[]> {
  const listeners = await redis.listeners().catch(() => 0);
  const leaders = stage.claimants().length;
  return [
    ...(listeners === stage.nodes.length ? [] : [`${listeners} listeners`]),
    ...(leaders === 1 ? [] : [`${leaders} leaders`]),
    ...stage.nodes.flatMap(({ index, toRedis }) => {
      const open = toRedis.connections().length;
      // With an address for all, the nodes have no way of their own.
      const isUnused = toRedis.accepted().length === 0;
      return isUnused || open === CONNECTIONS_PER_NODE
        ? []
        : [`node ${index}: ${open} connections`];
    }),
  ];
}

/** Waits until `read` finds nothing any more. @returns how long it took, infinite when it never came to that */
async function waitFor<T>(read: () => T[] | Promise<T[]>, withinMs: number) {
  const begun = performance.now();
  let left: T[] = [];
  const look = async () => {
    left = await read();
    return left.length;
  };
  const tookMs = await until(look, (count) => count === 0, withinMs).then(
    () => performance.now() - begun,
    () => Number.POSITIVE_INFINITY,
  );
  return { tookMs, left };
}

/** Sentences of each kind that a row tells; more would only say the same. */
const MAX_TOLD = 3;

/** The row. */
function judge(found: Findings, besides: Besides, after: Afterwards): Measured {
  const bare = found.withoutTtl.filter(
    (atMs) => !(besides.spoilt ?? []).some(([from, to]) => atMs >= from && atMs <= to),
  );
  const told = [...found.untruths, ...found.errors, ...after.disorder];
  const measured = [
    besides.measured,
    `p99 ${found.p99Ms.toFixed(1)} ms of ${found.answers} answers, ${found.failures} failed`,
    `${found.closes} sockets closed`,
    `moved after ${seconds(after.movedMs)}, in order after ${seconds(after.orderMs)}`,
    `${found.positions} positions, ${found.untruths.length} untrue`,
    `${bare.length} looks without TTL`,
    `${found.errors.length} errors`,
    `${found.grownMiB.toFixed(0)} MiB more`,
    ...told.slice(0, MAX_TOLD),
  ];
  return {
    measured: measured.filter((part) => part !== '').join('; '),
    pass:
      besides.pass &&
      found.p99Ms <= SLACK * P99_TARGET_MS &&
      found.failures === 0 &&
      found.closes === 0 &&
      Number.isFinite(after.movedMs) &&
      Number.isFinite(after.orderMs) &&
      bare.length === 0 &&
      told.length === 0 &&
      found.grownMiB <= MAX_GROWN_MIB,
  };
}

const seconds = (ms: number): string =>
  Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'more than it may take';
