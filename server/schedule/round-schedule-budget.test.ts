import { describe, expect, test } from 'bun:test';
import { BLOCKED_PAUSE_MS } from './account.ts';
import { MAX_PAUSE_MS } from './ledger.ts';
import type { Limits } from './schedule.ts';
import { createRoute, failed, INTERVAL_MS, START, setUp, setUpRoutes } from './scripted-rounds.ts';

describe('a round within its budgets', () => {
  test('leaves out an upstream that asked to wait and keeps what is known of it', async () => {
    const { schedule, clock, market, price, counts, reportOf, allOk } = setUp();
    allOk();
    price.always(() => failed('rate_limited', START + INTERVAL_MS + 1));
    schedule.start();
    await clock.advanceAsync(0);
    const report = reportOf('coingecko');
    expect(report).toMatchObject({
      state: 'rate_limited',
      nextAttemptAtMs: START + 2 * INTERVAL_MS,
      error: { code: 'rate_limited', atMs: START },
    });
    await clock.advanceAsync(INTERVAL_MS);
    expect(counts()).toEqual([1, 1, 2]);
    expect(reportOf('coingecko')).toEqual(report ?? expect.unreachable());
    price.always(() => ({ ok: true, readings: [], receivedAtMs: clock.now() }));
    await clock.advanceAsync(INTERVAL_MS);
    expect([market.calls.length, price.calls.length]).toEqual([2, 2]);
    expect(reportOf('coingecko')).toMatchObject({ state: 'ok', error: null });
  });

  test('asks a blocked upstream rarely and a failing one in every round', async () => {
    const { schedule, clock, market, price, fng, counts } = setUp();
    market.always(() => failed('blocked'));
    price.always(() => failed('blocked'));
    fng.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(BLOCKED_PAUSE_MS);
    expect(counts()).toEqual([2, 2, 7]);
  });

  test('counts for a refresh, too', async () => {
    const { schedule, clock, routes, counts, heard } = setUp();
    for (const route of routes) route.always(() => failed('rate_limited'));
    schedule.start();
    await clock.advanceAsync(1000);
    expect(await schedule.refresh()).toBe('failed');
    expect(counts()).toEqual([1, 1, 1]);
    expect(heard).toEqual([
      ...['started', 'reports', 'failed'],
      ...['started', 'reports', 'failed, nothing called'],
    ]);
  });

  test('keeps to what an earlier term was told, and says when it may ask again', async () => {
    const first = setUp();
    first.allOk();
    first.price.always(() => failed('rate_limited', START + INTERVAL_MS + 1));
    first.fng.always(() => failed('blocked'));
    first.schedule.start();
    await first.clock.advanceAsync(1000);
    first.schedule.close();
    const next = setUp(first.clock, first.ledger);
    next.allOk();
    next.schedule.start();
    await next.clock.advanceAsync(0);
    expect(next.counts()).toEqual([0, 0, 0]);
    expect(next.heard).toEqual(['started', 'reports', 'failed, nothing called']);
    expect([next.reportOf('coingecko'), next.reportOf('alternative_me')]).toEqual([
      undefined,
      undefined,
    ]);
    const beat = (count: number) => START + 1000 + count * INTERVAL_MS;
    expect(next.postponed()).toEqual([
      ['coingecko', beat(1)],
      ['alternative_me', beat(BLOCKED_PAUSE_MS / INTERVAL_MS)],
    ]);
    await next.clock.advanceAsync(INTERVAL_MS);
    expect(next.counts()).toEqual([1, 1, 0]);
    expect(next.postponed().map(([source]) => source)).toEqual(['alternative_me']);
  });

  test('counts its calls before it makes them', async () => {
    const { schedule, clock, market, price, ledger } = setUp();
    schedule.start();
    expect(ledger.calls('coingecko')).toEqual({ today: 2, thisMonth: 2 });
    market.answer(failed('blocked'));
    price.answer(failed('timeout'));
    await clock.advanceAsync(0);
    schedule.close();
    expect(ledger.calls('coingecko').today).toBe(2);
  });

  test('counts no call while this node may make none', async () => {
    const { schedule, lease, ledger } = setUp();
    lease.isHeld = false;
    schedule.start();
    expect(ledger.calls('coingecko').today).toBe(0);
  });
});

describe('the limits of an upstream', () => {
  /** Two routes of one upstream that always answers. */
  function setUpLimited(limits: Limits) {
    const global = createRoute('coingecko', '/global', { limits });
    const price = createRoute('coingecko', '/price', { limits });
    const parts = setUpRoutes([global, price]);
    parts.allOk();
    return { global, price, ...parts };
  }

  test('hold per minute, whoever presses refresh, and the first of the list goes first', async () => {
    const { schedule, clock, counts, reportOf } = setUpLimited({ perMinute: 5 });
    schedule.start();
    for (let second = 0; second < 59; second++) {
      await clock.advanceAsync(1000);
      await schedule.refresh();
    }
    expect(counts()).toEqual([3, 2]);
    expect(reportOf('coingecko')).toMatchObject({ state: 'ok', error: null });
    await clock.advanceAsync(1000);
    await schedule.refresh();
    expect(counts()).toEqual([4, 3]);
  });

  test('hold per day, and say when the next round may ask', async () => {
    const { schedule, clock, counts, reportOf, ledger } = setUpLimited({ perDay: 24 });
    schedule.start();
    for (let i = 0; i < 100; i++) await schedule.refresh();
    // Seven hours into the day: 5 at its beginning, and 7/24 of the other 19.
    expect(counts()).toEqual([5, 5]);
    expect(ledger.calls('coingecko')).toEqual({ today: 10, thisMonth: 10 });
    const dueAtMs = Date.UTC(2026, 10, 23) + (6 / 19) * 86_400_000;
    const beats = Math.ceil((dueAtMs - START) / INTERVAL_MS);
    expect(reportOf('coingecko')?.nextAttemptAtMs).toBe(START + beats * INTERVAL_MS);
    await clock.advanceAsync(beats * INTERVAL_MS - 1);
    expect(counts()).toEqual([5, 5]);
    await clock.advanceAsync(1);
    expect(counts()).toEqual([6, 5]);
  });

  test('hold for a month of rounds and refreshes, from one term to the next', async () => {
    const limits = { perMonth: 1000 };
    let { schedule, clock, ledger } = setUpLimited(limits);
    clock.setWall(Date.UTC(2026, 10, 1));
    schedule.start();
    let calls = 0;
    for (let day = 0; day < 30; day++) {
      for (let hour = 0; hour < 24; hour++) {
        await clock.advanceAsync(3_600_000 - 1);
        await schedule.refresh();
      }
      calls = ledger.calls('coingecko').thisMonth;
      expect(calls).toBeGreaterThanOrEqual(33 * (day + 1));
      schedule.close();
      const routes = ['/global', '/price'].map((route) =>
        createRoute('coingecko', route, { limits }),
      );
      const next = setUpRoutes(routes, clock, ledger);
      next.allOk();
      next.schedule.start();
      schedule = next.schedule;
    }
    expect(calls).toBeLessThanOrEqual(1000);
    await clock.advanceAsync(INTERVAL_MS);
    expect(new Date(clock.now()).getUTCMonth()).toBe(11);
    expect(ledger.calls('coingecko').thisMonth).toBeGreaterThan(0);
  });

  test('say how far apart its rounds are', () => {
    const { schedule } = setUpLimited({ perMonth: 10_000 });
    expect(schedule.intervalS('coingecko')).toBe(536);
    expect(schedule.intervalS('kraken')).toBe(INTERVAL_MS / 1000);
    expect(setUpLimited({ perMinute: 30 }).schedule.intervalS('coingecko')).toBe(300);
  });
});

describe('pitfalls of rate limits', () => {
  /** When one route was called, s; every call is answered with what the test says. */
  async function walk(answer: (count: number) => ReturnType<typeof failed> | null, forS: number) {
    const route = createRoute('taapi', '/rsi', { limits: { minCallIntervalMs: 15_000 } });
    const parts = setUpRoutes([route]);
    const times: number[] = [];
    route.always(() => {
      times.push((parts.clock.now() - START) / 1000);
      return answer(times.length) ?? parts.ok();
    });
    parts.schedule.start();
    for (let second = 0; second < forS; second += 5) {
      await parts.clock.advanceAsync(5000);
      await parts.schedule.refresh();
    }
    return { ...parts, times };
  }

  test('pitfall 3: a time that is named is waited for as it is, none is a minute, one that is past a second', async () => {
    const named = (seconds: number) => (count: number) =>
      count === 1 ? failed('rate_limited', START + seconds * 1000) : null;
    expect((await walk(named(40), 60)).times.slice(0, 2)).toEqual([0, 40]);
    expect((await walk(named(3600), 3600)).times.slice(0, 2)).toEqual([0, 3600]);
    expect((await walk(named(-60), 30)).times.slice(0, 2)).toEqual([0, 15]);
    const unnamed = (count: number) => (count === 1 ? failed('rate_limited') : null);
    expect((await walk(unnamed, 90)).times.slice(0, 2)).toEqual([0, 60]);
    const thirtyYears = named(30 * 365 * 86_400);
    const { ledger, clock, times } = await walk(thirtyYears, 600);
    expect(times).toEqual([0]);
    const waitMs = ledger.allowedAtMs({ upstream: 'taapi', route: '/rsi' }) - clock.monotonic();
    expect(waitMs + 600_000).toBe(MAX_PAUSE_MS);
  });

  test('pitfall 20: a quota that is used up is asked for ever more rarely, and keeps what is known', async () => {
    const usedUp = (count: number) => (count === 1 ? null : failed('rate_limited'));
    const { times, reportOf } = await walk(usedUp, 3 * 3600);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([15, 60, 120, 240, 480, 960, 1800, 1800, 1800, 1800]);
    expect(reportOf('taapi')).toMatchObject({ state: 'rate_limited', lastSuccessAtMs: START });
  });

  test('pitfall 32: two programs with one key take turns, each waiting the same minute every time', async () => {
    const everySecond = (count: number) => (count % 2 === 0 ? failed('rate_limited') : null);
    const { times } = await walk(everySecond, 300);
    expect(times).toEqual([0, 15, 75, 90, 150, 165, 225, 240, 300]);
  });
});
