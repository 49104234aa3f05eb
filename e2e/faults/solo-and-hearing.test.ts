import { setTimeout as wait } from 'node:timers/promises';
import type { Position } from '../../contract/index.ts';
import { until } from '../until.ts';
import { type RedisFault, redisFault, threeNodes } from './redis-fault.ts';
import { allSolo, countedAll, figuresOf, together } from './solo.ts';
import { testFaults } from './test-faults.ts';
import { SOCKETS_PER_NODE } from './under-watch.ts';

/** Five rounds of a node that asks for itself and for two others; too short for those to go solo as well. */
const GONE_MS = 15_000;
/** A start, 45 s until it is solo, another term, and what comes after. */
const TIMEOUT_MS = 240_000;
/** Until the others show the next leader's document. */
const IN_STEP_WITHIN_MS = 30_000;

const hearing: RedisFault = {
  id: '4.5',
  what:
    'a follower whose commands are not answered, while it hears the channel: it goes solo, another node begins a later term, ' +
    `Redis is away for ${GONE_MS / 1000} s and back empty: from solo on it shows versions of its own term alone, its figures move; ` +
    'then one leader and one whole document within 15 s',
  timeoutMs: TIMEOUT_MS,
  stage: threeNodes(),
  async strike(stage, watch) {
    const { redis, nodes, keys } = stage;
    await countedAll(stage, watch);
    const leader = await stage.newLeader();
    const alone = nodes.find((node) => node !== leader);
    if (alone === undefined) throw new Error('no follower');
    const others = nodes.filter((node) => node !== alone);
    const sockets = watch.sockets.filter(
      (_, index) => Math.floor(index / SOCKETS_PER_NODE) === alone.index,
    );

    const ears = () => alone.toRedis.connections().filter(({ isSubscriber }) => isSubscriber);
    const [ear] = ears();
    const goneMs = performance.now();
    alone.toRedis.freeze({ only: ({ isSubscriber }) => !isSubscriber });
    const solo = await allSolo([alone], goneMs);
    const term = leader.ownTerm() ?? Number.NaN;
    const isOwn = ({ epoch }: Position) => epoch > term;
    const shown = () => Promise.all(sockets.map((socket) => socket.moves()));
    const own = await until(shown, (positions) => positions.every(isOwn), IN_STEP_WITHIN_MS);
    const ownTerm = own[0]?.epoch ?? Number.NaN;
    const soloMs = performance.now();
    await leader.toRedis.cut();
    // As a node that was further ahead would lift it: whoever leads next begins above what the solo node shows.
    await redis.command('HSET', keys.term, 'term', String(ownTerm));
    const next = await stage.newLeader(undefined, leader);
    await leader.toRedis.heal();
    const { position } = await stage.inStep(IN_STEP_WITHIN_MS, others);
    const isHearing = ear !== undefined && ears().some(({ id }) => id === ear.id);

    await redis.kill();
    const before = sockets.map(figuresOf);
    await wait(GONE_MS);
    const standing = sockets.filter((socket, index) => figuresOf(socket) === before[index]);
    const since = sockets.flatMap(({ seen }) => seen.filter(({ atMs }) => atMs >= soloMs));
    const foreign = since.filter(({ epoch }) => epoch !== ownTerm);
    const isAlone = (await alone.ready()).degraded.includes('solo');
    await redis.restart();
    const backMs = performance.now();
    alone.toRedis.thaw();
    const one = await together(stage, watch, backMs);
    return {
      measured: [
        solo.measured,
        `it ${isHearing ? 'hears' : 'does not hear'} the channel, where node ${next.index} leads ${((position.epoch - ownTerm) / 1000).toFixed(0)} s above its own term`,
        `${since.length} versions shown, ${foreign.length} of another term`,
        `${standing.length} of its sockets whose figures stood while Redis was away`,
        one.measured,
      ].join('; '),
      pass:
        solo.pass &&
        isHearing &&
        position.epoch > ownTerm &&
        isAlone &&
        since.length > 0 &&
        foreign.length === 0 &&
        standing.length === 0 &&
        one.pass,
    };
  },
};

testFaults([redisFault(hearing)]);
