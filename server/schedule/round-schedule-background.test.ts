import { describe, expect, test } from 'bun:test';
import { createRoute, failed, INTERVAL_MS, setUpRoutes } from './scripted-rounds.ts';

/** An upstream whose candles are shown and whose past is asked for in the background, once every ten seconds at most. */
function setUp(limits = { minCallIntervalMs: 10_000 }) {
  const candles = createRoute('coinbase', '/candles', { limits });
  const past = createRoute('coinbase', '/past', { limits, isBackground: true });
  const made = setUpRoutes([candles, past]);
  candles.always(() => made.ok('candles'));
  return { candles, past, ...made };
}

describe('a route in the background', () => {
  test('is no part of a round, neither asked nor waited for', async () => {
    const { schedule, clock, past, counts, ok } = setUp();
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS - 1);
    expect(counts()).toEqual([1, 0]);
    const asked = schedule.ask([past.task]);
    expect(counts()).toEqual([1, 1]);
    expect(await schedule.refresh()).toBe('answered');
    past.answer(ok());
    expect(await asked).toBe('answered');
  });

  test('makes no round answered that was not', async () => {
    const { schedule, candles, past, ok } = setUp();
    candles.always(() => failed('timeout'));
    past.always(() => ok());
    void schedule.ask([past.task]);
    expect(await schedule.refresh()).toBe('failed');
  });

  test('keeps the distance to the last round’s calls, and puts no round off', async () => {
    const { schedule, clock, past, counts, ok } = setUp();
    past.always(() => ok());
    schedule.start();
    await clock.advanceAsync(9999);
    expect(await schedule.ask([past.task])).toBe('failed');
    expect(counts()).toEqual([1, 0]);
    await clock.advanceAsync(1);
    expect(await schedule.ask([past.task])).toBe('answered');
    expect(await schedule.refresh()).toBe('answered');
    expect(counts()).toEqual([2, 1]);
  });

  test('counts as a call of its minute, and takes nobody’s turn', async () => {
    const limits = { minCallIntervalMs: 0, perMinute: 1 };
    const { schedule, clock, past, counts, ok } = setUp(limits);
    past.always(() => ok());
    await schedule.refresh();
    expect(await schedule.ask([past.task])).toBe('failed');
    await clock.advanceAsync(60_000);
    // What was refused does not wait in front of the round.
    await schedule.refresh();
    expect(counts()).toEqual([2, 0]);
    await clock.advanceAsync(60_000);
    await schedule.ask([past.task]);
    expect(await schedule.refresh()).toBe('failed');
    expect(counts()).toEqual([2, 1]);
  });

  test('makes rounds no rarer', () => {
    const limits = { minCallIntervalMs: 0, perMinute: 1 / 10 };
    expect(setUp(limits).schedule.intervalS('coinbase')).toBe(600);
  });

  test('says nothing of its upstream when it is answered or fails', async () => {
    const { schedule, clock, past, heard, reportOf, ok } = setUp();
    await schedule.refresh();
    const before = reportOf('coinbase');
    await clock.advanceAsync(20_000);
    heard.length = 0;
    past.always(() => ok());
    await schedule.ask([past.task]);
    past.always(() => failed('timeout'));
    await schedule.ask([past.task]);
    expect(heard).toEqual([[]]);
    await clock.advanceAsync(INTERVAL_MS);
    await schedule.refresh();
    expect(reportOf('coinbase')).toMatchObject({ state: 'ok', error: null });
    expect(before?.state).toBe('ok');
  });

  test.each(['blocked', 'rate_limited'] as const)(
    'says that it is %s, until it is not',
    async (code) => {
      const { schedule, clock, past, heard, reportOf, ok } = setUp();
      await schedule.refresh();
      const { lastSuccessAtMs } = reportOf('coinbase') ?? expect.unreachable();
      await clock.advanceAsync(20_000);
      heard.length = 0;
      past.always(() => failed(code));
      await schedule.ask([past.task]);
      expect(heard).toEqual(['reports']);
      expect(reportOf('coinbase')).toMatchObject({ state: code, lastSuccessAtMs, error: { code } });
      await clock.advanceAsync(3_600_000);
      past.always(() => ok());
      heard.length = 0;
      await schedule.ask([past.task]);
      expect(heard).toEqual([[], 'reports']);
      expect(reportOf('coinbase')).toMatchObject({ state: 'ok', lastSuccessAtMs, error: null });
    },
  );

  test('of an upstream that nothing else is asked of makes no entry of it', async () => {
    const past = createRoute('kraken', '/past', { isBackground: true });
    const { schedule, clock, heard, reportOf, ok } = setUpRoutes([past]);
    past.always(() => ok());
    await schedule.ask([past.task]);
    await clock.advanceAsync(0);
    expect(heard).toEqual([[]]);
    expect(reportOf('kraken')).toBeUndefined();
  });
});
