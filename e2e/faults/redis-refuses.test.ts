import { setTimeout as wait } from 'node:timers/promises';
import { sendToRedis } from '../redis-command.ts';
import { startRedis } from '../start-redis.ts';
import { redisFault, threeNodes } from './redis-fault.ts';
import { testFaults } from './test-faults.ts';

/** Twice the lease's life: whoever led does not any more. */
const REFUSES_MS = 10_000;
const REFUSES = `for ${REFUSES_MS / 1000} s`;

testFaults([
  redisFault({
    id: '5.8',
    what: `out of memory ${REFUSES}`,
    stage: threeNodes(),
    async strike({ redis, keys }) {
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      const refusal = await redis.command('SET', 'another', '1').catch(String);
      const before = await redis.command('HMGET', keys.term, 'epoch', 'seq');
      await wait(REFUSES_MS);
      const after = await redis.command('HMGET', keys.term, 'epoch', 'seq');
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      const isUntouched = String(before) === String(after);
      return {
        measured: `refuses with "${String(refusal).slice(0, 25)}"; position ${isUntouched ? 'stands' : 'moved'}`,
        pass: isUntouched && String(refusal).includes('OOM'),
      };
    },
  }),
  redisFault({
    id: '5.13',
    what: `password changed and everybody thrown out, changed back after ${REFUSES_MS / 1000} s`,
    stage: threeNodes({ redis: { password: 'first' } }),
    async strike({ redis }) {
      await redis.command('CONFIG', 'SET', 'requirepass', 'second');
      const asSecond = (...args: readonly string[]) =>
        sendToRedis({ port: redis.port, password: 'second' }, args);
      await asSecond('CLIENT', 'KILL', 'TYPE', 'pubsub');
      const thrownOut = await asSecond('CLIENT', 'KILL', 'TYPE', 'normal');
      await wait(REFUSES_MS);
      await asSecond('CONFIG', 'SET', 'requirepass', 'first');
      return { measured: `${thrownOut} thrown out`, pass: Number(thrownOut) >= 3 };
    },
  }),
  redisFault({
    id: '5.16',
    what: `a replica of an empty Redis, and so read-only, ${REFUSES}, then a master again`,
    stage: threeNodes(),
    async strike({ redis }, _, scope) {
      const master = await startRedis();
      scope.cleanUp(() => master.stop());
      await redis.command('REPLICAOF', '127.0.0.1', String(master.port));
      await wait(REFUSES_MS);
      const refusal = await redis.command('SET', 'another', '1').catch(String);
      await redis.command('REPLICAOF', 'NO', 'ONE');
      return {
        measured: `refuses with "${String(refusal).slice(0, 25)}"`,
        pass: String(refusal).includes('READONLY'),
      };
    },
  }),
]);
