import { loseAnswers, ONE_DOCUMENT } from '../lost-answer.ts';
import { testFaults } from '../test-faults.ts';

/** Longer than a save waits for its answer, shorter than a lease lives. */
const LEASE_LIVES_MS = 2000;

testFaults([
  {
    id: '7.1',
    required: `Redis SIGSTOP with a save under way, SIGCONT after 2 s: ${ONE_DOCUMENT}`,
    run: (scope) =>
      loseAnswers(scope, [LEASE_LIVES_MS], {
        begin: (_, { redis }) => redis.signal('SIGSTOP'),
        end: (_, { redis }) => redis.signal('SIGCONT'),
      }),
  },
  {
    id: '7.2',
    required: `saves that are executed, their answers 2 s late: ${ONE_DOCUMENT}`,
    run: (scope) =>
      loseAnswers(scope, [LEASE_LIVES_MS], {
        begin: ({ toRedis }) => toRedis.freeze({ toServer: false }),
        end: ({ toRedis }) => toRedis.thaw(),
      }),
  },
]);
