import { createPositionBook } from '../position-book.ts';
import type { RunningNode } from '../start-node.ts';
import { type WatchedPositions, watchPositions } from '../watch-positions.ts';
import { watchRedis } from '../watch-redis.ts';
import type { FaultScope } from './fault-case.ts';
import { testFaults } from './test-faults.ts';
import { type ClockedStage, clockMoves, HOUR_MS, setClockedStage } from './wall-clock.ts';

const term = (node: RunningNode): number => node.ownTerm() ?? Number.NaN;

/** Kills the leader while Redis cannot be reached by `others`, so that `next` takes over. */
async function takeOver(
  stage: ClockedStage,
  leader: RunningNode,
  next: RunningNode,
  others: readonly RunningNode[],
): Promise<void> {
  for (const node of others) await node.toRedis.cut();
  await leader.kill();
  await stage.newLeader(20_000, leader);
  if (next.ownTerm() === null) throw new Error('another node leads');
  for (const node of others) await node.toRedis.heal();
}

/** What is shown and saved, under watch. */
interface WatchedTruth {
  /** One at every node, over restarts too. */
  readonly sockets: readonly WatchedPositions[];
  /** What must not have been: back on a connection or in Redis, two documents at a position. One sentence each. */
  untruths(): readonly string[];
}

async function watchTruth(
  scope: Pick<FaultScope, 'cleanUp'>,
  stage: ClockedStage,
): Promise<WatchedTruth> {
  const book = createPositionBook();
  const redis = await watchRedis(stage.redis, stage.keys);
  scope.cleanUp(redis.close);
  const sockets: WatchedPositions[] = [];
  for (const { server } of stage.nodes) {
    const socket = await watchPositions(server.socketUrl, book.note);
    scope.cleanUp(socket.close);
    sockets.push(socket);
  }
  const untruths = () => {
    for (const { json, ...position } of redis.saves) book.note(position, JSON.parse(json));
    return [
      ...sockets.flatMap(({ faults }) => faults),
      ...redis.faults,
      ...book.doubled().map((name) => `two documents at ${name}`),
    ];
  };
  return { sockets, untruths };
}

testFaults([
  clockMoves('8.2', 'leader', 20_000),
  clockMoves('8.3', 'follower', 20_000),
  {
    id: '8.4',
    required:
      'a term that begins while a clock is wrong is above all before: taken over by a node + 1 h; it goes back 2 h and is SIGKILLed; taken over ' +
      'by a node − 1 h; that one restarted alone, still − 1 h; nobody’s position goes back, all in step at last',
    async run(scope) {
      const stage = await setClockedStage(scope);
      const first = await stage.newLeader();
      await stage.inStep();
      const [second, third] = stage.nodes.filter((node) => node !== first);
      if (second === undefined || third === undefined) throw new Error('too few nodes');
      const watch = await watchTruth(scope, stage);
      const terms = [term(first)];

      await stage.shift(second, HOUR_MS);
      await takeOver(stage, first, second, [third]);
      terms.push(term(second));
      await stage.inStep(undefined, [second, third]);

      await stage.shift(second, -HOUR_MS);
      await stage.shift(third, -HOUR_MS);
      const isKept = term(second) === terms.at(-1);
      await takeOver(stage, second, third, []);
      terms.push(term(third));
      await third.kill();
      await third.restart();
      await stage.newLeader();
      terms.push(term(third));
      await Promise.all([first.restart(), second.restart()]);
      await stage.inStep();
      await Promise.all(watch.sockets.map((socket) => socket.moves()));
      await stage.inStep();

      const told = watch.untruths();
      const steps = terms.slice(1).map((epoch, index) => epoch - (terms[index] ?? Number.NaN));
      return {
        measured: [
          `terms ${terms.join(' → ')}`,
          `${isKept ? 'none' : 'a term'} lost by going back`,
          `${told.length} faults`,
          ...told.slice(0, 3),
        ].join('; '),
        pass: steps.every((step) => step > 0) && isKept && told.length === 0,
      };
    },
  },
]);
