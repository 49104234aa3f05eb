import { setTimeout as wait } from 'node:timers/promises';
import { type RedisFault, redisFault, threeNodes } from './redis-fault.ts';
import { allSolo, countedAll, figuresOf, together } from './solo.ts';
import { LEASE_TTL_MS } from './takeover.ts';
import { testFaults } from './test-faults.ts';
import { watchDegraded } from './watch-degraded.ts';

/** Until the last is solo takes 53 s at most: the rest is time on their own. */
const UNWRITABLE_MS = 70_000;
/** What each node is to say once, and take back once. */
const WORDS = ['redis_away', 'solo'] as const;
/** A start, the fault, and what comes after. */
const TIMEOUT_MS = 240_000;

/** @param setting of Redis that forbids every write when it is 1, and none when it is 0 */
const unwritable = (
  id: string,
  what: string,
  setting: string,
  refusalWord: string,
): RedisFault => ({
  id,
  what:
    `${what}, read as ever, for ${UNWRITABLE_MS / 1000} s: solo 30 s + 0–15 s after the lease has run out, figures move, ` +
    `${WORDS.join(' and ')} said once and taken back once; then one leader and one whole document within 15 s`,
  timeoutMs: TIMEOUT_MS,
  stage: threeNodes(),
  async strike(stage, watch, scope) {
    const { redis, nodes, keys } = stage;
    await countedAll(stage, watch);
    const degraded = await watchDegraded(scope, nodes);
    const goneMs = performance.now();
    await redis.command('CONFIG', 'SET', setting, '1');
    const refusal = String(await redis.command('SET', 'another', '1').catch(String));
    const stored = String(await redis.command('HMGET', keys.term, 'epoch', 'seq'));
    // Until then a follower is told, without a write, how long the lease lasts.
    const solo = await allSolo(nodes, goneMs, LEASE_TTL_MS);
    const before = watch.sockets.map(figuresOf);
    await wait(Math.max(0, UNWRITABLE_MS - (performance.now() - goneMs)));
    const standing = watch.sockets.filter((socket, index) => figuresOf(socket) === before[index]);
    const readiness = await Promise.all(nodes.map((node) => node.ready()));
    const silent = readiness.filter((node) => !WORDS.every((word) => node.degraded.includes(word)));
    const isUntouched = String(await redis.command('HMGET', keys.term, 'epoch', 'seq')) === stored;
    const backMs = performance.now();
    await redis.command('CONFIG', 'SET', setting, '0');
    const one = await together(stage, watch, backMs);
    const changes = WORDS.map((word) => ({ word, of: degraded.changes(word) }));
    return {
      measured: [
        `refuses with "${refusal.slice(0, 25)}"; position ${isUntouched ? 'stands' : 'moved'}`,
        solo.measured,
        `${standing.length} sockets whose figures stood, ${silent.length} nodes not ${WORDS.join(' and ')} at the end`,
        ...changes.map(
          ({ word, of }) =>
            `${word} begun and ended ${of.map(({ begun, ended }) => `${begun}/${ended}`).join(', ')} times`,
        ),
        one.measured,
      ].join('; '),
      pass:
        refusal.includes(refusalWord) &&
        isUntouched &&
        solo.pass &&
        standing.length === 0 &&
        silent.length === 0 &&
        changes.every(({ of }) => of.every(({ begun, ended }) => begun === 1 && ended === 1)) &&
        one.pass,
    };
  },
});

testFaults(
  [
    unwritable('5.20', 'too few replicas to write', 'min-replicas-to-write', 'NOREPLICAS'),
    unwritable('5.21', 'out of memory', 'maxmemory', 'OOM'),
  ].map(redisFault),
);
