import type { RunningNode } from '../../start-node.ts';
import type { FaultScope, Measured } from '../fault-case.ts';
import { type FaultStage, setFaultStage } from '../fault-stage.ts';
import { firstCall, HANDOVER_MS, TAKEOVER_MS } from '../takeover.ts';
import { testFaults } from '../test-faults.ts';
import { type WatchedShown, watchShown } from '../watch-shown.ts';

/** How often a leader goes, in the long run; the short one looks once. */
const REPETITIONS = 4;

/** Ends a leader. @returns the moment from which the time counts, `performance.now()` */
type End = (leader: RunningNode) => Promise<number>;

/** Ends leader after leader; each comes back as a follower. */
async function leadersGo(scope: FaultScope, limitMs: number, end: End): Promise<Measured> {
  const stage = await setFaultStage(scope, { count: 3 });
  await stage.newLeader();
  await stage.inStep();
  const shown = await watchShown(scope, stage);
  const timesMs: number[] = [];
  /** The node that each socket is connected to. */
  const places = stage.nodes.map(({ index }) => index);
  for (let n = 0; n < (scope.isFull ? REPETITIONS : 1); n++) {
    timesMs.push(await oneGoes(stage, shown, places, end));
  }
  const leaders = stage.claimants().length;
  const faults = await shown.faults();
  return {
    measured: [
      `first call after ${timesMs.map((ms) => `${Math.round(ms)} ms`).join(', ')}`,
      `${leaders} leader at the end`,
      shown.tally(),
      `${faults.length} faults`,
      ...faults,
    ].join('; '),
    pass: timesMs.every((ms) => ms <= limitMs) && leaders === 1 && faults.length === 0,
  };
}

async function oneGoes(
  stage: FaultStage,
  { sockets }: WatchedShown,
  places: number[],
  end: End,
): Promise<number> {
  const leader = await stage.newLeader();
  const others = stage.nodes.filter((node) => node !== leader);
  const [refuge] = others;
  if (refuge === undefined) throw new Error('nobody can take over');
  const askedMs = performance.now();
  const goneMs = await end(leader);
  // Whoever was connected there goes to one that lives, as a browser is led by whatever stands in front of the nodes.
  for (const [n, socket] of sockets.entries()) {
    if (places[n] !== leader.index) continue;
    await socket.goTo(refuge.server.socketUrl);
    places[n] = refuge.index;
  }
  const calledMs = await firstCall(others, askedMs);
  await stage.newLeader(undefined, leader);
  await stage.inStep(undefined, others);
  await leader.restart();
  await stage.inStep();
  return calledMs - goneMs;
}

testFaults([
  {
    id: '3.1',
    required: `leader SIGKILL: another one asks the upstreams within ${TAKEOVER_MS} ms; no position goes back`,
    run: (scope) =>
      leadersGo(scope, TAKEOVER_MS, async (leader) => {
        const killedMs = performance.now();
        await leader.kill();
        return killedMs;
      }),
  },
  {
    id: '3.2',
    required: `leader SIGTERM: another one asks the upstreams within ${HANDOVER_MS} ms of its exit (before it: below 0)`,
    run: (scope) =>
      leadersGo(scope, HANDOVER_MS, async (leader) => {
        leader.server.signal('SIGTERM');
        await leader.server.exited;
        return performance.now();
      }),
  },
]);
