/** A leader that is lost to the others and comes back: what it may do meanwhile and after, which is nothing. */

import { setTimeout as wait } from 'node:timers/promises';
import type { RunningNode } from '../start-node.ts';
import { ROUND_ROUTE } from '../start-nodes.ts';
import type { FaultScope, Measured } from './fault-case.ts';
import { type FaultStage, setFaultStage } from './fault-stage.ts';
import { callsSince, firstCall, TAKEOVER_MS } from './takeover.ts';
import { type WatchedShown, watchShown } from './watch-shown.ts';

/** What is done to the leader, and undone. */
export interface Loss {
  /** Resolves with the moment from which the takeover is counted, `performance.now()`. */
  lose(leader: RunningNode, stage: FaultStage): Promise<number>;
  /** Called {@link AWAY_MS} later, when somebody else has long taken over. */
  find(leader: RunningNode, stage: FaultStage): Promise<unknown>;
}

/** More than twice the lease. */
export const AWAY_MS = 12_000;
/** The leader that is back is watched for longer than a lease, and for several rounds. */
const WATCHED_MS = 7000;
/**
 * One of the market's answers takes so long. What the others say is flushed meanwhile, so that every round brings a patch
 * before its whole document.
 */
export const SLOW_ANSWER_MS = 700;

/** What such a case requires. */
export const LOST_LEADER =
  `another calls within ${TAKEOVER_MS} ms; the one that is back makes no call and no accepted save while another leads; ` +
  'no socket sees a position go back, patches lead to the whole documents, in step at last';

/** Loses the leader of three for {@link AWAY_MS}, with a socket at each of them. */
export async function loseLeader(scope: FaultScope, { lose, find }: Loss): Promise<Measured> {
  const stage = await setFaultStage(scope, { count: 3 });
  const leader = await stage.newLeader();
  await stage.simulator.setFaults({ [ROUND_ROUTE]: { delayMs: SLOW_ANSWER_MS } });
  await stage.inStep();
  const shown = await watchShown(scope, stage);

  const lostMs = await lose(leader, stage);
  const others = stage.nodes.filter((node) => node !== leader);
  const calledMs = (await firstCall(others, lostMs)) - lostMs;
  const successor = await stage.newLeader(undefined, leader);
  await wait(Math.max(0, AWAY_MS - (performance.now() - lostMs)));
  const epoch = successor.ownTerm();

  const foundMs = performance.now();
  await find(leader, stage);
  await wait(WATCHED_MS);
  const calls = callsSince(leader, foundMs).length;
  const ghosts = ghostSaves(shown, foundMs, epoch);
  const view = await stage.inStep();
  const leaders = stage.claimants();
  const faults = await shown.faults();
  const closes = shown.sockets.flatMap((socket) => socket.closes).length;
  return {
    measured: [
      `another called after ${Math.round(calledMs)} ms`,
      `${calls} calls and ${ghosts} accepted saves of the one that was back, in ${WATCHED_MS} ms`,
      shown.tally(),
      `${closes} sockets closed`,
      `${faults.length} faults`,
      ...faults,
    ].join('; '),
    pass:
      calledMs <= TAKEOVER_MS &&
      calls === 0 &&
      ghosts === 0 &&
      closes === 0 &&
      faults.length === 0 &&
      shown.patches() > 0 &&
      leaders.length === 1 &&
      leaders[0] === successor &&
      view.position.epoch === epoch,
  };
}

/** Saves that were accepted from `fromMs` on in another term than `epoch`. */
const ghostSaves = ({ redis }: WatchedShown, fromMs: number, epoch: number | null): number =>
  redis.saves.filter((save) => save.atMs >= fromMs && save.epoch !== epoch).length;
