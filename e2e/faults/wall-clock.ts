/** Nodes whose wall clocks can be moved while they run, and what must hold while one of them is. */

import { setTimeout as wait } from 'node:timers/promises';
import { createProcessClock, type ProcessClock } from '../shift-clock.ts';
import type { RunningNode } from '../start-node.ts';
import type { WatchedPositions } from '../watch-positions.ts';
import type { FaultCase, FaultScope, Measured } from './fault-case.ts';
import { type FaultStage, type FaultStageOptions, setFaultStage } from './fault-stage.ts';
import { gapsOf, printGaps, roundTimes } from './round-times.ts';
import { type UnderWatch, watchNodes } from './under-watch.ts';

/** A stage, and a clock for every node. */
export interface ClockedStage extends FaultStage {
  /** Moves the wall clock of a node, ms from the machine's. */
  shift(node: RunningNode, offsetMs: number): Promise<void>;
}

export const HOUR_MS = 3_600_000;

/** Three nodes, each with a clock of its own. */
export async function setClockedStage(
  scope: FaultScope,
  options: Omit<FaultStageOptions, 'count' | 'besides'> = {},
): Promise<ClockedStage> {
  const clocks = Array.from({ length: 3 }, createProcessClock);
  for (const clock of clocks) scope.cleanUp(clock.remove);
  const clockOf = (index: number): ProcessClock => {
    const clock = clocks[index];
    if (clock === undefined) throw new Error(`there is no clock ${index}`);
    return clock;
  };
  const stage = await setFaultStage(scope, {
    ...options,
    count: clocks.length,
    besides(index) {
      const { preload, environment } = clockOf(index);
      return { preload: [preload], environment };
    },
  });
  return {
    ...stage,
    shift: ({ index, server }, offsetMs) => clockOf(index).shift(server, offsetMs),
  };
}

/** From one round to the next, as the nodes are told. */
const INTERVAL_MS = 2000;
/** A round that is seen so much too late or too early was not made by the cadence. */
const OFF_BEAT_MS = INTERVAL_MS / 2;
const HEARTBEAT_MS = 5000;
const HEARTBEAT_LATE_MS = 1500;
/** Of the summary: the target, and what a machine that is busy is allowed. */
const P99_MS = 50;
const MAX_P99_MS = 3 * P99_MS;

/** Moves the clock of the leader or of a follower by an hour, and then two hours back. */
export const clockMoves = (
  id: string,
  whose: 'leader' | 'follower',
  phaseMs: number,
): FaultCase => ({
  id,
  required:
    `wall clock of the ${whose} + 1 h, then − 2 h, ${phaseMs / 1000} s each: the same leader in the same term, rounds and heartbeats ` +
    `on their beat, figures move, all in step, no socket closed; its summary answers, p99 ≤ ${P99_MS} ms (fails at 3 ×)`,
  async run(scope) {
    const stage = await setClockedStage(scope);
    const leader = await stage.newLeader();
    await stage.inStep();
    const watch = await watchNodes(scope, stage, stage.redis);
    const moved = stage.nodes.find((node) => (node === leader) === (whose === 'leader'));
    if (moved === undefined) throw new Error('no such node');
    const term = leader.ownTerm();
    const begunMs = performance.now();
    let standing = 0;
    for (const offsetMs of [HOUR_MS, -HOUR_MS]) {
      await stage.shift(moved, offsetMs);
      const before = watch.sockets.map(figuresOf);
      await wait(phaseMs);
      await stage.inStep();
      standing += watch.sockets.filter(
        (socket, index) => figuresOf(socket) === before[index],
      ).length;
    }
    return judge(stage, watch, { leader, term, begunMs, standing });
  },
});

interface Course {
  readonly leader: RunningNode;
  readonly term: number | null;
  readonly begunMs: number;
  /** Sockets on which the figures stood still while the clock was at one place. */
  readonly standing: number;
}

async function judge(
  { nodes, claimants }: ClockedStage,
  watch: UnderWatch,
  { leader, term, begunMs, standing }: Course,
): Promise<Measured> {
  const endMs = performance.now();
  const rounds = roundTimes(leader, begunMs, endMs);
  const offBeatMs = offBeat(rounds);
  const due = Math.floor((endMs - begunMs) / INTERVAL_MS);
  const strays = nodes
    .filter((node) => node !== leader)
    .flatMap((node) => roundTimes(node, begunMs));
  const beats = gapsOf(watch.redis.heartbeats.map(({ atMs }) => atMs));
  const terms = new Set(watch.sockets.flatMap(({ seen }) => seen.map(({ epoch }) => epoch)));
  const isSame = leader.ownTerm() === term && claimants().length === 1 && terms.size === 1;
  const found = await watch.findings();
  const told = [...found.untruths, ...found.errors];
  return {
    measured: [
      `${terms.size} term, ${isSame ? 'the same leader' : 'another leader'}`,
      `${rounds.length} rounds where ${due} were due, at most ${offBeatMs.toFixed(0)} ms off the beat`,
      `${strays.length} rounds of others`,
      `heartbeats ${printGaps(beats)} s apart`,
      `${standing} sockets whose figures stood`,
      `${found.closes} sockets closed`,
      `p99 ${found.p99Ms.toFixed(1)} ms of ${found.answers} answers, ${found.failures} failed`,
      `${told.length} faults`,
      ...told.slice(0, 3),
    ].join('; '),
    pass:
      isSame &&
      rounds.length >= due - 1 &&
      rounds.length <= due + 1 &&
      offBeatMs <= OFF_BEAT_MS &&
      strays.length === 0 &&
      beats.length > 0 &&
      beats.every((ms) => Math.abs(ms - HEARTBEAT_MS) <= HEARTBEAT_LATE_MS) &&
      standing === 0 &&
      found.closes === 0 &&
      found.failures === 0 &&
      found.p99Ms <= MAX_P99_MS &&
      told.length === 0,
  };
}

/** What a round of the moving market changes. */
const figuresOf = (socket: WatchedPositions): string => {
  const document = socket.document();
  return `${document?.market_cap} ${document?.btc_price_usd}`;
};

/** How far the round that is furthest from the beat of the first is from it, ms. */
const offBeat = ([first = Number.NaN, ...others]: readonly number[]): number =>
  Math.max(0, ...others.map((atMs, index) => Math.abs(atMs - first - (index + 1) * INTERVAL_MS)));
