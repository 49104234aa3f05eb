import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { FAILURES_BEFORE_OPEN } from './breaker.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createRoute, failed, START, setUpRoutes } from './scripted-rounds.ts';

/** How long a breaker is open first, with the random number of the tests, ms. */
const OPEN_MS = 0.75 * 15_000;

/** Two routes of one upstream that never answers, and one of another that does. */
function setUp() {
  const market = createRoute('coingecko', '/global');
  const price = createRoute('coingecko', '/price');
  const fng = createRoute('alternative_me', '/fng/');
  const parts = setUpRoutes([market, price, fng]);
  for (const route of [market, price]) route.always(() => failed('timeout'));
  fng.always(() => parts.ok());
  return {
    ...{ market, price, fng, ...parts },
    /** Rounds one after another. */
    async refresh(times: number) {
      for (let i = 0; i < times; i++) await parts.schedule.refresh();
    },
  };
}

describe('an upstream that fails in five rounds in a row', () => {
  test('is left alone, others are not, and its next attempt is said', async () => {
    const { schedule, clock, refresh, counts, reportOf } = setUp();
    await refresh(FAILURES_BEFORE_OPEN + 3);
    expect(counts()).toEqual([5, 5, 8]);
    schedule.start();
    await clock.advanceAsync(0);
    expect(reportOf('coingecko')).toMatchObject({
      state: 'failing',
      nextAttemptAtMs: START + 300_000,
    });
  });

  test('is asked by exactly one call when its time is over, and by none until the next time', async () => {
    const { clock, refresh, counts } = setUp();
    await refresh(FAILURES_BEFORE_OPEN);
    await clock.advanceAsync(OPEN_MS - 1);
    await refresh(1);
    expect(counts().slice(0, 2)).toEqual([5, 5]);
    await clock.advanceAsync(1);
    await refresh(3);
    expect(counts().slice(0, 2)).toEqual([6, 5]);
    await clock.advanceAsync(2 * OPEN_MS - 1);
    await refresh(1);
    expect(counts().slice(0, 2)).toEqual([6, 5]);
    await clock.advanceAsync(1);
    await refresh(1);
    expect(counts().slice(0, 2)).toEqual([7, 5]);
  });

  test('is asked for all when that one call succeeds, in the same round', async () => {
    const { schedule, clock, market, price, refresh, counts, heard, ok } = setUp();
    await refresh(FAILURES_BEFORE_OPEN);
    await clock.advanceAsync(OPEN_MS);
    const probe = Promise.withResolvers<ReturnType<typeof ok>>();
    market.task.call = () => {
      market.calls.push(probe);
      return probe.promise;
    };
    price.always(() => ok('price'));
    const round = schedule.refresh();
    const asked = schedule.ask([price.task]);
    await clock.advanceAsync(8000);
    expect(counts()).toEqual([6, 5, 6]);
    probe.resolve(ok('market'));
    expect(await Promise.all([round, asked])).toEqual(['answered', 'answered']);
    expect(counts()).toEqual([6, 6, 6]);
    expect(heard).toContainEqual(['price']);
    void schedule.refresh();
    expect(counts()).toEqual([7, 7, 7]);
  });

  test('is left alone anew only after five more, once it has answered', async () => {
    const { clock, market, price, refresh, counts, ok } = setUp();
    await refresh(FAILURES_BEFORE_OPEN);
    await clock.advanceAsync(OPEN_MS);
    market.always(() => ok());
    await refresh(1);
    for (const route of [market, price]) route.always(() => failed('timeout'));
    await refresh(FAILURES_BEFORE_OPEN + 2);
    expect(counts().slice(0, 2)).toEqual([11, 11]);
  });

  test('is not left alone for longer because its one call is limited or refused', async () => {
    const { clock, market, price, refresh, counts } = setUp();
    await refresh(FAILURES_BEFORE_OPEN);
    await clock.advanceAsync(OPEN_MS);
    market.always(() => failed('rate_limited', clock.now() + 1000));
    await refresh(2);
    expect(counts().slice(0, 2)).toEqual([6, 5]);
    await clock.advanceAsync(1000);
    market.always(() => failed('blocked'));
    await refresh(1);
    // The other route finds out then.
    expect(counts().slice(0, 2)).toEqual([7, 6]);
    expect(price.calls).toHaveLength(6);
  });

  test('is passed over by its chain while one call finds out, and at once when it has failed', async () => {
    const first = createRoute('coingecko', '/a');
    const second = createRoute('coingecko', '/b', { chain: 'market' });
    const standIn = createRoute('coinpaprika', '/c', { chain: 'market' });
    const { schedule, clock, counts, ok } = setUpRoutes([first, second, standIn]);
    for (const route of [first, second]) route.always(() => failed('timeout'));
    standIn.always(() => ok());
    for (let i = 0; i < FAILURES_BEFORE_OPEN; i++) await schedule.refresh();
    expect(counts()).toEqual([5, 5, 5]);
    await clock.advanceAsync(OPEN_MS);
    const call = Promise.withResolvers<ReturnType<typeof failed>>();
    first.task.call = () => call.promise;
    const round = schedule.refresh();
    await clock.advanceAsync(2499);
    expect(counts()).toEqual([5, 5, 5]);
    await clock.advanceAsync(1);
    expect(counts()).toEqual([5, 5, 6]);
    call.resolve(failed('timeout'));
    await round;
    expect(counts()).toEqual([5, 5, 6]);
    // Open again: the stand-in is asked without waiting.
    const next = schedule.refresh();
    expect(counts()).toEqual([5, 5, 7]);
    await next;
    await clock.advanceAsync(2 * OPEN_MS);
    first.always(() => failed('timeout'));
    await schedule.refresh();
    expect(counts()).toEqual([6, 5, 8]);
  });

  test('is not one that limits or refuses: those have pauses of their own', async () => {
    for (const code of ['rate_limited', 'blocked'] as const) {
      const { clock, market, price, refresh, counts } = setUp();
      for (const route of [market, price]) route.always(() => failed(code, START));
      for (let i = 0; i < 2 * FAILURES_BEFORE_OPEN; i++) {
        await refresh(1);
        await clock.advanceAsync(30 * 60_000);
      }
      expect(counts().slice(0, 2)).toEqual([10, 10]);
    }
  });

  test('is not one of whose routes any answers', async () => {
    const { market, refresh, counts, ok } = setUp();
    market.always(() => ok());
    await refresh(2 * FAILURES_BEFORE_OPEN);
    expect(counts()).toEqual([10, 10, 10]);
    market.always(() => failed('timeout'));
    await refresh(FAILURES_BEFORE_OPEN + 2);
    expect(counts()).toEqual([15, 15, 17]);
  });

  test('is none for what fails when it is asked out of turn: other routes may answer', async () => {
    const { schedule, price, counts } = setUp();
    for (let i = 0; i < 8; i++) await schedule.ask([price.task]);
    expect(counts()).toEqual([0, 8, 0]);
  });

  test('has its one call again when this node may not make it', async () => {
    const { schedule, clock, lease, refresh, counts, heard, market, fng, ok } = setUp();
    await refresh(FAILURES_BEFORE_OPEN);
    await clock.advanceAsync(OPEN_MS);
    let asked = 0;
    market.task.isWanted = () => {
      asked += 1;
      return true;
    };
    fng.task.isWanted = () => {
      // The last to be asked before calls are made.
      lease.isHeld = false;
      return true;
    };
    await schedule.refresh();
    expect(heard.at(-1)).toBe('failed, nothing called');
    expect([asked, ...counts().slice(0, 2)]).toEqual([1, 5, 5]);
    lease.isHeld = true;
    fng.task.isWanted = () => true;
    market.always(() => ok());
    await schedule.refresh();
    expect(counts().slice(0, 2)).toEqual([6, 6]);
  });
});

test('rounds that are tried early while nothing is known find no breaker in their way', async () => {
  const clock = createManualClock(START);
  const only = createRoute('coingecko', '/global');
  const times: number[] = [];
  only.always(() => {
    times.push((clock.now() - START) / 1000);
    return failed('timeout');
  });
  const { schedule } = setUpRoutes([only], clock, createMemoryLedger(clock), {
    retryEarlyMs: (failures) => 15_000 * 2 ** (failures - 1),
  });
  schedule.start();
  await clock.advanceAsync(2000 * 1000);
  expect(times).toEqual([0, 15, 45, 105, 225, 465, 765, 1065, 1365, 1665, 1965]);
});
