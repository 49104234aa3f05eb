import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Clock } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { BrokerEvent } from '../broker/broker.ts';
import { createFakeRedis, type FakeRedis, type Fate } from './fake-redis.ts';
import type { Lease } from './lease.ts';
import { createRedisLease } from './redis-lease.ts';
import { createErrorLog } from './test-questions.ts';

const TTL_MS = 5000;
const NODES = 3;

/** The clock of a process that can stand still: what is due meanwhile happens when it goes on. */
function createPausableClock(base: ManualClock, wallOffsetMs: number) {
  let isPaused = false;
  let due = new Set<() => void>();
  const clock: Clock = {
    now: () => base.now() + wallOffsetMs,
    monotonic: base.monotonic,
    after(delayMs, run) {
      const ring = () => {
        if (isPaused) due.add(run);
        else run();
      };
      const timer = base.after(delayMs, ring);
      return {
        cancel() {
          timer.cancel();
          due.delete(run);
        },
      };
    },
  };
  return {
    clock,
    pause(forMs: number) {
      if (isPaused) return;
      isPaused = true;
      base.after(forMs, () => {
        isPaused = false;
        for (const run of due) base.after(0, run);
        due = new Set();
      });
    },
  };
}

/** Most steps are quick; some are slow, executed after their deadline, or lost on either way. */
const FATE: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      thereMs: fc.integer({ min: 0, max: 50 }),
      backMs: fc.integer({ min: 0, max: 50 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      thereMs: fc.integer({ min: 0, max: 900 }),
      backMs: fc.integer({ min: 0, max: 900 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      thereMs: fc.oneof(fc.integer({ min: 0, max: 12_000 }), fc.constant(null)),
      backMs: fc.constantFrom(0, null),
    }),
  },
);

const HAPPENING = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 6000 })),
  who: fc.nat(NODES - 1),
  what: fc.constantFrom(
    'pause',
    'stand back',
    'renew the term',
    'raise',
    'connected',
    'restart',
    'nothing',
  ),
  forMs: fc.integer({ min: 0, max: 15_000 }),
});
type Happening = typeof HAPPENING extends fc.Arbitrary<infer T> ? T : never;

const SCENE = fc.record({
  fates: fc.array(FATE, { minLength: 5, maxLength: 60 }),
  randoms: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: 3,
    maxLength: 20,
  }),
  happenings: fc.array(HAPPENING, { minLength: 5, maxLength: 40 }),
  wallOffsetsMs: fc.array(fc.integer({ min: -3_600_000, max: 3_600_000 }), {
    minLength: NODES,
    maxLength: NODES,
  }),
});

/** Hands out the elements over and over. */
function cycle<T>(list: readonly T[], otherwise: T): () => T {
  let index = 0;
  return () => list[index++ % list.length] ?? otherwise;
}

/** What must hold of all nodes together, written down as it is broken. */
interface Witness {
  readonly broken: string[];
  gained(who: number, epoch: number): void;
  lost(who: number): void;
}

/** @param isHeldBesides whether another one holds the lease as well */
function createWitness(isHeldBesides: (who: number) => boolean): Witness {
  const broken: string[] = [];
  const leading = new Set<number>();
  let highest = 0;
  return {
    broken,
    gained(who, epoch) {
      if (leading.has(who)) broken.push(`${who} gained twice`);
      if (isHeldBesides(who)) broken.push(`${who} gained what another holds`);
      if (epoch <= highest) broken.push(`${who} gained ${epoch}, not above ${highest}`);
      leading.add(who);
      highest = Math.max(highest, epoch);
    },
    lost(who) {
      if (!leading.delete(who)) broken.push(`${who} lost what it had not`);
    },
  };
}

interface World {
  readonly base: ManualClock;
  readonly redis: FakeRedis;
  readonly fate: () => Fate;
  readonly random: () => number;
  readonly witness: Witness;
}

/** A node whose lease can be closed and made anew, as one that was solo does. */
function createNode(who: number, wallOffsetMs: number, world: World) {
  const { base, redis, fate, random, witness } = world;
  const { clock, pause } = createPausableClock(base, wallOffsetMs);
  const steps = redis.stepsOf(`node ${who}`, clock, fate);
  const connected = new Set<() => void>();
  const hearing = new Set<(event: BrokerEvent) => void>();
  redis.onFree(() => {
    // The channel is slow and lossy too.
    const { thereMs } = fate();
    if (thereMs === null) return;
    clock.after(thereMs, () => {
      for (const listener of [...hearing]) listener({ type: 'lease_free' });
    });
  });
  let seen = 0;
  let restarting: Promise<void> | null = null;
  const open = () => {
    const lease = createRedisLease(
      {
        steps,
        presence: { onConnected: (listener) => join(connected, listener) },
        broker: { subscribe: (listener) => join(hearing, listener) },
        clock,
        random,
        log: createErrorLog(),
        highestEpoch: () => seen,
        readStored: () => null,
        noteKey: () => {},
      },
      { ttlMs: TTL_MS, freeMessage: 'free' },
    );
    lease.subscribe((event) => {
      if (event.type === 'lost') return witness.lost(who);
      seen = event.epoch;
      witness.gained(who, event.epoch);
    });
    lease.start();
    return lease;
  };
  let lease: Lease = open();
  return {
    isHeld: () => lease.isHeld(),
    close: () => lease.close(),
    happen({ what, forMs }: Happening) {
      if (what === 'pause') pause(forMs);
      if (what === 'stand back') lease.standBack(forMs);
      if (what === 'renew the term') lease.renewTerm();
      if (what === 'raise') steps.raise({ epoch: seen + forMs, seq: 1, json: '' }).catch(() => {});
      if (what === 'connected') for (const listener of [...connected]) listener();
      if (what === 'restart' && restarting === null) {
        restarting = lease.close().then(() => {
          lease = open();
          restarting = null;
        });
      }
    },
  };
}

function join<T>(set: Set<T>, listener: T): () => void {
  set.add(listener);
  return () => void set.delete(listener);
}

/** Long enough for everything that is late, and for a lease that was left behind. */
const AFTERWARDS_MS = 40_000;

test('whatever happens to steps and processes: one leader at a time, epochs that rise, and one leader in the end', async () => {
  await fc.assert(
    fc.asyncProperty(SCENE, async ({ fates, randoms, happenings, wallOffsetsMs }) => {
      const base = createManualClock();
      const redis = createFakeRedis(base);
      const nodes: ReturnType<typeof createNode>[] = [];
      const witness = createWitness((who) =>
        nodes.some((node, other) => other !== who && node.isHeld()),
      );
      let isCalm = false;
      const draw = cycle<Fate>(fates, { thereMs: 0, backMs: 0 });
      const fate = () => (isCalm ? { thereMs: 1, backMs: 1 } : draw());
      const world = { base, redis, fate, random: cycle(randoms, 0), witness };
      for (const [who, offsetMs] of wallOffsetsMs.entries()) {
        nodes.push(createNode(who, offsetMs, world));
      }
      const holders = () => nodes.filter((node) => node.isHeld()).length;
      const go = async (ms: number) => {
        for (let left = ms; left > 0; left -= 100) {
          await base.advanceAsync(Math.min(100, left));
          if (holders() > 1) witness.broken.push(`${holders()} leaders at ${base.monotonic()}`);
        }
      };
      for (const happening of happenings) {
        await go(happening.afterMs);
        nodes[happening.who]?.happen(happening);
        await base.advanceAsync(0);
        if (holders() > 1) witness.broken.push(`two leaders after ${happening.what}`);
      }
      isCalm = true;
      await go(AFTERWARDS_MS);
      expect(witness.broken).toEqual([]);
      expect(holders()).toBe(1);
      const closed = Promise.all(nodes.map((node) => node.close()));
      await base.advanceAsync(100);
      await closed;
      expect(redis.holder()).toBeNull();
      expect(base.pending()).toBe(0);
    }),
    { numRuns: 300 },
  );
}, 120_000);
