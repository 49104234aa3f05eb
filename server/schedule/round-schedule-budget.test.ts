import { describe, expect, test } from 'bun:test';
import { BLOCKED_PAUSE_MS } from './budget.ts';
import { failed, INTERVAL_MS, START, setUp } from './scripted-rounds.ts';

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
    expect(heard).toEqual(['started', 'reports', 'failed', 'started', 'reports', 'failed']);
  });
});
