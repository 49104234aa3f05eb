import { setTimeout as wait } from 'node:timers/promises';
import type { RunningNode } from '../start-node.ts';
import { ROUND_ROUTE } from '../start-nodes.ts';
import type { FaultCase, Measured } from './fault-case.ts';
import { setFaultStage } from './fault-stage.ts';
import { askInBursts, createRefreshCrowd, type RefreshCrowd } from './refresh-crowd.ts';
import { gapsOf, printGaps, roundTimes } from './round-times.ts';
import { TAKEOVER_MS } from './takeover.ts';
import { testFaults } from './test-faults.ts';

const PEOPLE = 1000;
/** A second claim is granted, at another node, while the round of the first is still under way. */
const INTERVAL_S = 1;
const NEXT_CLAIM_MS = INTERVAL_S * 1000 + 100;
/** Upstreams that are slow: so long does somebody wait for a round. */
const SLOW_MS = 2500;
/** The bursts that follow last longer than a takeover and its first round. */
const BURSTS = 28;
const EVERY_MS = 250;
/** What a call is seen too late by on a machine that is busy. */
const SEEN_LATE_MS = 250;

/** Who asks before the leader dies, and when it does. */
interface Prelude {
  readonly id: string;
  readonly what: string;
  /** Resolves when the leader is to be killed. */
  ask(sendPeople: SendPeople, others: readonly RunningNode[], leader: RunningNode): Promise<void>;
}

/** Has so many ask at these nodes; what becomes of them is seen to by the case. */
type SendPeople = (nodes: readonly RunningNode[], count: number) => void;

const diesMeanwhile = ({ id, what, ask }: Prelude): FaultCase => ({
  id,
  required:
    `refresh × ${PEOPLE}, upstreams that take ${SLOW_MS / 1000} s, the leader SIGKILLed ${what}: everyone the other nodes have is ` +
    `answered within 11 s, with 200 and the fresh document or 429 and Retry-After; one refresh round per ${INTERVAL_S} s, the takeover’s first apart`,
  async run(scope) {
    const stage = await setFaultStage(scope, {
      count: 3,
      environment: {
        FETCH_INTERVAL_SECONDS: '300',
        REFRESH_MIN_INTERVAL_SECONDS: String(INTERVAL_S),
      },
    });
    const leader = await stage.newLeader();
    await stage.inStep();
    const others = stage.nodes.filter((node) => node !== leader);
    const crowd = await createRefreshCrowd(scope, stage.nodes, INTERVAL_S);
    await stage.simulator.setFaults({ [ROUND_ROUTE]: { delayMs: SLOW_MS } });
    // What the first round of the term has claimed is over.
    await wait(NEXT_CLAIM_MS);

    const begunMs = performance.now();
    const asking: Promise<void>[] = [];
    let count = 0;
    const sendPeople: SendPeople = (nodes, some) => {
      count += some;
      asking.push(crowd.ask(nodes, some));
    };
    await ask(sendPeople, others, leader);
    const waiting = others.map((node) => crowd.waiting([node]));
    const killedMs = performance.now();
    await leader.kill();
    await askInBursts(crowd, Array(BURSTS).fill(others), {
      count: PEOPLE - count,
      everyMs: EVERY_MS,
    });
    await Promise.all(asking);
    return judge(crowd, { leader, others, begunMs, killedMs, waiting });
  },
});

interface Course {
  readonly leader: RunningNode;
  readonly others: readonly RunningNode[];
  readonly begunMs: number;
  readonly killedMs: number;
  /** At each of the others when the leader died. */
  readonly waiting: readonly number[];
}

function judge(
  crowd: RefreshCrowd,
  { leader, others, begunMs, killedMs, waiting }: Course,
): Measured {
  const before = roundTimes(leader, begunMs).length;
  const [after = [], ...strays] = others
    .map((node) => roundTimes(node, killedMs))
    .filter((rounds) => rounds.length > 0);
  const takenOverMs = (after[0] ?? Number.NaN) - killedMs;
  const answered = crowd.asked.filter(({ node }) => node !== leader);
  const fresh = answered.filter(({ answer }) => answer?.status === 200).length;
  const faults = crowd.faults(leader);
  return {
    measured: [
      crowd.tally(),
      `${waiting.join(' and ')} waited when the leader died`,
      `${before} round before, the next after ${(takenOverMs / 1000).toFixed(2)} s`,
      `${after.length} by the end, ${printGaps(gapsOf(after))} s apart, ${strays.length} other nodes that ask`,
      `${fresh} of ${answered.length} got a fresh document`,
      `${faults.length} faults`,
      ...faults.slice(0, 3),
    ].join('; '),
    pass:
      crowd.asked.length === PEOPLE &&
      faults.length === 0 &&
      waiting.some((count) => count > 0) &&
      before <= 1 &&
      takenOverMs <= TAKEOVER_MS &&
      strays.length === 0 &&
      gapsOf(after).every((ms) => ms >= INTERVAL_S * 1000 - SEEN_LATE_MS) &&
      fresh > answered.length / 2,
  };
}

testFaults([
  diesMeanwhile({
    id: '10.2',
    what: 'in the middle of a round that people wait for at both others',
    async ask(sendPeople, others, leader) {
      sendPeople(others.slice(0, 1), 100);
      await wait(NEXT_CLAIM_MS);
      sendPeople(others.slice(1), 100);
      sendPeople([leader], 100);
      await wait(500);
    },
  }),
  diesMeanwhile({
    id: '10.3',
    what: 'while the first 300 ask',
    async ask(sendPeople, others, leader) {
      sendPeople([...others, leader], 300);
      // Some have got to the server by then, some have not.
      await wait(40);
    },
  }),
]);
