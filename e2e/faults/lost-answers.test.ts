import { loseAnswers, ONE_DOCUMENT, type Silence } from './lost-answer.ts';
import { testFaults } from './test-faults.ts';

/** Longer than a lease lives. */
const LEASE_DIES_MS = 8000;
/** Around everything that has a deadline: a save's answer, a dead connection, the leader's own end, Redis' end of the lease. */
const ANY_MS = [300, 1400, 1600, 2900, 3100, 4300, 4600, 4900, 5100, 6000];
const ANY_CASE_MS = 240_000;

const frozenRedis: Silence = {
  begin: (_, { redis }) => redis.signal('SIGSTOP'),
  end: (_, { redis }) => redis.signal('SIGCONT'),
};

testFaults([
  {
    id: '7.3',
    required: `Redis SIGSTOP with a save under way, SIGCONT after 8 s: ${ONE_DOCUMENT}`,
    run: (scope) => loseAnswers(scope, [LEASE_DIES_MS], frozenRedis),
  },
  {
    id: '7.4',
    required: `saves that are executed, their answers 8 s late: ${ONE_DOCUMENT}`,
    run: (scope) =>
      loseAnswers(scope, [LEASE_DIES_MS], {
        begin: ({ toRedis }) => toRedis.freeze({ toServer: false }),
        end: ({ toRedis }) => toRedis.thaw(),
      }),
  },
  {
    id: '7.5',
    required: `saves that are executed, and lose their answers with the connection 8 s later: ${ONE_DOCUMENT}`,
    run: (scope) =>
      loseAnswers(scope, [LEASE_DIES_MS], {
        begin: ({ toRedis }) =>
          toRedis.freeze({ toServer: false, only: ({ isSubscriber }) => !isSubscriber }),
        end({ toRedis }) {
          toRedis.killAll();
          toRedis.thaw();
        },
      }),
  },
  {
    id: '7.6',
    required: `Redis SIGSTOP ${ANY_MS.length} times for ${ANY_MS.join(', ')} ms: ${ONE_DOCUMENT}`,
    timeoutMs: ANY_CASE_MS,
    run: (scope) => loseAnswers(scope, ANY_MS, frozenRedis),
  },
]);
