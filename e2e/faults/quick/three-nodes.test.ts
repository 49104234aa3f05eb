import { comparePositions } from '../../../contract/index.ts';
import { watchPositions } from '../../watch-positions.ts';
import { setFaultStage } from '../fault-stage.ts';
import { testFaults } from '../test-faults.ts';

/** Rounds that are watched, s apart: enough for a second fetcher to be seen. */
const ROUNDS = 5;
const INTERVAL_MS = 2000;
/** A round begins when the one before it did, plus the interval; a machine that is busy is late. */
const MAX_EXTRA_ROUNDS = 1;

testFaults([
  {
    id: '1.1',
    required:
      'three nodes: one round per interval; same position, same bytes; a browser changes node and goes on',
    async run(scope) {
      const stage = await setFaultStage(scope, {
        count: 3,
        environment: { FETCH_INTERVAL_SECONDS: String(INTERVAL_MS / 1000) },
      });
      const [first, second, third] = stage.nodes.map(({ server }) => server.socketUrl);
      await stage.newLeader();
      const begin = await stage.inStep();
      const watched = await watchPositions(first ?? '');
      scope.cleanUp(() => watched.close());

      const [roundsBefore, begunMs] = [await stage.rounds(), performance.now()];
      const views = [];
      for (const next of [second, third, first, second, third].slice(0, ROUNDS)) {
        await watched.moves();
        await watched.goTo(next ?? '');
        views.push(await stage.inStep());
      }
      await watched.sync();
      const rounds = (await stage.rounds()) - roundsBefore;
      const intervals = (performance.now() - begunMs) / INTERVAL_MS;
      const last = views.at(-1) ?? begin;
      const epochs = new Set(watched.seen.map(({ epoch }) => epoch)).size;
      const leaders = stage.claimants().length;
      return {
        measured: [
          `${rounds} rounds in ${intervals.toFixed(1)} intervals`,
          `${leaders} leader, ${epochs} term`,
          `${views.length} times in step`,
          `${watched.seen.length} documents on ${ROUNDS + 1} connections`,
          `${watched.faults.length} faults, ${watched.stepsBack()} steps back`,
        ].join('; '),
        pass:
          rounds >= ROUNDS - 1 &&
          rounds <= Math.ceil(intervals) + MAX_EXTRA_ROUNDS &&
          leaders === 1 &&
          epochs === 1 &&
          comparePositions(last.position, begin.position) > 0 &&
          watched.faults.length === 0 &&
          watched.stepsBack() === 0,
      };
    },
  },
]);
