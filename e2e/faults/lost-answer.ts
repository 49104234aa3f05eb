/** A save whose answer is lost: nobody knows whether it was stored, and still no position may have two documents. */

import { setTimeout as wait } from 'node:timers/promises';
import { comparePositions } from '../../contract/index.ts';
import type { RunningNode } from '../start-node.ts';
import { ROUND_ROUTE } from '../start-nodes.ts';
import { until } from '../until.ts';
import type { FaultScope, Measured } from './fault-case.ts';
import { type FaultStage, setFaultStage } from './fault-stage.ts';
import { type WatchedShown, watchShown } from './watch-shown.ts';

/** What loses the answer, and brings it after all. */
export interface Silence {
  /** Called while an upstream's answer is on its way: the save that follows from it finds the silence. */
  begin(leader: RunningNode, stage: FaultStage): void;
  end(leader: RunningNode, stage: FaultStage): void;
}

/** What such a case requires. */
export const ONE_DOCUMENT =
  'at every position one document on sockets, channel and key; none goes back; the newest at last on all nodes';

/** One of the market's answers takes so long: a patch is saved before it, and a whole document after. */
const SLOW_ANSWER_MS = 700;
/** A price that the walk never comes to. */
const LAST_PRICE = 123_456.78;
/** A lost lease, a reconnect and a round, on a machine that is busy. */
const SHOWN_WITHIN_MS = 30_000;

/** Loses answers of saves, once for each of `durationsMs`. */
export async function loseAnswers(
  scope: FaultScope,
  durationsMs: readonly number[],
  silence: Silence,
): Promise<Measured> {
  const stage = await setFaultStage(scope, { count: 3 });
  await stage.simulator.setFaults({ [ROUND_ROUTE]: { delayMs: SLOW_ANSWER_MS } });
  await stage.newLeader();
  await stage.inStep();
  const shown = await watchShown(scope, stage);
  let terms = 1;
  for (const durationMs of durationsMs) {
    if (!(await silenceFor(stage, durationMs, silence))) terms++;
  }
  const unanswered = stage.nodes.reduce((sum, node) => sum + savesUnanswered(node), 0);
  if (unanswered === 0) throw new Error('no save was without an answer');
  const isNewest = await lastWordReachesAll(stage, shown);
  const faults = await shown.faults();
  return {
    measured: [
      `${unanswered} saves unanswered, ${terms} terms`,
      shown.tally(),
      `the newest on all nodes: ${isNewest}`,
      `${faults.length} faults`,
      ...faults,
    ].join('; '),
    pass: isNewest && shown.patches() > 0 && faults.length === 0,
  };
}

/** @returns whether the leader leads the same term as before once all are in step again */
async function silenceFor(stage: FaultStage, durationMs: number, silence: Silence) {
  const leader = await stage.newLeader();
  const term = leader.ownTerm();
  const rounds = await stage.rounds();
  await until(stage.rounds, (now) => now > rounds);
  silence.begin(leader, stage);
  await wait(durationMs);
  silence.end(leader, stage);
  await stage.newLeader();
  await stage.inStep(SHOWN_WITHIN_MS);
  return leader.ownTerm() === term;
}

/** How often a node has said of a save that it does not wait for its answer any longer. */
export const savesUnanswered = ({ server }: RunningNode): number =>
  server.logLines().filter(({ msg }) => String(msg).startsWith('a save was not answered')).length;

/** @returns whether what all nodes show at last is what lies in Redis, and nothing newer was ever shown */
async function lastWordReachesAll(stage: FaultStage, shown: WatchedShown): Promise<boolean> {
  await stage.simulator.setMarket({ btc_price_usd: LAST_PRICE, frozen: true });
  await until(
    () => shown.sockets.map((socket) => socket.document()?.btc_price_usd),
    (prices) => prices.every((price) => price === LAST_PRICE),
    SHOWN_WITHIN_MS,
  );
  // Rounds go on, and with them positions: the same moment has to be met on all nodes and in the key.
  const [view, stored] = await until(
    async () => [await stage.inStep(), await shown.key()] as const,
    ([now, key]) => key !== null && comparePositions(now.position, key) === 0,
  );
  const everShown = shown.sockets.flatMap(({ seen }) => seen);
  const newer = everShown.filter((seen) => comparePositions(seen, view.position) > 0);
  return stored?.json === view.bytes && newer.length === 0;
}
