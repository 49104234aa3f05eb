import { describe, expect, test } from 'bun:test';
import { HEDGE_MS } from './inquiry.ts';
import { createRoute, failed, INTERVAL_MS, START, setUpRoutes } from './scripted-rounds.ts';

/** The round at the end of so many intervals. */
const beat = (count: number) => START + count * INTERVAL_MS;

/** Two routes of one upstream; the second is wanted as long as the test says so. */
function setUp() {
  const wants = { price: true };
  const market = createRoute('coingecko', '/global');
  const price = createRoute('coingecko', '/price', { isWanted: () => wants.price });
  const parts = setUpRoutes([market, price]);
  parts.allOk();
  return { wants, market, price, ...parts, report: () => parts.reportOf('coingecko') };
}

describe('what a report says of a route that is not wanted any more', () => {
  test.each(['timeout', 'blocked', 'rate_limited'] as const)(
    'is that it failed (%s) until a round leaves it out, and nothing afterwards',
    async (code) => {
      const { schedule, clock, wants, price, counts, report } = setUp();
      price.always(() => failed(code));
      schedule.start();
      await clock.advanceAsync(0);
      wants.price = false;
      const state = code === 'timeout' ? 'failing' : code;
      expect(report()).toMatchObject({ state, error: { code, atMs: START } });
      await clock.advanceAsync(INTERVAL_MS);
      expect(counts()).toEqual([2, 1]);
      expect(report()).toEqual({
        state: 'ok',
        lastSuccessAtMs: beat(1),
        nextAttemptAtMs: beat(2),
        error: null,
      });
    },
  );

  test('is when it last succeeded', async () => {
    const { schedule, clock, wants, market, report } = setUp();
    market.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(0);
    wants.price = false;
    await clock.advanceAsync(INTERVAL_MS);
    expect(report()).toMatchObject({ state: 'failing', lastSuccessAtMs: START });
  });

  test('is that it failed once more when it is wanted again', async () => {
    const { schedule, clock, wants, price, report } = setUp();
    price.always(() => failed('blocked'));
    schedule.start();
    wants.price = false;
    await clock.advanceAsync(INTERVAL_MS);
    expect(report()?.state).toBe('ok');
    wants.price = true;
    await clock.advanceAsync(INTERVAL_MS);
    // Not asked again yet, and refused all the same.
    expect(price.calls).toHaveLength(1);
    expect(report()).toMatchObject({ state: 'blocked', error: { code: 'blocked', atMs: START } });
  });

  test('is a rate limit as long as others of the upstream are to wait for it', async () => {
    const { schedule, clock, wants, price, counts, report } = setUp();
    price.always(() => failed('rate_limited', beat(1) + 1));
    schedule.start();
    await clock.advanceAsync(0);
    wants.price = false;
    await clock.advanceAsync(INTERVAL_MS);
    expect(counts()).toEqual([1, 1]);
    expect(report()).toMatchObject({ state: 'rate_limited', nextAttemptAtMs: beat(2) });
    await clock.advanceAsync(INTERVAL_MS);
    expect(counts()).toEqual([2, 1]);
    expect(report()).toMatchObject({ state: 'ok', error: null });
  });

  test('is nothing where it is the upstream’s only one: it is well, and is not asked', async () => {
    const wants = { candles: true };
    const candles = createRoute('coinbase', '/candles', { isWanted: () => wants.candles });
    const market = createRoute('coingecko', '/global');
    const { schedule, clock, reportOf, ok } = setUpRoutes([candles, market]);
    market.always(() => ok());
    candles.always(() => failed('timeout'));
    schedule.start();
    wants.candles = false;
    await clock.advanceAsync(INTERVAL_MS);
    expect(reportOf('coinbase')).toEqual({
      state: 'ok',
      lastSuccessAtMs: null,
      nextAttemptAtMs: null,
      error: null,
    });
  });

  test('stands while a round that asks it late is under way', async () => {
    const first = createRoute('coingecko', '/market', { chain: 'market' });
    const second = createRoute('coinpaprika', '/market', { chain: 'market' });
    const other = createRoute('alternative_me', '/fng/');
    const { schedule, clock, reportOf, allOk } = setUpRoutes([first, second, other]);
    allOk();
    for (const route of [first, second]) route.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(INTERVAL_MS - 1);
    first.task.call = () => new Promise(() => {});
    await clock.advanceAsync(1);
    await schedule.ask([other.task]);
    expect(reportOf('coinpaprika')?.state).toBe('failing');
    await clock.advanceAsync(HEDGE_MS);
    expect(second.calls).toHaveLength(2);
  });

  test('is that it failed where it is due at a moment of its own, also while that is not now', async () => {
    const due = { atMs: 0 };
    const fng = createRoute('alternative_me', '/fng/', {
      isWanted: () => due.atMs <= START,
      dueAtMs: () => due.atMs,
    });
    const { schedule, clock, reportOf } = setUpRoutes([fng]);
    fng.always(() => failed('timeout'));
    schedule.start();
    due.atMs = START + 7 * INTERVAL_MS + 30_000;
    await clock.advanceAsync(INTERVAL_MS);
    expect(reportOf('alternative_me')).toMatchObject({
      state: 'failing',
      nextAttemptAtMs: due.atMs,
    });
  });
});

describe('the next attempt', () => {
  test('is none of a stand-in that nobody wants, also of one that was asked before', async () => {
    const first = createRoute('coingecko', '/market', { chain: 'market' });
    const second = createRoute('coinpaprika', '/market', { chain: 'market' });
    const third = createRoute('coinlore', '/market', { chain: 'market' });
    const { schedule, clock, reportOf, postponed, allOk } = setUpRoutes([first, second, third]);
    allOk();
    first.always(() => failed('timeout'));
    schedule.start();
    await clock.advanceAsync(0);
    expect(reportOf('coinpaprika')?.nextAttemptAtMs).toBe(beat(1));
    first.always(() => ({ ok: true, readings: [], receivedAtMs: clock.now() }));
    await clock.advanceAsync(INTERVAL_MS);
    expect(reportOf('coinpaprika')).toMatchObject({ state: 'ok', nextAttemptAtMs: null });
    expect(postponed()).toEqual([['coinlore', null]]);
  });

  test('is that of the routes that are wanted: what another may be asked before does not count', async () => {
    const { schedule, clock, wants, market, price, report } = setUp();
    market.always(() => failed('blocked', beat(9)));
    schedule.start();
    await clock.advanceAsync(0);
    expect(report()?.nextAttemptAtMs).toBe(beat(1));
    wants.price = false;
    await clock.advanceAsync(INTERVAL_MS);
    expect(price.calls).toHaveLength(1);
    expect(report()).toMatchObject({ state: 'blocked', nextAttemptAtMs: beat(9) });
  });

  test('is the moment at which a route is due, if its upstream may be asked then', async () => {
    const due = { atMs: 0 };
    const rsi = createRoute('taapi', '/rsi', {
      isWanted: () => due.atMs <= START,
      dueAtMs: () => due.atMs,
    });
    const { schedule, clock, ledger, reportOf, ok } = setUpRoutes([rsi]);
    rsi.always(() => ok());
    schedule.start();
    due.atMs = START + 100_000;
    await clock.advanceAsync(0);
    expect(reportOf('taapi')?.nextAttemptAtMs).toBe(due.atMs);
    ledger.pause('taapi', 100_001);
    await clock.advanceAsync(0);
    await schedule.refresh();
    expect(reportOf('taapi')?.nextAttemptAtMs).toBe(beat(1));
  });
});

describe('what is postponed', () => {
  test('is what was wanted and not allowed, to the round that may ask it; not what nobody wants', async () => {
    const limits = { perMinute: 1 };
    const wants = { candles: false };
    const kraken = createRoute('kraken', '/candles', { isWanted: () => wants.candles });
    const paused = createRoute('taapi', '/rsi');
    const slow = createRoute('finnhub', '/quote', { limits });
    const { schedule, clock, ledger, postponed, heard } = setUpRoutes([kraken, paused, slow]);
    ledger.pause('taapi', INTERVAL_MS + 1);
    ledger.pause('kraken', 2 * INTERVAL_MS + 1);
    schedule.start();
    expect(heard).toEqual(['started']);
    slow.answer(failed('timeout'));
    await clock.advanceAsync(0);
    expect(postponed()).toEqual([
      ['kraken', null],
      ['taapi', beat(2)],
    ]);
    wants.candles = true;
    await schedule.refresh();
    expect(postponed()).toEqual([
      ['kraken', beat(3)],
      ['taapi', beat(2)],
    ]);
  });

  test('is not what has been asked and has yet to answer, nor what was never looked at', async () => {
    const slow = createRoute('kraken', '/candles');
    const quick = createRoute('taapi', '/rsi');
    const { schedule, postponed, ok } = setUpRoutes([slow, quick]);
    quick.always(() => ok());
    await schedule.ask([quick.task]);
    expect(postponed()).toEqual([]);
    void schedule.refresh();
    await schedule.ask([quick.task]);
    expect(slow.calls).toHaveLength(1);
    expect(postponed()).toEqual([]);
  });
});
