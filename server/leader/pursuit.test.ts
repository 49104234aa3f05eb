import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { AcquireAnswer, LeaseRequest } from '../redis/steps.ts';
import { createPursuit } from './pursuit.ts';
import { createErrorLog, createQuestions } from './test-questions.ts';

/** A pursuit whose tries a test answers. */
function pursue(random = 0.5) {
  const clock = createManualClock();
  const tries = createQuestions<LeaseRequest, AcquireAnswer>(clock);
  const taken: { epoch: number; sentAtMs: number }[] = [];
  const ends = { taken: (): Promise<void> | void => {} };
  const log = createErrorLog();
  const pursuit = createPursuit(
    { steps: { acquire: tries.ask }, clock, random: () => random, log },
    {
      request: () => ({ ttlMs: 5000, nowMs: 0, seenEpoch: tries.count() + 1, addition: 1 }),
      taken({ epoch }, sentAtMs) {
        taken.push({ epoch, sentAtMs });
        return ends.taken();
      },
      takenLate: () => {},
    },
  );
  return { clock, tries, taken, pursuit, ends, news: log.news };
}

const HELD: AcquireAnswer = { taken: false, remainingMs: 5000 };
const TAKEN: AcquireAnswer = { taken: true, epoch: 7, stored: null };

/** How long it is until the next try, looked at every ms. */
async function untilNextTry({ clock, tries }: ReturnType<typeof pursue>, withinMs = 60_000) {
  const before = tries.count();
  const startedAt = clock.monotonic();
  while (tries.count() === before && clock.monotonic() - startedAt < withinMs) {
    await clock.advanceAsync(1);
  }
  return tries.count() === before ? null : clock.monotonic() - startedAt;
}

/** One that has just learned that another node holds the lease for 5 s. */
async function pursueAnother(random?: number) {
  const under = pursue(random);
  under.pursuit.begin();
  await under.clock.advanceAsync(0);
  await under.tries.last().answer(HELD);
  return under;
}

describe('the pursuit of the lease', () => {
  test('asks at once, and tells when what it got was asked for', async () => {
    const { clock, tries, taken, pursuit } = pursue();
    await clock.advanceAsync(1234);
    expect(tries.count()).toBe(0);
    pursuit.begin();
    await clock.advanceAsync(0);
    expect(tries.count()).toBe(1);
    await clock.advanceAsync(900);
    await tries.last().answer(TAKEN);
    expect(taken).toEqual([{ epoch: 7, sentAtMs: 1234 }]);
    expect(clock.pending()).toBe(0);
  });

  test('asks again at the end of another’s lease, spread over a fifth of a second', async () => {
    expect(await untilNextTry(await pursueAnother(0))).toBe(5000);
    expect(await untilNextTry(await pursueAnother(0.999))).toBeWithin(5199, 5201);
  });

  test('says once that another node leads, and again in the next pursuit', async () => {
    const under = pursue();
    under.pursuit.begin();
    await under.clock.advanceAsync(0);
    await under.tries.last().refuse();
    expect(under.news).toEqual([]);
    for (let held = 0; held < 3; held++) {
      await untilNextTry(under);
      await under.tries.last().answer(HELD);
    }
    expect(under.news).toEqual(['following: another node leads']);
    await untilNextTry(under);
    await under.tries.last().answer(TAKEN);
    under.pursuit.begin();
    await untilNextTry(under);
    await under.tries.last().answer(HELD);
    expect(under.news).toHaveLength(2);
  });

  test('makes the question anew for every try', async () => {
    const under = await pursueAnother();
    await untilNextTry(under);
    expect(under.tries.last().asked.seenEpoch).toBe(2);
  });

  test('looks again after ten seconds at a lease that is said to last longer than any', async () => {
    const under = pursue(0);
    under.pursuit.begin();
    await under.clock.advanceAsync(0);
    await under.tries.last().answer({ taken: false, remainingMs: 31_536_000_000 });
    expect(await untilNextTry(under)).toBe(10_000);
  });

  test('asks at once when the lease is said to be free', async () => {
    const under = await pursueAnother();
    await under.clock.advanceAsync(1000);
    under.pursuit.hurry('free');
    expect(await untilNextTry(under)).toBeLessThanOrEqual(1);
  });

  test('asks again at once when there was news while it asked: the answer may be older', async () => {
    const under = await pursueAnother(0);
    await untilNextTry(under);
    under.pursuit.hurry('free');
    await under.clock.advanceAsync(300);
    expect(under.tries.count()).toBe(2);
    await under.tries.last().answer(HELD);
    expect(under.tries.count()).toBe(3);
    await under.tries.last().answer(HELD);
    expect(await untilNextTry(under)).toBe(5000);
  });

  test('asks no more than five times a second, however often the lease is said to be free', async () => {
    const { clock, tries, pursuit } = await pursueAnother(0);
    for (let turn = 0; turn < 1000; turn++) {
      const before = tries.count();
      pursuit.hurry('free');
      await clock.advanceAsync(10);
      if (tries.count() > before) await tries.last().answer(HELD);
    }
    expect(tries.count()).toBeWithin(40, 53);
  });

  test('does not ask before it has begun, nor once it is taken, whatever the news', async () => {
    const { clock, tries, pursuit } = pursue();
    pursuit.hurry('free');
    await clock.advanceAsync(60_000);
    expect(tries.count()).toBe(0);
    pursuit.begin();
    await clock.advanceAsync(0);
    pursuit.hurry('free');
    await tries.last().answer(TAKEN);
    pursuit.hurry('free');
    await clock.advanceAsync(60_000);
    expect(tries.count()).toBe(1);
  });

  test('begins no two terms within a second: each costs the upstreams a round', async () => {
    const under = pursue();
    under.pursuit.begin();
    await under.clock.advanceAsync(0);
    await under.tries.last().answer(TAKEN);
    under.pursuit.begin();
    expect(await untilNextTry(under)).toBe(1000);
    await under.tries.last().answer(TAKEN);
    await under.clock.advanceAsync(5000);
    under.pursuit.begin();
    expect(await untilNextTry(under)).toBeLessThanOrEqual(1);
  });
});

describe('a pursuit that gets no answer', () => {
  test('waits ever longer, ten seconds at most, and begins anew after an answer', async () => {
    const under = pursue(0.999_999);
    under.pursuit.begin();
    await under.clock.advanceAsync(0);
    const waits: (number | null)[] = [];
    for (let turn = 0; turn < 9; turn++) {
      await under.tries.last().refuse();
      waits.push(await untilNextTry(under));
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
    await under.tries.last().answer({ taken: false, remainingMs: 0 });
    await untilNextTry(under);
    await under.tries.last().refuse();
    expect(await untilNextTry(under)).toBe(250);
  });

  test('asks at once when a connection stands', async () => {
    const under = pursue();
    under.pursuit.begin();
    await under.clock.advanceAsync(0);
    for (let turn = 0; turn < 7; turn++) {
      await under.tries.last().refuse();
      await untilNextTry(under);
    }
    await under.tries.last().refuse();
    under.pursuit.hurry('connected');
    expect(await untilNextTry(under)).toBeLessThanOrEqual(200);
  });

  test('goes on after a question that could not even be made', async () => {
    const clock = createManualClock();
    let made = 0;
    const pursuit = createPursuit(
      { steps: { acquire: async () => HELD }, clock, random: () => 0, log: createErrorLog() },
      {
        request() {
          made++;
          throw new Error('no question');
        },
        taken: () => {},
        takenLate: () => {},
      },
    );
    pursuit.begin();
    await clock.advanceAsync(10_000);
    expect(made).toBeGreaterThan(3);
  });
});

describe('standing back', () => {
  const standBack = async (forMs = 60_000) => {
    const under = pursue(0);
    under.pursuit.standBack(forMs);
    under.pursuit.begin();
    return under;
  };

  test('leaves a free lease to the others for two seconds', async () => {
    const under = await standBack();
    expect(await untilNextTry(under)).toBe(2000);
  });

  test('counts the two seconds from when the lease became free', async () => {
    const under = await standBack();
    await under.clock.advanceAsync(1500);
    under.pursuit.hurry('free');
    expect(await untilNextTry(under)).toBe(2000);
    await under.tries.last().answer(HELD);
    expect(await untilNextTry(under)).toBe(7000);
  });

  test('counts them also from news that came while it asked', async () => {
    const under = await standBack();
    await untilNextTry(under);
    under.pursuit.hurry('free');
    await under.tries.last().answer(HELD);
    expect(await untilNextTry(under)).toBe(2000);
  });

  test('ends when its time is over', async () => {
    const under = await standBack(3000);
    await untilNextTry(under);
    await under.clock.advanceAsync(1000);
    await under.tries.last().answer(HELD);
    expect(await untilNextTry(under)).toBe(5000);
  });

  test('ends with the lease: nobody else wanted it', async () => {
    const under = await standBack();
    await untilNextTry(under);
    await under.tries.last().answer(TAKEN);
    await under.clock.advanceAsync(2000);
    under.pursuit.begin();
    expect(await untilNextTry(under)).toBeLessThanOrEqual(1);
  });
});

describe('the end of a pursuit', () => {
  test('leaves nothing behind, and nothing brings it back', async () => {
    const { clock, tries, pursuit } = await pursueAnother();
    await pursuit.stop();
    expect(clock.pending()).toBe(0);
    pursuit.begin();
    pursuit.hurry('free');
    await clock.advanceAsync(60_000);
    expect(tries.count()).toBe(1);
  });

  test('waits for a try under way, and for what follows when that takes the lease', async () => {
    const { clock, tries, taken, pursuit, ends } = pursue();
    const released = Promise.withResolvers<void>();
    ends.taken = () => released.promise;
    pursuit.begin();
    await clock.advanceAsync(0);
    let isStopped = false;
    void pursuit.stop().then(() => {
      isStopped = true;
    });
    await clock.advanceAsync(1000);
    expect(isStopped).toBe(false);
    await tries.last().answer(TAKEN);
    expect(taken).toHaveLength(1);
    expect(isStopped).toBe(false);
    released.resolve();
    await clock.advanceAsync(0);
    expect(isStopped).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  test('waits for a try under way that is refused', async () => {
    const { clock, tries, taken, pursuit } = pursue();
    pursuit.begin();
    await clock.advanceAsync(0);
    const stopped = pursuit.stop();
    await tries.last().refuse();
    await stopped;
    expect(taken).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
