import { describe, expect, test } from 'bun:test';
import { HEDGE_MS } from './inquiry.ts';
import { createRoute, failed, INTERVAL_MS, setUpRoutes } from './scripted-rounds.ts';

function setUp() {
  const first = createRoute('binance', '/candles', { chain: 'candles' });
  const second = createRoute('kraken', '/candles', { chain: 'candles' });
  const alone = createRoute('alternative_me', '/fng/');
  return { first, second, alone, ...setUpRoutes([first, second, alone]) };
}

describe('what is asked outside of rounds', () => {
  test('is called at once, handed on as it comes, and reported once; no round begins or ends', async () => {
    const { schedule, clock, alone, counts, heard, reportOf, ok } = setUp();
    const asked = schedule.ask([alone.task]);
    expect(counts()).toEqual([0, 0, 1]);
    alone.answer(ok('fng'));
    expect(await asked).toBe('answered');
    expect(heard).toEqual([['fng'], 'reports']);
    expect(reportOf('alternative_me')?.state).toBe('ok');
    expect(clock.pending()).toBe(0);
  });

  test('may be a whole chain, walked as in a round', async () => {
    const { schedule, clock, first, second, counts } = setUp();
    const asked = schedule.ask([second.task, first.task]);
    expect(counts()).toEqual([1, 0, 0]);
    await clock.advanceAsync(HEDGE_MS);
    expect(counts()).toEqual([1, 1, 0]);
    first.answer(failed('timeout'));
    second.answer(failed('timeout'));
    expect(await asked).toBe('failed');
  });

  test('counts as the first of its chain, unless a better one is under way', async () => {
    const { schedule, clock, first, second, counts, ok } = setUp();
    second.always(() => ok());
    expect(await schedule.ask([second.task])).toBe('answered');
    expect(counts()).toEqual([0, 1, 0]);
    void schedule.ask([first.task]);
    expect(await schedule.ask([second.task])).toBe('failed');
    expect(counts()).toEqual([1, 1, 0]);
    first.answer(failed('timeout'));
    await clock.advanceAsync(0);
    await schedule.ask([second.task]);
    expect(counts()).toEqual([1, 2, 0]);
  });

  test('is not called twice at once, by rounds nor otherwise', async () => {
    const { schedule, clock, first, alone, counts, heard, ok } = setUp();
    schedule.start();
    expect(counts()).toEqual([1, 0, 1]);
    const asked = [schedule.ask([alone.task]), schedule.ask([first.task, alone.task])];
    expect(counts()).toEqual([1, 0, 1]);
    alone.answer(ok('fng'));
    first.answer(ok('candles'));
    expect(await Promise.all(asked)).toEqual(['answered', 'answered']);
    await clock.advanceAsync(0);
    expect(counts()).toEqual([1, 0, 1]);
    expect(heard.filter((word) => Array.isArray(word))).toEqual([['fng'], ['candles']]);
  });

  test('is waited for by a round that begins meanwhile, and counts in it', async () => {
    const { schedule, clock, first, alone, counts, heard, ok } = setUp();
    void schedule.ask([first.task, alone.task]);
    schedule.start();
    expect(counts()).toEqual([1, 0, 1]);
    first.answer(ok('candles'));
    await clock.advanceAsync(0);
    expect(heard).toEqual(['started', ['candles']]);
    alone.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(heard).toEqual(['started', ['candles'], 'reports', 'reports', 'answered']);
    expect(counts()).toEqual([1, 0, 1]);
  });

  test('fails for the round that waits for it, which asks the next', async () => {
    const { schedule, clock, first, second, counts } = setUp();
    void schedule.ask([first.task]);
    schedule.start();
    first.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(counts()).toEqual([1, 1, 1]);
    expect(second.calls).toHaveLength(1);
  });

  test('is nothing that is not wanted, not allowed now, or unknown, and then nothing is reported', async () => {
    const unwanted = createRoute('coingecko', '/price', { isWanted: () => false });
    const paused = createRoute('taapi', '/rsi');
    const { schedule, ledger, heard, counts } = setUpRoutes([unwanted, paused]);
    ledger.pause('taapi', 60_000);
    const tasks = [unwanted.task, paused.task, createRoute('kraken', '/unknown').task];
    expect(await schedule.ask(tasks)).toBe('failed');
    expect(counts()).toEqual([0, 0]);
    expect(heard).toEqual([]);
  });

  test('is nothing while this node may not, nor after the end', async () => {
    const { schedule, lease, alone, counts } = setUp();
    lease.isHeld = false;
    expect(await schedule.ask([alone.task])).toBe('failed');
    lease.isHeld = true;
    schedule.close();
    expect(await schedule.ask([alone.task])).toBe('failed');
    expect(counts()).toEqual([0, 0, 0]);
  });

  test('ends with the schedule, and nothing is heard of it afterwards', async () => {
    const { schedule, clock, first, second, heard, ok } = setUp();
    const asked = schedule.ask([first.task, second.task]);
    await clock.advanceAsync(1000);
    schedule.close();
    expect(await asked).toBe('failed');
    expect(clock.pending()).toBe(0);
    first.answer(ok('late'));
    await clock.advanceAsync(HEDGE_MS);
    expect(heard).toEqual([]);
  });

  test('is not heard of after the end, at whichever moment that comes', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const { schedule, clock, alone, heard, ok } = setUp();
      void schedule.ask([alone.task]);
      void schedule.refresh();
      alone.answer(ok('fng'));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      schedule.close();
      const before = [...heard];
      await clock.advanceAsync(1000);
      expect(heard).toEqual(before);
    }
  });

  test('counts for the limits, and begins no early round', async () => {
    const alone = createRoute('taapi', '/rsi', { limits: { minCallIntervalMs: 15_000 } });
    const { schedule, clock, ledger, counts } = setUpRoutes([alone]);
    alone.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(15_000);
    await schedule.ask([alone.task]);
    await schedule.ask([alone.task]);
    expect(counts()).toEqual([2]);
    expect(ledger.calls('taapi').today).toBe(2);
    await clock.advanceAsync(INTERVAL_MS - 15_000);
    expect(counts()).toEqual([3]);
  });
});
