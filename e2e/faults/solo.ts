/** Nodes that Redis is away from for so long that they go on alone, and how they come together again. */

import { setTimeout as wait } from 'node:timers/promises';
import { comparePositions } from '../../contract/index.ts';
import type { RunningNode } from '../start-node.ts';
import { until } from '../until.ts';
import type { WatchedPositions } from '../watch-positions.ts';
import type { FaultStage } from './fault-stage.ts';
import { gapsOf, roundTimes } from './round-times.ts';
import type { UnderWatch } from './under-watch.ts';

/** From one round to the next while one node leads, ms: three nodes on their own ask every six seconds. */
export const INTERVAL_MS = 2000;
/** What each node's interval may differ by on purpose. */
const SPREAD = 0.1;
/** What a round is seen too late by on a machine that is busy, ms. */
const SEEN_LATE_MS = 300;

/** A node's last step was answered so long before Redis went at the earliest: followers ask once in a lease. */
const LAST_ANSWER_MS = 5200;
/** Silence after which a node goes solo, ms. */
const SOLO_AFTER_MS = 30_000;
const SOLO_SPREAD_MS = 15_000;
/** Silence is looked for every second, and counted from a look. */
const LOOKS_MS = 2500;
/** So long the nodes are watched on their own: six rounds of each. */
const SOLO_FOR_MS = 40_000;

/** What came of it. */
export interface Found {
  readonly measured: string;
  readonly pass: boolean;
}

/** Resolves when the leader has counted all nodes, and told them: their share is measured by that. */
export async function countedAll({ nodes }: FaultStage, { redis }: UnderWatch): Promise<void> {
  const heard = redis.heartbeats.length;
  await until(
    () => redis.heartbeats.slice(heard).at(-1)?.nodes ?? 0,
    (count) => count === nodes.length,
    3 * 5000,
  );
}

/**
 * Resolves when every node has gone solo.
 * @param goneMs when Redis went, `performance.now()`
 * @param answersForMs so long after that it may still have answered a node
 */
export async function allSolo(
  nodes: readonly RunningNode[],
  goneMs: number,
  answersForMs = 0,
): Promise<Found> {
  const afterMs = await Promise.all(
    nodes.map(async (node) => {
      await until(
        async () => {
          // A look a quarter of a second is enough, and does not disturb.
          await wait(250);
          return (await node.ready()).degraded;
        },
        (degraded) => degraded.includes('solo') && degraded.includes('redis_away'),
        2 * (SOLO_AFTER_MS + SOLO_SPREAD_MS),
      );
      return performance.now() - goneMs;
    }),
  );
  const seconds = afterMs.map((ms) => (ms / 1000).toFixed(1));
  return {
    measured: `solo after ${seconds.join(', ')} s`,
    pass: afterMs.every(
      (ms) =>
        ms >= SOLO_AFTER_MS - LAST_ANSWER_MS &&
        ms <= answersForMs + SOLO_AFTER_MS + SOLO_SPREAD_MS + LOOKS_MS,
    ),
  };
}

/** Watches solo nodes: what they ask for, and whether what they show moves. */
export async function shareBudget(stage: FaultStage, watch: UnderWatch): Promise<Found> {
  const { nodes } = stage;
  const begunMs = performance.now();
  const callsBefore = await stage.rounds();
  const before = watch.sockets.map(figuresOf);
  await wait(SOLO_FOR_MS);
  const calls = (await stage.rounds()) - callsBefore;
  const standing = watch.sockets.filter((socket, index) => figuresOf(socket) === before[index]);
  const lastMs = performance.now();
  const rounds = nodes.map((node) => roundTimes(node, begunMs, lastMs));
  const meansMs = rounds.map((times) => mean(gapsOf(times)));
  const shareMs = INTERVAL_MS * nodes.length;
  const isShare = (ms: number, slackMs: number) =>
    ms >= shareMs * (1 - SPREAD) - slackMs && ms <= shareMs * (1 + SPREAD) + slackMs;
  /** Rounds of all in the time of one round of one. */
  const ratio = meansMs.reduce((sum, ms) => sum + INTERVAL_MS / ms, 0);
  const counted = rounds.reduce((sum, { length }) => sum + length, 0);
  const due = SOLO_FOR_MS / INTERVAL_MS;
  return {
    measured: [
      `a round every ${meansMs.map((ms) => (ms / 1000).toFixed(2)).join(', ')} s`,
      `together ${ratio.toFixed(2)} × one node's; ${counted} rounds (${calls} calls of a route) where one makes ${due}`,
      `${standing.length} sockets whose figures stood`,
    ].join('; '),
    pass:
      rounds.every((times) => gapsOf(times).every((ms) => isShare(ms, SEEN_LATE_MS))) &&
      meansMs.every((ms) => isShare(ms, SEEN_LATE_MS / 4)) &&
      Math.abs(ratio - 1) <= SPREAD + 0.02 &&
      Math.abs(counted - due) <= due * SPREAD + nodes.length &&
      Math.abs(calls - counted) <= nodes.length &&
      standing.length === 0,
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a round of the moving market changes. */
export const figuresOf = (socket: WatchedPositions): string => {
  const document = socket.document();
  return `${document?.market_cap} ${document?.btc_price_usd}`;
};

/** Until one leads and all are in step; the figures never stood still meanwhile. */
const TOGETHER_WITHIN_MS = 15_000;
/** Rounds that everybody is to hear of before it is believed. */
const ROUNDS_AFTER = 2;

/**
 * Waits until nodes that Redis is back for are one again, and looks whether they stay it.
 * @param backMs when it was back, `performance.now()`
 */
export async function together(
  stage: FaultStage,
  watch: UnderWatch,
  backMs: number,
): Promise<Found> {
  const ready = () => Promise.all(stage.nodes.map((node) => node.ready()));
  await until(
    async () => (await ready()).flatMap(({ degraded }) => degraded),
    (degraded) => degraded.every((word) => word === 'figures_stale'),
    4 * TOGETHER_WITHIN_MS,
  );
  const leader = await stage.newLeader();
  await until(
    () => stage.claimants().length,
    (count) => count === 1,
  );
  const { position, bytes } = await stage.inStep(4 * TOGETHER_WITHIN_MS);
  const tookMs = performance.now() - backMs;

  let last = position;
  for (let round = 0; round < ROUNDS_AFTER; round++) {
    await Promise.all(watch.sockets.map((socket) => socket.moves(undefined, last)));
    last = (await stage.inStep()).position;
  }
  const [lease, term] = [
    await stage.redis.command('PTTL', stage.keys.lease),
    Number(await stage.redis.command('HGET', stage.keys.term, 'term')),
  ];
  const begins = watch.sockets.map(({ seen }) => seen.find(({ epoch }) => epoch === term));
  const behind = begins.filter((first) => first?.isWhole !== true).length;
  const highest = Math.max(...watch.sockets.flatMap(({ seen }) => seen.map(({ epoch }) => epoch)));
  const unread = Object.entries(JSON.parse(bytes)).filter(
    ([name, value]) =>
      value === null && name !== 'rsi_14_taapi' && name !== 'btc_spread' && name !== 'us_etfs',
  );
  const isOne = leader.ownTerm() === term && stage.claimants().length === 1 && Number(lease) > 0;
  return {
    measured: [
      `together after ${(tookMs / 1000).toFixed(1)} s`,
      `${stage.claimants().length} leader`,
      `${behind} sockets without the whole document of its term`,
      `${unread.length} figures missing`,
    ].join('; '),
    pass:
      tookMs <= TOGETHER_WITHIN_MS &&
      isOne &&
      behind === 0 &&
      unread.length === 0 &&
      highest === term &&
      comparePositions(last, position) > 0,
  };
}
