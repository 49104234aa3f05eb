import { setTimeout as wait } from 'node:timers/promises';
import { NOTHING_BESIDES, redisFault, threeNodes } from './redis-fault.ts';
import { testFaults } from './test-faults.ts';

/** Longer than a lease, shorter than it takes a node to go solo. */
const GONE_MS = 20_000;
/** About as long as nodes wait before they go solo at the earliest. */
const FROZEN_MS = 30_000;

testFaults([
  redisFault({
    id: '5.1',
    what: `SIGKILL, back empty after ${GONE_MS / 1000} s`,
    stage: threeNodes(),
    async strike({ redis }) {
      await redis.kill();
      await wait(GONE_MS);
      await redis.restart();
      return NOTHING_BESIDES;
    },
  }),
  redisFault({
    id: '5.2',
    what: `SIGKILL, back with its data after ${GONE_MS / 1000} s`,
    stage: threeNodes({ redis: { persistent: true } }),
    async strike({ redis, keys }) {
      await redis.kill();
      await wait(GONE_MS);
      await redis.restart();
      const epoch = await redis.command('HGET', keys.term, 'epoch');
      return { measured: `epoch ${epoch} was kept`, pass: Number(epoch) > 0 };
    },
  }),
  redisFault({
    id: '5.3',
    what: `SIGSTOP for ${FROZEN_MS / 1000} s`,
    stage: threeNodes(),
    async strike({ redis }) {
      redis.signal('SIGSTOP');
      await wait(FROZEN_MS);
      redis.signal('SIGCONT');
      return NOTHING_BESIDES;
    },
  }),
]);
