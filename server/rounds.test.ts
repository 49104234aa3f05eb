import { describe, expect, spyOn, test } from 'bun:test';
import { createManualClock } from '../contract/manual-clock.ts';
import { MAX_PAUSE_MS } from './schedule/ledger.ts';
import { createMemoryLedger } from './schedule/memory-ledger.ts';
import { MAX_RETRY_AFTER_S } from './sources/retry-after.ts';
import { UpstreamError } from './sources/upstream.ts';
import { GLOBAL, known, MARKET_ROUTE, setUpTerm } from './test-term.ts';

const INTERVAL_MS = 300_000;
const PRICE_ROUTE = '/api/v3/simple/price';

/** When the rounds of a term were, ms after its begin. */
async function roundTimes(options: Parameters<typeof setUpTerm>[0], forMs: number) {
  const parts = setUpTerm(options);
  parts.answers.set(MARKET_ROUTE, GLOBAL);
  await parts.clock.advanceAsync(forMs);
  const times = parts.callsOf(MARKET_ROUTE).map(({ atMs }) => Math.round(atMs));
  return { ...parts, times };
}

describe('the rounds of a node that is solo among others', () => {
  test('are as many intervals apart as there are nodes, spread by a tenth either way', async () => {
    for (const [random, interval] of [
      [0, 810_000],
      [0.5, 900_000],
      [0.999_999, 990_000],
    ] as const) {
      const { times } = await roundTimes({ nodes: 3, random }, 3_000_000);
      expect(times[0]).toBe(0);
      expect(Math.abs((times[1] ?? 0) - interval)).toBeLessThan(2);
      expect(Math.abs((times[2] ?? 0) - 2 * interval)).toBeLessThan(3);
    }
  });

  test('begin anywhere in the first interval when figures are known, which are told when', async () => {
    for (const random of [0, 0.25, 0.75]) {
      const first = 900_000 * (0.9 + 0.2 * random) * random;
      const { times } = await roundTimes({ nodes: 3, random, inherited: known }, 1_000_000);
      expect(Math.abs((times[0] ?? -1) - first)).toBeLessThan(2);
    }
  });

  test('name the first beat as the next attempt when a refresh comes before it', async () => {
    const { clock, hear, memory, callsOf } = setUpTerm({ nodes: 2, inherited: known });
    await clock.advanceAsync(1000);
    expect(callsOf(MARKET_ROUTE)).toEqual([]);
    hear({ type: 'refresh_wanted' });
    await clock.advanceAsync(1000);
    expect(callsOf(MARKET_ROUTE)).toHaveLength(1);
    const next = memory.held().document.sources.coingecko?.next_attempt_at;
    expect(next).toBe('2026-11-23T07:05:00Z');
    await clock.advanceAsync(INTERVAL_MS - 2001);
    expect(callsOf(MARKET_ROUTE)).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(callsOf(MARKET_ROUTE)).toHaveLength(2);
  });

  test('are tried early as rarely as all of them together may', async () => {
    const { clock, callsOf } = setUpTerm({ nodes: 3 });
    await clock.advanceAsync(200_000);
    expect(callsOf(MARKET_ROUTE).map(({ atMs }) => atMs)).toEqual([0, 45_000, 135_000]);
  });

  test('make figures last as long as they are apart', async () => {
    const { memory } = await roundTimes({ nodes: 3 }, 1000);
    const { freshness, coins } = memory.held().document;
    expect(freshness.market.stale_after_s).toBe(3 * 900);
    expect(freshness.rsi_14.stale_after_s).toBe(3 * 900);
    expect(coins.BTC?.stale_after_s).toBe(3 * 900);
  });

  test('are those of any other when it knows of nobody else', async () => {
    const { times } = await roundTimes({ random: 0.9, inherited: known }, 2 * INTERVAL_MS);
    expect(times).toEqual([0, INTERVAL_MS, 2 * INTERVAL_MS]);
  });
});

describe('a leader that no upstream answers', () => {
  /** A term among `nodes`, all of whose rounds fail. */
  async function failing(nodes: number) {
    const parts = setUpTerm({ inherited: known });
    parts.redis.nodes = nodes;
    await parts.clock.advanceAsync(0);
    return parts;
  }

  test('stands back for two intervals after three rounds', async () => {
    const { clock, told, said } = await failing(3);
    await clock.advanceAsync(INTERVAL_MS);
    expect([said.ended.length, told.standBackMs]).toEqual([2, []]);
    await clock.advanceAsync(INTERVAL_MS);
    expect(said.ended).toEqual(['failed', 'failed', 'failed']);
    expect(told.standBackMs).toEqual([2 * INTERVAL_MS]);
  });

  test('never stands back for nobody', async () => {
    const { clock, told, said } = await failing(1);
    await clock.advanceAsync(10 * INTERVAL_MS);
    expect(said.ended).toHaveLength(11);
    expect(told.standBackMs).toEqual([]);
  });

  test('begins to count anew with every round that one answers', async () => {
    const { clock, told, answers } = await failing(3);
    await clock.advanceAsync(INTERVAL_MS);
    answers.set(MARKET_ROUTE, GLOBAL);
    await clock.advanceAsync(INTERVAL_MS);
    answers.clear();
    await clock.advanceAsync(2 * INTERVAL_MS);
    expect(told.standBackMs).toEqual([]);
    await clock.advanceAsync(INTERVAL_MS);
    expect(told.standBackMs).toHaveLength(1);
  });

  test('counts no round in which nothing could be called', async () => {
    const { clock, told, said, ledger, calls } = await failing(3);
    for (const id of ['coingecko', 'alternative_me', 'binance'] as const) {
      ledger.pause(id, 6 * INTERVAL_MS);
    }
    const before = calls.length;
    await clock.advanceAsync(5 * INTERVAL_MS);
    expect([said.ended.length, calls.length]).toEqual([6, before]);
    expect(told.standBackMs).toEqual([]);
    // The first round counts on: it was a failure.
    await clock.advanceAsync(2 * INTERVAL_MS);
    expect(told.standBackMs).toHaveLength(1);
  });

  test('counts a round whose end could not be announced', async () => {
    const { clock, told, redis } = await failing(3);
    redis.answerEnd = Promise.reject(new Error('no answer'));
    await clock.advanceAsync(2 * INTERVAL_MS);
    expect(told.standBackMs).toHaveLength(1);
  });

  test('does not stand back in place of the term that follows', async () => {
    const { clock, told, redis, term, said } = await failing(3);
    await clock.advanceAsync(INTERVAL_MS);
    const end = Promise.withResolvers<void>();
    redis.answerEnd = end.promise;
    await clock.advanceAsync(INTERVAL_MS);
    expect(said.ended).toHaveLength(3);
    // The lease is lost and had again while the word is on its way.
    term.stop();
    end.resolve();
    await clock.advanceAsync(0);
    expect(told.standBackMs).toEqual([]);
  });
});

describe('a round', () => {
  test('that is under way when the lease is lost calls nothing more, saves nothing and has no end', async () => {
    const { clock, told, said, always, answers, calls, memory } = setUpTerm();
    const answer = Promise.withResolvers<void>();
    answers.set(MARKET_ROUTE, GLOBAL);
    always(() => answer.promise);
    await clock.advanceAsync(0);
    const before = [calls.length, said.saves];
    told.isHeld = false;
    answer.resolve();
    await clock.advanceAsync(INTERVAL_MS - 1);
    expect([calls.length, memory.held().document.market_cap]).toEqual([before[0] ?? 0, null]);
    expect(said.ended).toEqual([]);
  });

  test('is not announced without the lease', async () => {
    const { clock, told, said } = setUpTerm({ inherited: known });
    await clock.advanceAsync(0);
    told.isHeld = false;
    await clock.advanceAsync(3 * INTERVAL_MS);
    expect(said.roundsStarted).toBe(1);
    expect(said.ended).toEqual(['failed']);
  });

  test('leaves alone who asked an earlier term for it', async () => {
    const { clock, answers, callsOf, term, begin, memory } = setUpTerm();
    const limited = new UpstreamError('coingecko', 'rate_limited', clock.now() + 120_000);
    for (const route of [MARKET_ROUTE, PRICE_ROUTE]) answers.set(route, limited);
    await clock.advanceAsync(1000);
    term.stop();
    begin();
    await clock.advanceAsync(1000);
    expect(callsOf(MARKET_ROUTE)).toHaveLength(1);
    expect(callsOf('/fng/')).toHaveLength(2);
    const { coingecko, alternative_me: asked } = memory.held().document.sources;
    expect(coingecko).toMatchObject({ state: 'rate_limited', error: { code: 'rate_limited' } });
    expect(coingecko?.next_attempt_at).toBe('2026-11-23T07:05:16Z');
    expect(asked?.next_attempt_at).toBe('2026-11-23T07:00:16Z');
    await clock.advanceAsync(INTERVAL_MS);
    expect(callsOf(MARKET_ROUTE).length).toBeGreaterThan(1);
  });

  test('in which nothing could be called is no outage of the upstreams; one in which nothing answered is', async () => {
    const { clock, log, ledger } = setUpTerm({ inherited: known });
    const warn = spyOn(log, 'warn');
    for (const id of ['coingecko', 'alternative_me', 'binance'] as const) {
      ledger.pause(id, INTERVAL_MS + 1000);
    }
    const outages = () => warn.mock.calls.filter(([text]) => `${text}`.startsWith('No upstream'));
    await clock.advanceAsync(INTERVAL_MS);
    expect(outages()).toEqual([]);
    await clock.advanceAsync(INTERVAL_MS);
    expect(outages()).toHaveLength(1);
  });

  test('waits for the word of others on what upstreams allow, and so does a refresh', async () => {
    const word = Promise.withResolvers<void>();
    const { clock, ledger, term, begin, calls, hear } = setUpTerm();
    term.stop();
    calls.splice(0);
    ledger.catchUp = () => word.promise;
    const next = begin();
    hear({ type: 'refresh_wanted' });
    await clock.advanceAsync(1000);
    expect(calls).toEqual([]);
    ledger.pause('coingecko', 60_000);
    word.resolve();
    await clock.advanceAsync(0);
    expect(calls.map(({ path }) => path).toSorted()).toEqual(['/api/v3/klines', '/fng/']);
    next.stop();
  });

  test('is not begun when the term ends before that word', async () => {
    const word = Promise.withResolvers<void>();
    const { clock, ledger, term, begin, calls } = setUpTerm();
    term.stop();
    calls.splice(0);
    ledger.catchUp = () => word.promise;
    begin().stop();
    word.resolve();
    await clock.advanceAsync(1000);
    expect(calls).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

test('the longest wait that an upstream may ask for is kept whole', () => {
  const ledger = createMemoryLedger(createManualClock());
  ledger.pause('taapi', MAX_RETRY_AFTER_S * 1000);
  expect(ledger.pauseMs('taapi')).toBe(MAX_RETRY_AFTER_S * 1000);
  expect(MAX_PAUSE_MS).toBe(MAX_RETRY_AFTER_S * 1000);
});
