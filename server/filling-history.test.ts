import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATHS, type SourceId } from '../contract/index.ts';
import { type RunningRedis, startRedis } from '../e2e/start-redis.ts';
import { until } from '../e2e/until.ts';
import { createLog } from './log.ts';
import { type MarketOptions, setUpMarket, type World } from './test-market.ts';

const MINUTE_MS = 60_000;
/** Five seconds into a minute: whoever keeps an answer to its end keeps it for long. */
const START_MS = Date.UTC(2026, 10, 23, 7, 2, 5);
const QUERY = { series: 'btc_candles', range: '24h' } as const;
/** What is filled last. */
const OLDEST = { series: 'coin:ETH', range: '1y' } as const;
/** So long an answer may be kept while more is to come, s. */
const SHORT_S = 5;

type Market = ReturnType<typeof setUpMarket>;
const markets: Market[] = [];
const redises: RunningRedis[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const market of markets.splice(0)) await market.end();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  await Promise.all(redises.splice(0).map((redis) => redis.stop()));
});
async function start(options: MarketOptions = {}) {
  const market = setUpMarket({ startMs: START_MS, ...options });
  markets.push(market);
  const { port } = await market.start();
  return { ...market, port };
}

/** For how long an answer may be kept, s, and how many rows it has. */
async function ask(port: number, query: Record<string, string> = QUERY) {
  const url = `http://127.0.0.1:${port}${PATHS.history}?${new URLSearchParams(query)}`;
  const answer = await fetch(url);
  const [, maxAge] = /max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '') ?? [];
  const { rows } = await answer.json();
  return { maxAgeS: Number(maxAge), rows: rows.length };
}

/** A log that is kept, and at its end what is in it. */
function addLog() {
  const folder = mkdtempSync(join(tmpdir(), 'marketcast-filling-'));
  folders.push(folder);
  const path = join(folder, 'log');
  const { log, end } = createLog('warn', false, openSync(path, 'w'));
  return { log, lines: () => end().then(() => readFileSync(path, 'utf8')) };
}

/** What is left of the minute, s. */
const leftS = ({ clock }: Market) => Math.ceil((MINUTE_MS - (clock.now() % MINUTE_MS)) / 1000);
const setStates = ({ simulator }: Market, ids: readonly SourceId[], state: 'dead' | 'ok') =>
  simulator.states.setStates(Object.fromEntries(ids.map((id) => [id, state])));
const UPSTREAMS = ['binance', 'coinbase', 'kraken', 'alternative_me', 'coingecko'] as const;

describe('answers may be kept', () => {
  test('for seconds from the first moment on, for all of a minute once all is there', async () => {
    const market = await start({ env: { COINS: 'BTC,ETH' } });
    expect(await ask(market.port)).toEqual({ maxAgeS: SHORT_S, rows: 0 });
    // The filler waits for the first round, then fills.
    for (let second = 0; second < 12; second++) {
      await market.pass(1000);
      expect((await ask(market.port)).maxAgeS).toBe(SHORT_S);
    }
    await market.pass(2 * MINUTE_MS - 12_000, 1000);
    expect(await ask(market.port)).toEqual({ maxAgeS: leftS(market), rows: 288 });
    expect(leftS(market)).toBe(55);
  });

  test('for seconds while upstreams are waited for', async () => {
    const market = await start({ env: { COINS: 'BTC,ETH' } });
    setStates(market, UPSTREAMS, 'dead');
    for (let second = 0; second < 180; second += 10) {
      await market.pass(10_000, 1000);
      expect(await ask(market.port)).toEqual({
        maxAgeS: Math.min(SHORT_S, leftS(market)),
        rows: 0,
      });
    }
    setStates(market, UPSTREAMS, 'ok');
    await market.pass(8 * MINUTE_MS, 1000);
    expect(await ask(market.port)).toEqual({ maxAgeS: leftS(market), rows: 288 });
    expect(leftS(market)).toBeGreaterThan(SHORT_S);
  }, 60_000);

  test('for seconds by a follower that takes them from a leader that is filling', async () => {
    const redis = await startRedis();
    redises.push(redis);
    const env = { REDIS_URL: redis.url, COINS: 'BTC,ETH', LEASE_TTL_MS: '10000' };
    const leader = await start({ env });
    // Redis answers in its own time: each step of the clocks gives it some.
    await until(
      async () => {
        await leader.pass(1000, 100);
        return ask(leader.port);
      },
      ({ rows }) => rows > 0,
    );
    const follower = await start({ env, startMs: leader.clock.now() });
    expect(await ask(follower.port)).toEqual({
      maxAgeS: Math.min(SHORT_S, leftS(follower)),
      rows: 0,
    });
    const kept = await until(
      async () => {
        await Promise.all([leader.pass(1000, 100), follower.pass(1000, 100)]);
        return ask(follower.port, OLDEST);
      },
      ({ maxAgeS }) => maxAgeS > SHORT_S,
      30_000,
    );
    expect(kept.rows).toBe(365);
    expect((await ask(follower.port)).rows).toBe(288);
    expect(follower.simulator.requests().counts).toEqual({});
  }, 60_000);
});

describe('a stop in the middle of a page', () => {
  /** Holds the answer to one page of the past, and counts them all. */
  function holdPage(nth: number) {
    const held = Promise.withResolvers<void>();
    const state = { pages: 0, isHolding: false, release: held.resolve };
    const between = (world: World): World => ({
      ...world,
      async fetch(url, init) {
        const answer = await world.fetch(url, init);
        if (!url.includes('startTime=')) return answer;
        state.pages += 1;
        if (state.pages !== nth) return answer;
        state.isHolding = true;
        await held.promise;
        state.isHolding = false;
        return answer;
      },
    });
    return { state, between };
  }
  const HISTORIES = ['btc_candles', 'rsi_14', 'coin:BTC', 'coin:ETH'].flatMap((series) =>
    (['24h', '7d', '30d', '1y'] as const).map((range) => ({ series, range })),
  );
  /** Runs as long as filling takes, within five minutes of the clock. */
  async function fillAndAsk(market: Market, port: number) {
    await market.pass(MINUTE_MS);
    return Promise.all(HISTORIES.map((query) => ask(port, query)));
  }

  test('costs that page alone, and what comes for it later is kept by nobody', async () => {
    const env = { COINS: 'BTC,ETH' };
    const whole = holdPage(0);
    const unstopped = await start({ env, between: whole.between });
    const rows = (await fillAndAsk(unstopped, unstopped.port)).map((answer) => answer.rows);
    expect(rows).toEqual([
      288, 168, 180, 365, 288, 168, 180, 365, 288, 168, 180, 365, 288, 168, 180, 365,
    ]);
    for (const nth of [1, 2, 8, whole.state.pages]) {
      const { state, between } = holdPage(nth);
      const { log, lines } = addLog();
      const market = await start({ env, between, log });
      for (let step = 0; !state.isHolding && step < 600; step++) await market.pass(100, 100);
      expect([state.pages, state.isHolding]).toEqual([nth, true]);
      await market.stop(2000);
      state.release();
      await market.pass(1000, 100);
      expect(state.isHolding).toBe(false);
      const { port } = await market.start();
      const answers = await fillAndAsk(market, port);
      expect(answers.map((answer) => answer.rows)).toEqual(rows);
      // And a second look at the days before a market's first, which only a process remembers.
      expect(state.pages).toBeWithin(whole.state.pages + 1, whole.state.pages + 3);
      expect(await lines()).toBe('');
    }
  }, 60_000);
});
