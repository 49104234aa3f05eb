import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import {
  type AcquireAnswer,
  type KeyForm,
  type LeaseRequest,
  NoAnswerError,
  STEP_TIMEOUT_MS,
} from '../redis/steps.ts';
import { createRedisLease } from './redis-lease.ts';
import { createErrorLog, createQuestions } from './test-questions.ts';

const TTL_MS = 5000;
/** The lease that a try may have taken, and the turn of the others. */
const IN_DOUBT_MS = TTL_MS + 200;
const STAND_BACK_MS = 2000;

type Late = (answer: AcquireAnswer) => void;

/** A started lease whose steps a test answers in time, late, or never. */
async function start() {
  const clock = createManualClock();
  const acquires = createQuestions<LeaseRequest, AcquireAnswer>(clock);
  const renewals = createQuestions<number, KeyForm | 'not_leader'>(clock);
  const releases: number[] = [];
  const lates: Late[] = [];
  const told = { connected: () => {}, free: () => {} };
  const lease = createRedisLease(
    {
      steps: {
        acquire(request, late) {
          if (late !== undefined) lates.push(late);
          return acquires.ask(request);
        },
        renew: renewals.ask,
        release: async (epoch) => void releases.push(epoch),
      },
      presence: {
        onConnected(listener) {
          told.connected = listener;
          return () => {};
        },
      },
      broker: {
        subscribe(listener) {
          told.free = () => listener({ type: 'lease_free' });
          return () => {};
        },
      },
      clock,
      random: () => 0,
      log: createErrorLog(),
      highestEpoch: () => 0,
      readStored: () => null,
      noteKey: () => {},
    },
    { ttlMs: TTL_MS, freeMessage: 'free' },
  );
  lease.start();
  await clock.advanceAsync(0);
  /** The newest try meets its deadline. */
  const giveUpOn = async () => {
    await clock.advanceAsync(STEP_TIMEOUT_MS);
    await acquires.last().refuse(new NoAnswerError('no answer'));
  };
  /** How long it is until the next try, looked at every ms. */
  const untilNextTry = async () => {
    const before = acquires.count();
    const startedAt = clock.monotonic();
    while (acquires.count() === before && clock.monotonic() - startedAt < 60_000) {
      await clock.advanceAsync(1);
    }
    return clock.monotonic() - startedAt;
  };
  return { clock, acquires, renewals, releases, lates, told, lease, giveUpOn, untilNextTry };
}

const taken = (epoch: number): AcquireAnswer => ({ taken: true, epoch, stored: null });

describe('a try for the lease that is not answered in time', () => {
  test('is not made again before what it may have taken is over and others had their turn', async () => {
    const { giveUpOn, untilNextTry } = await start();
    for (let turn = 0; turn < 3; turn++) {
      await giveUpOn();
      expect(await untilNextTry()).toBe(IN_DOUBT_MS);
    }
  });

  test('nor on a new connection, over which nothing may be answered either', async () => {
    const { clock, told, giveUpOn, untilNextTry } = await start();
    await giveUpOn();
    await clock.advanceAsync(1000);
    told.connected();
    expect(await untilNextTry()).toBe(IN_DOUBT_MS - 1000);
  });

  test('is made again two seconds after the lease was given up: others go first', async () => {
    const { clock, told, giveUpOn, untilNextTry } = await start();
    await giveUpOn();
    await clock.advanceAsync(1000);
    told.free();
    expect(await untilNextTry()).toBe(STAND_BACK_MS);
  });

  test('keeps nobody back after a later one that was answered', async () => {
    const { acquires, told, giveUpOn, untilNextTry } = await start();
    await giveUpOn();
    await untilNextTry();
    await acquires.last().answer({ taken: false, remainingMs: 3000 });
    expect(await untilNextTry()).toBe(3000);
    await acquires.last().answer({ taken: false, remainingMs: 3000 });
    told.connected();
    expect(await untilNextTry()).toBeLessThanOrEqual(200);
  });

  test('is no reason to wait when it was refused', async () => {
    const { acquires, told, untilNextTry } = await start();
    await acquires.last().refuse();
    told.connected();
    expect(await untilNextTry()).toBeLessThanOrEqual(200);
  });

  test('gives back what it took when that is said late, and lets others go first', async () => {
    const { clock, releases, lates, lease, giveUpOn, untilNextTry } = await start();
    await giveUpOn();
    await clock.advanceAsync(200);
    lates[0]?.(taken(9));
    expect(releases).toEqual([9]);
    expect(lease.isHeld()).toBe(false);
    expect(await untilNextTry()).toBe(STAND_BACK_MS);
  });

  test('gives nothing back when another node has the lease', async () => {
    const { releases, lates, giveUpOn, untilNextTry } = await start();
    await giveUpOn();
    lates[0]?.({ taken: false, remainingMs: 4000 });
    expect(releases).toEqual([]);
    expect(await untilNextTry()).toBe(IN_DOUBT_MS);
  });

  test('takes nothing from a later one that is under way, or leads, or from another lease of the node', async () => {
    const { acquires, releases, lates, lease, giveUpOn, untilNextTry } = await start();
    await giveUpOn();
    await untilNextTry();
    lates[0]?.(taken(9));
    await acquires.last().answer(taken(10));
    lates[0]?.(taken(9));
    expect(lease.isHeld()).toBe(true);
    expect(releases).toEqual([]);
    await lease.close();
    lates[0]?.(taken(9));
    expect(releases).toEqual([10]);
  });
});

describe('a leader whose renewals are not answered in time', () => {
  test('gives its lease up and lets others go first for two lives of the lease', async () => {
    const { clock, acquires, releases, lease, told, untilNextTry } = await start();
    await acquires.last().answer(taken(9));
    await clock.advanceAsync(TTL_MS - 500);
    expect(lease.isHeld()).toBe(false);
    expect(releases).toEqual([9]);
    expect(await untilNextTry()).toBe(STAND_BACK_MS);
    await acquires.last().answer({ taken: false, remainingMs: TTL_MS });
    await clock.advanceAsync(2 * TTL_MS - STAND_BACK_MS - 4000);
    told.free();
    expect(await untilNextTry()).toBe(STAND_BACK_MS);
    await acquires.last().answer({ taken: false, remainingMs: TTL_MS });
    await clock.advanceAsync(STAND_BACK_MS);
    told.free();
    expect(await untilNextTry()).toBeLessThanOrEqual(1);
  });

  test('keeps its lease for a term of its own when Redis says that the term is another’s', async () => {
    const { clock, acquires, renewals, releases } = await start();
    await acquires.last().answer(taken(9));
    await clock.advanceAsync(1700);
    await renewals.last().answer('not_leader');
    expect(releases).toEqual([]);
    expect(acquires.count()).toBe(2);
  });
});
