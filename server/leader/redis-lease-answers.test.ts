import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { at, documentWith } from '../broker/test-broker.ts';
import type { AcquireAnswer, KeyForm, LeaseRequest } from '../redis/steps.ts';
import type { LeaseEvent } from './lease.ts';
import { createRedisLease } from './redis-lease.ts';
import { createErrorLog, createQuestions } from './test-questions.ts';

const STAMP = '2026-11-23T07:00:00Z';

/** A lease whose steps a test answers, and whose process stands still when a test says so. */
function make(highestEpoch = 0) {
  const base = createManualClock();
  let laggedMs = 0;
  const clock = { ...base, monotonic: () => base.monotonic() + laggedMs };
  const acquires = createQuestions<LeaseRequest, AcquireAnswer>(base);
  const renewals = createQuestions<number, KeyForm | 'not_leader'>(base);
  const releases = createQuestions<readonly [number, string], void>(base);
  const log = createErrorLog();
  const lease = createRedisLease(
    {
      steps: {
        acquire: acquires.ask,
        renew: renewals.ask,
        release: (epoch, message) => releases.ask([epoch, message]),
      },
      presence: { onConnected: () => () => {} },
      broker: { subscribe: () => () => {} },
      clock,
      random: () => 0,
      log,
      highestEpoch: () => highestEpoch,
      readStored: ({ epoch, seq }) => ({ epoch, seq, document: documentWith(2e12, STAMP) }),
      noteKey: () => {},
    },
    { ttlMs: 5000, freeMessage: 'free' },
  );
  const events: LeaseEvent[] = [];
  lease.subscribe((event) => events.push(event));
  const types = () => events.map(({ type }) => type);
  const start = async () => {
    lease.start();
    await clock.advanceAsync(0);
  };
  const lag = (ms: number) => {
    laggedMs += ms;
  };
  return { clock, acquires, renewals, releases, log, lease, events, types, start, lag };
}

const taken = (epoch: number): AcquireAnswer => ({ taken: true, epoch, stored: null });

describe('the lease in Redis', () => {
  test('tells with the term what was stored when it began', async () => {
    const { acquires, events, start } = make();
    await start();
    await acquires.last().answer({ taken: true, epoch: 9, stored: { ...at(4), json: '{}' } });
    const stored = { ...at(4), document: documentWith(2e12, STAMP) };
    expect(events).toEqual([{ type: 'gained', epoch: 9, stored, nodes: 1 }]);
  });

  test('asks for an epoch above every one it was given and every one that this node knows', async () => {
    const { clock, acquires, lease, start } = make(50);
    await start();
    expect(acquires.last().asked).toEqual({
      ttlMs: 5000,
      nowMs: clock.now(),
      seenEpoch: 50,
      addition: 1,
    });
    await acquires.last().answer(taken(60));
    lease.renewTerm();
    await clock.advanceAsync(1000);
    expect(acquires.last().asked.seenEpoch).toBe(60);
  });

  test('asks for nothing when it is started anew while it is held', async () => {
    const { clock, acquires, lease, types, start } = make();
    await start();
    await acquires.last().answer(taken(9));
    lease.start();
    await clock.advanceAsync(1000);
    expect(acquires.count()).toBe(1);
    expect(types()).toEqual(['gained']);
  });

  test('begins no term with an answer that came after a pause longer than the lease', async () => {
    const { clock, acquires, lease, types, start, lag } = make();
    await start();
    lag(4500);
    await acquires.last().answer(taken(9));
    expect(lease.isHeld()).toBe(false);
    expect(types()).toEqual([]);
    await clock.advanceAsync(1000);
    expect(acquires.last().asked.seenEpoch).toBe(9);
    await acquires.last().answer(taken(10));
    expect(lease.isHeld()).toBe(true);
    expect(types()).toEqual(['gained']);
  });

  test('is lost and tried for again when it is another’s', async () => {
    const { clock, acquires, renewals, lease, types, start } = make();
    await start();
    await acquires.last().answer(taken(9));
    await clock.advanceAsync(1700);
    await renewals.last().answer('not_leader');
    expect(types()).toEqual(['gained', 'lost']);
    expect(lease.isHeld()).toBe(false);
    expect(acquires.count()).toBe(2);
  });

  test('asks nobody anew for a term that is over already', async () => {
    const { clock, acquires, lease, types, start } = make();
    await start();
    await acquires.last().answer({ taken: false, remainingMs: 5000 });
    lease.renewTerm();
    lease.standBack(1000);
    await clock.advanceAsync(4000);
    expect(acquires.count()).toBe(1);
    expect(types()).toEqual([]);
  });

  test('gives up its own term and no other when it stands back, and returns when nobody took it', async () => {
    const { clock, acquires, releases, lease, types, start } = make();
    await start();
    await acquires.last().answer(taken(9));
    lease.standBack(60_000);
    expect(types()).toEqual(['gained', 'lost']);
    expect(releases.last().asked).toEqual([9, 'free']);
    await clock.advanceAsync(1999);
    expect(acquires.count()).toBe(1);
    await clock.advanceAsync(1);
    expect(acquires.count()).toBe(2);
    await releases.last().refuse();
    await acquires.last().answer(taken(10));
    expect(types()).toEqual(['gained', 'lost', 'gained']);
  });
});

describe('a mistake of a listener', () => {
  test('at the beginning of a term leaves the lease to others, and is logged', async () => {
    const { clock, acquires, releases, log, lease, types, start } = make();
    lease.subscribe((event) => {
      if (event.type === 'gained') throw new Error('a mistake');
    });
    await start();
    await acquires.last().answer(taken(9));
    expect(lease.isHeld()).toBe(false);
    expect(types()).toEqual(['gained', 'lost']);
    expect(releases.last().asked).toEqual([9, 'free']);
    expect(log.errors).toHaveLength(1);
    await clock.advanceAsync(1999);
    expect(acquires.count()).toBe(1);
    await clock.advanceAsync(1);
    expect(acquires.count()).toBe(2);
  });

  test('at the end of a term keeps neither the others nor the next term back', async () => {
    const { clock, acquires, renewals, log, lease, types, start } = make();
    const others: string[] = [];
    lease.subscribe((event) => {
      if (event.type === 'lost') throw new Error('a mistake');
    });
    lease.subscribe(({ type }) => void others.push(type));
    await start();
    await acquires.last().answer(taken(9));
    await clock.advanceAsync(1700);
    await renewals.last().answer('not_leader');
    await acquires.last().answer(taken(10));
    expect(types()).toEqual(['gained', 'lost', 'gained']);
    expect(others).toEqual(['gained', 'lost', 'gained']);
    expect(log.errors).toHaveLength(1);
    expect(lease.isHeld()).toBe(true);
  });
});

describe('closing the lease in Redis', () => {
  const close = (under: ReturnType<typeof make>) => {
    const state = { isClosed: false };
    void under.lease.close().then(() => {
      state.isClosed = true;
    });
    return state;
  };

  test('gives it up, and waits until that is said', async () => {
    const under = make();
    await under.start();
    await under.acquires.last().answer(taken(9));
    const state = close(under);
    expect(under.types()).toEqual(['gained', 'lost']);
    expect(under.releases.last().asked).toEqual([9, 'free']);
    await under.clock.advanceAsync(1000);
    expect(state.isClosed).toBe(false);
    await under.releases.last().answer();
    expect(state.isClosed).toBe(true);
    expect(under.clock.pending()).toBe(0);
  });

  test('gives up what a try under way still takes, and begins no term with it', async () => {
    const under = make();
    await under.start();
    const state = close(under);
    await under.acquires.last().answer(taken(9));
    expect(under.types()).toEqual([]);
    expect(under.lease.isHeld()).toBe(false);
    expect(under.releases.last().asked).toEqual([9, 'free']);
    expect(state.isClosed).toBe(false);
    await under.releases.last().answer();
    expect(state.isClosed).toBe(true);
    expect(under.clock.pending()).toBe(0);
  });

  test('comes to its end also when Redis does not answer', async () => {
    const under = make();
    await under.start();
    await under.acquires.last().answer(taken(9));
    await under.clock.advanceAsync(1700);
    const state = close(under);
    await under.releases.last().refuse();
    expect(state.isClosed).toBe(true);
    await under.renewals.last().answer({ epoch: 0, seq: 0, type: 'none', bytes: 0 });
    await under.clock.advanceAsync(60_000);
    expect(under.types()).toEqual(['gained', 'lost']);
    expect(under.clock.pending()).toBe(0);
  });

  test('by a listener that hears of its loss leaves no pursuit behind', async () => {
    const under = make();
    under.lease.subscribe((event) => {
      if (event.type === 'lost') void under.lease.close();
    });
    await under.start();
    await under.acquires.last().answer(taken(9));
    under.lease.renewTerm();
    await under.clock.advanceAsync(60_000);
    expect(under.acquires.count()).toBe(1);
    expect(under.clock.pending()).toBe(0);
  });

  test('before the start is the end as well', async () => {
    const under = make();
    await under.lease.close();
    await under.start();
    expect(under.acquires.count()).toBe(0);
    expect(under.releases.count()).toBe(0);
    expect(under.clock.pending()).toBe(0);
  });
});
