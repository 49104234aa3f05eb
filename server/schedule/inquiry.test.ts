import { describe, expect, test } from 'bun:test';
import { HEDGE_MS } from './inquiry.ts';
import { createRoute, failed, INTERVAL_MS, START, setUpRoutes } from './scripted-rounds.ts';

/** A chain of four upstreams, a second chain of two, and a route that stands alone. */
function setUp() {
  const market = (['coingecko', 'coinpaprika', 'coinlore', 'coinmarketcap'] as const).map((id) =>
    createRoute(id, '/market', { chain: 'market' }),
  );
  const candles = (['binance', 'kraken'] as const).map((id) =>
    createRoute(id, '/candles', { chain: 'candles' }),
  );
  const alone = createRoute('alternative_me', '/fng/');
  const [first, second, third, fourth] = market;
  if (!first || !second || !third || !fourth) throw new Error('four are needed');
  const parts = setUpRoutes([...market, ...candles, alone]);
  /** Answers everything that is asked outside of the market's chain. */
  const othersOk = () => {
    for (const route of [...candles, alone]) route.always(() => parts.ok());
  };
  return { ...parts, first, second, third, fourth, candles, alone, othersOk };
}

describe('a round over a chain', () => {
  test('asks the first alone, and no other when it answers', async () => {
    const { schedule, clock, first, counts, heard, othersOk, ok } = setUp();
    othersOk();
    first.always(() => ok('first'));
    schedule.start();
    await clock.advanceAsync(HEDGE_MS);
    expect(counts()).toEqual([1, 0, 0, 0, 1, 0, 1]);
    expect(heard).toEqual(['started', ['first'], [], [], 'reports', 'answered']);
    expect(clock.pending()).toBe(1);
  });

  test('asks the next as soon as one fails, in the same round', async () => {
    const { schedule, clock, first, second, third, counts, heard, othersOk, ok } = setUp();
    othersOk();
    first.always(() => failed('timeout'));
    second.always(() => failed('blocked'));
    third.always(() => ok('third'));
    schedule.start();
    await clock.advanceAsync(0);
    expect(counts()).toEqual([1, 1, 1, 0, 1, 0, 1]);
    expect(heard.at(-1)).toBe('answered');
  });

  test('asks the next when one may not be called, at once', async () => {
    const { schedule, ledger, counts } = setUp();
    ledger.pause('coingecko', 60_000);
    ledger.pause('coinpaprika', 60_000);
    schedule.start();
    expect(counts()).toEqual([0, 0, 1, 0, 1, 0, 1]);
  });

  test('asks the next when one is silent, and reaches the fourth within ten seconds', async () => {
    const { schedule, clock, fourth, counts, heard, othersOk, ok } = setUp();
    othersOk();
    fourth.always(() => ok('fourth'));
    schedule.start();
    await clock.advanceAsync(HEDGE_MS - 1);
    expect(counts()).toEqual([1, 0, 0, 0, 1, 0, 1]);
    await clock.advanceAsync(1);
    expect(counts()).toEqual([1, 1, 0, 0, 1, 0, 1]);
    await clock.advanceAsync(HEDGE_MS);
    expect(counts()).toEqual([1, 1, 1, 0, 1, 0, 1]);
    await clock.advanceAsync(HEDGE_MS);
    expect(heard).toContainEqual(['fourth']);
    expect(clock.now() - START).toBeLessThan(10_000);
    expect(heard).not.toContain('answered');
  });

  test('takes the answer of one that was silent, asks nobody further, and ends when all have ended', async () => {
    const { schedule, clock, first, second, counts, heard, othersOk, ok } = setUp();
    othersOk();
    schedule.start();
    await clock.advanceAsync(HEDGE_MS + 1000);
    first.answer(ok('late'));
    await clock.advanceAsync(HEDGE_MS + 3000);
    expect(heard).toContainEqual(['late']);
    expect(counts()).toEqual([1, 1, 0, 0, 1, 0, 1]);
    expect(heard).not.toContain('reports');
    second.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(counts()).toEqual([1, 1, 0, 0, 1, 0, 1]);
    expect(heard.slice(-2)).toEqual(['reports', 'answered']);
  });

  test('has failed when nobody answers, each asked once', async () => {
    const { schedule, clock, routes, counts, heard } = setUp();
    for (const route of routes) route.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(60_000);
    expect(counts()).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(heard).toEqual(['started', 'reports', 'failed']);
  });

  test('says of sources that were not asked when they last succeeded, and that they will not be', async () => {
    const { schedule, clock, first, second, reportOf, postponed, othersOk, ok } = setUp();
    othersOk();
    first.always(() => failed('timeout'));
    second.always(() => ok());
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS - 1);
    const before = reportOf('coinpaprika') ?? expect.unreachable();
    expect(before).toMatchObject({ lastSuccessAtMs: START, nextAttemptAtMs: START + INTERVAL_MS });
    const unasked = ['coinlore', 'coinmarketcap', 'kraken'] as const;
    expect(postponed()).toEqual(unasked.map((id) => [id, null]));
    first.always(() => ok());
    await clock.advanceAsync(1);
    expect(reportOf('coinpaprika')).toEqual({ ...before, nextAttemptAtMs: null });
  });

  test('calls nothing further when it is closed, though calls are overdue', async () => {
    const { schedule, clock, counts } = setUp();
    schedule.start();
    schedule.close();
    expect(clock.pending()).toBe(0);
    await clock.advanceAsync(60_000);
    expect(counts()).toEqual([1, 0, 0, 0, 1, 0, 1]);
  });

  test('calls nothing further when this node may not any more', async () => {
    const { schedule, clock, first, lease, ledger, counts, heard, othersOk } = setUp();
    othersOk();
    schedule.start();
    lease.isHeld = false;
    first.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(ledger.calls('coinpaprika').today).toBe(0);
    expect(counts()).toEqual([1, 0, 0, 0, 1, 0, 1]);
    expect(heard.at(-1)).toBe('answered');
  });
});

describe('what a task wants', () => {
  /** Two that stand in for each other, and what they are told when they are asked. */
  function setUpPair(wants: (place: number, betterFailed: boolean) => boolean) {
    const told: [place: number, betterFailed: boolean][] = [];
    const pair = (['coingecko', 'coinpaprika', 'coinlore'] as const).map((id, place) =>
      createRoute(id, '/market', {
        chain: 'market',
        isWanted(betterFailed) {
          told.push([place, betterFailed]);
          return wants(place, betterFailed);
        },
      }),
    );
    return { told, pair, ...setUpRoutes(pair) };
  }

  test('is asked as the round begins, and again when one before it has failed', async () => {
    const { schedule, clock, pair, told, counts } = setUpPair((_, betterFailed) => betterFailed);
    schedule.start();
    expect(told).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ]);
    pair[0]?.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(told.slice(3)).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(counts()).toEqual([1, 1, 0]);
  });

  test('may be to be asked beside the better ones', async () => {
    const { schedule, told, counts } = setUpPair(() => true);
    schedule.start();
    expect(counts()).toEqual([1, 1, 1]);
    expect(told).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ]);
  });

  test('may be not to be asked: then it stands in nobody’s way', async () => {
    const { schedule, clock, pair, told, counts } = setUpPair((place) => place > 0);
    for (const route of pair) route.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(0);
    expect(told.slice(0, 2)).toEqual([
      [0, true],
      [1, true],
    ]);
    expect(counts()).toEqual([0, 1, 1]);
  });

  test('may be nothing in the whole round, which calls nothing then', async () => {
    const { schedule, clock, heard } = setUpPair(() => false);
    schedule.start();
    await clock.advanceAsync(0);
    expect(heard).toEqual(['started', 'reports', 'failed, nothing called']);
  });

  test('is nothing where it throws, and that is said', async () => {
    const { schedule, clock, pair, errors, heard, ok } = setUpPair((place) => {
      if (place === 0) throw new TypeError('a mistake');
      return true;
    });
    for (const route of pair) route.always(() => ok());
    schedule.start();
    await clock.advanceAsync(0);
    expect(errors).toHaveLength(1);
    expect(heard.at(-1)).toBe('answered');
  });
});
