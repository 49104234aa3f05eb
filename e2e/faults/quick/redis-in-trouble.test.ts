import { setTimeout as wait } from 'node:timers/promises';
import { NOTHING_BESIDES, redisFault, threeNodes } from '../redis-fault.ts';
import { testFaults } from '../test-faults.ts';

/** Every node is thrown out many times over. */
const STORM_MS = 10_000;
const SHORT_STORM_MS = 5000;
const KILL_EVERY_MS = 200;

testFaults([
  redisFault({
    id: '5.7',
    what: 'FLUSHALL',
    stage: threeNodes(),
    async strike({ redis }) {
      await redis.command('FLUSHALL');
      return NOTHING_BESIDES;
    },
  }),
  redisFault({
    id: '5.6',
    what: `every connection killed every ${KILL_EVERY_MS} ms for ${STORM_MS / 1000} s (quick: ${SHORT_STORM_MS / 1000} s)`,
    stage: threeNodes(),
    async strike({ redis }, _, { isFull }) {
      let killed = 0;
      const endMs = performance.now() + (isFull ? STORM_MS : SHORT_STORM_MS);
      while (performance.now() < endMs) {
        for (const type of ['normal', 'pubsub']) {
          killed += Number(await redis.command('CLIENT', 'KILL', 'TYPE', type));
        }
        await wait(KILL_EVERY_MS);
      }
      return { measured: `${killed} connections killed`, pass: killed > 0 };
    },
  }),
]);
