import { setTimeout as wait } from 'node:timers/promises';
import type { RunningNode } from '../start-node.ts';
import { until } from '../until.ts';
import type { FaultStage } from './fault-stage.ts';
import { savesUnanswered } from './lost-answer.ts';
import { AWAY_MS, LOST_LEADER, type Loss, loseLeader, SLOW_ANSWER_MS } from './lost-leader.ts';
import { testFaults } from './test-faults.ts';

/** After its last answer a round has been saved in this time, and the next one is not due yet. */
const SAVED_MS = 400;

/** Resolves when a round's question has just reached the market: its answer takes a while. */
async function answerUnderWay({ rounds }: FaultStage): Promise<void> {
  const before = await rounds();
  await until(rounds, (now) => now > before);
}

/** Resolves between two rounds: the next one is due when the leader wakes, before anybody has told it anything. */
async function betweenRounds(stage: FaultStage): Promise<void> {
  await answerUnderWay(stage);
  await wait(SLOW_ANSWER_MS + SAVED_MS);
}

function stop({ server }: RunningNode): number {
  server.signal('SIGSTOP');
  return performance.now();
}

const wake: Loss['find'] = async ({ server }) => server.signal('SIGCONT');

/** How long each node has not sent a command to Redis, s. */
async function idleS({ redis }: FaultStage): Promise<number[]> {
  const list = String(await redis.command('CLIENT', 'LIST'));
  const ofNodes = list.split('\n').filter((line) => line.includes(' name=marketcast-commands '));
  return ofNodes.map((line) => Number(/ idle=(\d+) /.exec(line)?.[1]));
}

/** Far above what a node that runs needs to say something, and below the time that the stopped one is away. */
const SILENT_S = AWAY_MS / 2000;
const isSilent = (idle: number) => idle >= SILENT_S;

testFaults([
  {
    id: '3.3',
    required: `leader SIGSTOP 12 s, SIGCONT: ${LOST_LEADER}`,
    run: (scope) =>
      loseLeader(scope, {
        async lose(leader, stage) {
          await betweenRounds(stage);
          return stop(leader);
        },
        find: wake,
      }),
  },
  {
    id: '4.1',
    required: `leader SIGSTOP while an upstream's answer is on its way, which it finds when it wakes 12 s later: ${LOST_LEADER}`,
    run: (scope) =>
      loseLeader(scope, {
        async lose(leader, stage) {
          await answerUnderWay(stage);
          return stop(leader);
        },
        find: wake,
      }),
  },
  {
    id: '4.2',
    required: `leader SIGSTOP with its save on the way to Redis, where it arrives 12 s later: ${LOST_LEADER}`,
    run: (scope) =>
      loseLeader(scope, {
        async lose(leader) {
          const unanswered = () => savesUnanswered(leader);
          const before = unanswered();
          leader.toRedis.freeze({ toClient: false });
          const lostMs = performance.now();
          await until(unanswered, (now) => now > before);
          stop(leader);
          return lostMs;
        },
        async find(leader, stage) {
          // Without this there would be no late save, and nothing to be seen of it.
          await until(
            () => idleS(stage),
            (idle) => idle.some(isSilent),
          );
          leader.toRedis.thaw();
          await until(
            () => idleS(stage),
            (idle) => idle.length >= 3 && !idle.some(isSilent),
          );
          await wake(leader, stage);
        },
      }),
  },
]);
