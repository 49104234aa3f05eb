import { describe, expect, test } from 'bun:test';
import type { SourceId } from '../contract/index.ts';
import { createManualClock } from '../contract/manual-clock.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { UpstreamError } from './sources/upstream.ts';
import { createTasks, STREAM_GRACE_MS, type Task } from './tasks.ts';

const HOUR_MS = 3_600_000;

/** The tasks over upstreams that refuse, but for Fear & Greed, which gets an answer as long as the test lets it. */
function setUp(env: Record<string, string> = {}, nodes = 1) {
  const clock = createManualClock(Date.UTC(2026, 10, 23, 7, 0, 0));
  const known = { unstreamed: ['BTC'], running: new Set<SourceId>() };
  const asked: Task[] = [];
  const answers = { fng: true };
  const tasks = createTasks({
    config: readConfig(env),
    clock,
    log: createLog('silent', false).log,
    random: () => 0,
    upstream: {
      async get(source) {
        if (source !== 'alternative_me' || !answers.fng) {
          throw new UpstreamError(source, 'unavailable');
        }
        const nowMs = clock.now();
        const midnightS = Date.UTC(2026, 10, 23) / 1000;
        const left = String(Math.floor(midnightS + 86_400 - nowMs / 1000));
        const entry = { value: '26', timestamp: String(midnightS), time_until_update: left };
        return { body: { data: [entry] }, receivedAtMs: nowMs, ageS: 0 };
      },
    },
    feed: () => ({
      unstreamedCoins: () => known.unstreamed,
      hasRunningCandles: (source) => known.running.has(source),
    }),
    isSetAside: () => false,
    nodes,
    intervalS: () => 300,
    ask: async (wanted) => {
      asked.push(...wanted);
      return 'answered';
    },
    freeInMs: () => 0,
  });
  const of = (upstream: SourceId, gives: Task['gives']): Task => {
    const found = tasks.all.find((task) => task.upstream === upstream && task.gives === gives);
    if (found === undefined) throw new Error(`${upstream} does not give ${gives}`);
    return found;
  };
  return { clock, known, asked, answers, tasks, of };
}

describe('the tasks of a term', () => {
  test('stand in for each other in the order of preference', () => {
    const { tasks } = setUp({ CMC_API_KEY: 'k' });
    const inChain = (chain: string) =>
      tasks.all.filter((task) => task.chain === chain).map(({ upstream }) => upstream);
    expect(inChain('market')).toEqual(['coingecko', 'coinpaprika', 'coinlore', 'coinmarketcap']);
    expect(inChain('candles')).toEqual(['binance', 'coinbase', 'kraken']);
  });

  test('leave out what has no key or is switched off', () => {
    const { tasks } = setUp({ COINLORE_BASE_URL: 'off' });
    expect(tasks.unasked.toSorted()).toEqual(['coinlore', 'coinmarketcap', 'finnhub', 'taapi']);
    const all = setUp({ TAAPI_SECRET: 'k', CMC_API_KEY: 'k', FINNHUB_API_KEY: 'k' });
    expect(all.tasks.unasked).toEqual([]);
    expect(all.tasks.all.filter(({ gives }) => gives === 'etfs')).toHaveLength(3);
  });

  test('ask for polled prices only while a coin has no streamed one', () => {
    const { known, of } = setUp();
    const prices = of('coingecko', 'prices');
    expect(prices.isWanted?.(true)).toBe(true);
    known.unstreamed = [];
    expect(prices.isWanted?.(true)).toBe(false);
  });

  test('leave the candles of other exchanges alone while a better one has its own and its stream', () => {
    const { clock, known, of } = setUp();
    const [coinbase, kraken] = [of('coinbase', 'candles'), of('kraken', 'candles')];
    expect(of('binance', 'candles').isWanted?.(true)).toBe(true);
    expect(coinbase.isWanted?.(false)).toBe(false);
    expect(coinbase.isWanted?.(true)).toBe(true);
    clock.advance(STREAM_GRACE_MS);
    expect(coinbase.isWanted?.(false)).toBe(true);
    known.running.add('coinbase');
    expect(kraken.isWanted?.(false)).toBe(false);
    expect(coinbase.isWanted?.(false)).toBe(true);
    known.running.add('binance');
    expect(coinbase.isWanted?.(true)).toBe(false);
  });

  test('ask for no prices of a coin that is not known there', () => {
    const { known, of } = setUp({ COINS: 'BTC,NOSUCH' });
    known.unstreamed = ['NOSUCH'];
    expect(of('coingecko', 'prices').isWanted?.(true)).toBe(false);
  });

  test('share what upstreams allow with other nodes that ask for themselves', () => {
    const limits = setUp({ TAAPI_SECRET: 'k', COINGECKO_API_KEY: 'k' }, 3).tasks.all.map(
      (task) => [task.upstream, task.limits] as const,
    );
    expect(new Map(limits).get('coingecko')).toEqual({ perMinute: 10, perMonth: 10_000 });
    expect(new Map(limits).get('taapi')).toEqual({ minCallIntervalMs: 45_000 });
    const ofMany = setUp({}, 10).tasks.all.find(({ upstream }) => upstream === 'coingecko');
    expect(ofMany?.limits).toEqual({ minCallIntervalMs: 120_000, perMinute: 5 });
  });

  test('ask for Fear & Greed an hour after the last time, whatever the wall clock was then', async () => {
    const { clock, asked, of } = setUp();
    const fng = of('alternative_me', 'fng');
    const rightMs = clock.now();
    clock.setWall(rightMs + 10 * 24 * HOUR_MS);
    await fng.call();
    clock.setWall(rightMs);
    clock.advance(2 * HOUR_MS);
    expect(asked).toEqual([fng]);
    expect(fng.isWanted?.(true)).toBe(true);
  });

  test('ask for Fear & Greed when it is due, and not before', async () => {
    const { clock, asked, of, tasks } = setUp();
    const fng = of('alternative_me', 'fng');
    expect(fng.isWanted?.(true)).toBe(true);
    expect((await fng.call()).ok).toBe(true);
    expect(fng.isWanted?.(true)).toBe(false);
    clock.advance(HOUR_MS - 1000);
    expect(asked).toEqual([]);
    expect(fng.isWanted?.(true)).toBe(false);
    clock.advance(1000);
    expect(asked).toEqual([fng]);
    expect(fng.isWanted?.(true)).toBe(true);
    tasks.close();
    expect(clock.pending()).toBe(0);
  });

  test('notice a due moment that a jump of the wall clock brought on', async () => {
    const { clock, asked, of } = setUp();
    const fng = of('alternative_me', 'fng');
    await fng.call();
    clock.setWall(clock.now() + HOUR_MS);
    clock.advance(10 * 60_000);
    expect(asked).toEqual([fng]);
  });

  test('ask again with the next round for what was due and failed', async () => {
    const { clock, answers, of } = setUp();
    const fng = of('alternative_me', 'fng');
    await fng.call();
    clock.advance(HOUR_MS);
    answers.fng = false;
    expect((await fng.call()).ok).toBe(false);
    expect(fng.isWanted?.(true)).toBe(true);
  });

  test('ask for nothing more once the term is over, also for an answer that comes late', async () => {
    const { clock, of, tasks } = setUp();
    const late = of('alternative_me', 'fng').call();
    tasks.close();
    await late;
    expect(clock.pending()).toBe(0);
  });
});
