import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createRoundSchedule } from './round-schedule.ts';
import { failed, INTERVAL_MS, START, setUp } from './scripted-rounds.ts';

describe('a round', () => {
  test('calls every route once, all at once, and hands on each answer as it comes', async () => {
    const { schedule, clock, market, price, fng, heard, counts, ok } = setUp();
    schedule.start();
    expect(counts()).toEqual([1, 1, 1]);
    price.answer(ok('price'));
    await clock.advanceAsync(5000);
    expect(heard).toEqual(['started', ['price']]);
    market.answer(failed('timeout'));
    fng.answer(ok('fng'));
    await clock.advanceAsync(0);
    expect(heard).toEqual(['started', ['price'], ['fng'], 'reports', 'answered']);
    expect(counts()).toEqual([1, 1, 1]);
  });

  test('reports every source once, with its worst route and its next attempt', async () => {
    const { schedule, clock, market, price, fng, reportOf, ok } = setUp();
    schedule.start();
    price.answer(ok());
    fng.answer(ok());
    await clock.advanceAsync(2000);
    market.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(reportOf('coingecko')).toEqual({
      state: 'failing',
      lastSuccessAtMs: START,
      nextAttemptAtMs: START + INTERVAL_MS,
      error: { code: 'timeout', atMs: START + 2000 },
    });
    expect(reportOf('alternative_me')).toEqual({
      state: 'ok',
      lastSuccessAtMs: START,
      nextAttemptAtMs: START + INTERVAL_MS,
      error: null,
    });
    expect(reportOf('taapi')).toBeUndefined();
  });

  test('has failed when no call succeeded', async () => {
    const { schedule, clock, routes, heard } = setUp();
    for (const route of routes) route.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(0);
    expect(heard).toEqual(['started', 'reports', 'failed']);
  });

  test('calls nothing and reports nothing while this node may not', async () => {
    const { schedule, clock, heard, counts, lease, allOk } = setUp();
    allOk();
    lease.isHeld = false;
    schedule.start();
    await clock.advanceAsync(0);
    expect(heard).toEqual(['started', 'failed, nothing called']);
    expect(counts()).toEqual([0, 0, 0]);
    lease.isHeld = true;
    await clock.advanceAsync(INTERVAL_MS);
    expect(heard.at(-1)).toBe('answered');
    expect(counts()).toEqual([1, 1, 1]);
  });

  test('asks whether it may right before every call', async () => {
    const { schedule, clock, market, lease, counts, ok } = setUp();
    market.task.call = async () => {
      lease.isHeld = false;
      return ok();
    };
    schedule.start();
    await clock.advanceAsync(0);
    expect(counts()).toEqual([0, 0, 0]);
  });

  test('survives a call and a listener that throw, and says so', async () => {
    const { schedule, clock, market, price, fng, listener, errors, reportOf, heard, ok } = setUp();
    market.task.call = () => {
      throw new TypeError('a mistake');
    };
    price.task.call = () => Promise.reject(new TypeError('another'));
    fng.always(() => ok('fng'));
    listener.readings = () => {
      throw new TypeError('a third');
    };
    schedule.start();
    await clock.advanceAsync(0);
    expect(errors).toHaveLength(3);
    expect(reportOf('coingecko')).toMatchObject({ error: { code: 'bad_response' } });
    expect(reportOf('alternative_me')?.state).toBe('ok');
    expect(heard).toEqual(['started', 'reports', 'answered']);
    await clock.advanceAsync(INTERVAL_MS);
    expect(heard).toHaveLength(6);
  });
});

describe('the cadence', () => {
  test('is one round at start and one per interval', async () => {
    const { schedule, clock, counts, allOk } = setUp();
    allOk();
    schedule.start();
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS - 1);
    expect(counts()).toEqual([1, 1, 1]);
    await clock.advanceAsync(1);
    expect(counts()).toEqual([2, 2, 2]);
    await clock.advanceAsync(10 * INTERVAL_MS);
    expect(counts()).toEqual([12, 12, 12]);
  });

  test('does not drift by how long rounds take, and rounds never overlap', async () => {
    const { schedule, clock, market, price, fng, counts, heard, ok } = setUp();
    price.always(() => ok());
    fng.always(() => ok());
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS + 20_000);
    expect(counts()).toEqual([1, 1, 1]);
    market.answer(ok());
    await clock.advanceAsync(0);
    expect(heard.filter((word) => word === 'answered')).toHaveLength(1);
    await clock.advanceAsync(INTERVAL_MS - 20_001);
    expect(counts()).toEqual([1, 1, 1]);
    await clock.advanceAsync(1);
    expect(counts()).toEqual([2, 2, 2]);
  });

  test('begins one round per interval where timers fire a little early or very late', async () => {
    const { clock } = setUp();
    let lateByMs = -0.5;
    let rounds = 0;
    const schedule = createRoundSchedule(
      {
        clock: { ...clock, after: (ms, run) => clock.after(ms + lateByMs, run) },
        random: () => 0.5,
        tasks: [],
        mayCall: () => true,
        ledger: createMemoryLedger(clock),
        listener: {
          started: () => rounds++,
          readings: () => {},
          reports: () => {},
          ended: () => {},
        },
        log: { error: () => {} },
      },
      { intervalMs: INTERVAL_MS },
    );
    schedule.start();
    await clock.advanceAsync(2.5 * INTERVAL_MS);
    expect(rounds).toBe(3);
    lateByMs = 5 * INTERVAL_MS;
    await clock.advanceAsync(INTERVAL_MS);
    expect(rounds).toBe(4);
    lateByMs = 0;
    await clock.advanceAsync(5.6 * INTERVAL_MS);
    expect(rounds).toBe(5);
    await clock.advanceAsync(0.8 * INTERVAL_MS);
    expect(rounds).toBe(5);
    await clock.advanceAsync(0.2 * INTERVAL_MS);
    expect(rounds).toBe(6);
  });

  test('does not notice a jump of the wall clock, and names the next attempt by the new one', async () => {
    const { schedule, clock, counts, reportOf, allOk } = setUp();
    allOk();
    schedule.start();
    await clock.advanceAsync(1000);
    clock.setWall(START - 86_400_000);
    await clock.advanceAsync(INTERVAL_MS - 1000);
    expect(counts()).toEqual([2, 2, 2]);
    expect(reportOf('coingecko')?.nextAttemptAtMs).toBe(clock.now() + INTERVAL_MS);
  });
});

describe('a refresh', () => {
  test('is a round of its own that does not move the cadence', async () => {
    const { schedule, clock, counts, reportOf, allOk } = setUp();
    allOk();
    schedule.start();
    await clock.advanceAsync(100_000);
    expect(await schedule.refresh()).toBe('answered');
    expect(counts()).toEqual([2, 2, 2]);
    expect(reportOf('coingecko')?.nextAttemptAtMs).toBe(START + INTERVAL_MS);
    await clock.advanceAsync(200_000);
    expect(counts()).toEqual([3, 3, 3]);
  });

  test('joins the round under way, however many ask', async () => {
    const { schedule, clock, routes, heard, counts, ok } = setUp();
    schedule.start();
    const refreshes = Array.from({ length: 100 }, () => schedule.refresh());
    for (const route of routes) route.answer(ok());
    await clock.advanceAsync(0);
    expect(new Set(await Promise.all(refreshes))).toEqual(new Set(['answered']));
    expect(counts()).toEqual([1, 1, 1]);
    expect(heard.filter((word) => word === 'started')).toHaveLength(1);
  });

  test('works before the first round, when no further one is known', async () => {
    const { schedule, reportOf, allOk } = setUp();
    allOk();
    expect(await schedule.refresh()).toBe('answered');
    expect(reportOf('coingecko')?.nextAttemptAtMs).toBeNull();
  });
});

describe('close', () => {
  test('calls nothing even when it comes as the round begins', async () => {
    const { schedule, clock, listener, counts, heard } = setUp();
    listener.started = () => {
      schedule.close();
      return 0;
    };
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS);
    expect(counts()).toEqual([0, 0, 0]);
    expect(heard).toEqual([]);
  });

  test('calls nothing further when it comes as calls are made', async () => {
    const { schedule, clock, market, counts } = setUp();
    market.task.call = () => {
      schedule.close();
      return Promise.resolve(failed('timeout'));
    };
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS);
    expect(counts()).toEqual([0, 0, 0]);
  });

  test('ends the cadence and the round under way, and nothing is heard afterwards', async () => {
    const { schedule, clock, routes, heard, counts, ok } = setUp();
    schedule.start();
    const refresh = schedule.refresh();
    schedule.close();
    expect(await refresh).toBe('failed');
    for (const route of routes) route.answer(ok('late'));
    await clock.advanceAsync(3 * INTERVAL_MS);
    expect(heard).toEqual(['started']);
    expect(counts()).toEqual([1, 1, 1]);
    expect(clock.pending()).toBe(0);
  });

  test('lets nothing begin', async () => {
    const { schedule, heard, clock } = setUp();
    schedule.close();
    schedule.start();
    expect(await schedule.refresh()).toBe('failed');
    expect(heard).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

test('a schedule without routes ends its rounds as failed', async () => {
  const clock = createManualClock(START);
  const heard: unknown[] = [];
  const schedule = createRoundSchedule(
    {
      clock,
      random: () => 0.5,
      tasks: [],
      mayCall: () => true,
      ledger: createMemoryLedger(clock),
      listener: {
        started: () => {},
        readings: () => {},
        reports: () => {},
        ended: (result, hasCalled) => heard.push([result, hasCalled]),
      },
      log: { error: () => {} },
    },
    { intervalMs: INTERVAL_MS },
  );
  schedule.start();
  await clock.advanceAsync(INTERVAL_MS);
  expect(heard).toEqual([
    ['failed', false],
    ['failed', false],
  ]);
});
