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
