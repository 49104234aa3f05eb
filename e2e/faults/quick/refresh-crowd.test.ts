import { setFaultStage } from '../fault-stage.ts';
import { askInBursts, createRefreshCrowd } from '../refresh-crowd.ts';
import { gapsOf, printGaps, roundTimes } from '../round-times.ts';
import { testFaults } from '../test-faults.ts';

const PEOPLE = 1000;
const BURSTS = 20;
const EVERY_MS = 400;
const INTERVAL_S = 2;
const INTERVAL_MS = INTERVAL_S * 1000;
/** What a call is seen too late by on a machine that is busy: one of two that are too close is far closer. */
const SEEN_LATE_MS = 250;
/** Somebody asks at the latest so long after an interval has ended. */
const LONGEST_MS = INTERVAL_MS + EVERY_MS + 2 * SEEN_LATE_MS;

testFaults([
  {
    id: '10.1',
    required:
      `refresh × ${PEOPLE} over three nodes from as many addresses, ${BURSTS} bursts in ${(BURSTS * EVERY_MS) / 1000} s: ` +
      `one refresh round per ${INTERVAL_S} s; everyone answered within 11 s, with 200 and the fresh document or 429 and Retry-After`,
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
      const crowd = await createRefreshCrowd(scope, stage.nodes, INTERVAL_S);
      const [callsBefore, begunMs] = [await stage.rounds(), performance.now()];
      await askInBursts(crowd, Array(BURSTS).fill(stage.nodes), {
        count: PEOPLE,
        everyMs: EVERY_MS,
      });
      const rounds = roundTimes(leader, begunMs);
      const gaps = gapsOf(rounds);
      const firstMs = (rounds[0] ?? Number.NaN) - begunMs;
      const strays = stage.nodes
        .filter((node) => node !== leader)
        .flatMap((node) => roundTimes(node, begunMs)).length;
      const calls = (await stage.rounds()) - callsBefore;
      const faults = crowd.faults();
      const answers = crowd.asked.filter(({ answer }) => answer?.status === 200).length;
      return {
        measured: [
          crowd.tally(),
          `${rounds.length} rounds, the first after ${(firstMs / 1000).toFixed(2)} s, then ${printGaps(gaps)} s apart`,
          `${calls} calls of a route that each asks once, ${strays} rounds of other nodes`,
          `${faults.length} faults`,
          ...faults.slice(0, 3),
        ].join('; '),
        pass:
          crowd.asked.length === PEOPLE &&
          faults.length === 0 &&
          strays === 0 &&
          calls === rounds.length &&
          rounds.length >= Math.floor((BURSTS * EVERY_MS) / LONGEST_MS) &&
          firstMs <= LONGEST_MS &&
          gaps.every((ms) => ms >= INTERVAL_MS - SEEN_LATE_MS && ms <= LONGEST_MS) &&
          answers >= rounds.length,
      };
    },
  },
]);
