import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { DashboardDocument } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import {
  binaryFrames,
  type Deed,
  endlessEmptyFragments,
  endlessFragments,
  type HostileUpstream,
  headersWithoutEnd,
  hugeFrame,
  pingFlood,
  redirectTo,
  slowFrame,
  startHostile,
  startTrap,
  tinyFrames,
} from '../hostile-upstreams.ts';
import { summary, summaryWhere } from '../stage.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { type SeenProcess, watchProcess } from '../watch-process.ts';

const SECRET = 'very-secret';
/** What a flood may cost in memory, bytes: a megabyte or two for each connection, and the heap's own waves. */
const MAX_GROWTH_BYTES = 150_000_000;
/** Whoever looks after the server takes it for dead later than this. */
const MAX_ANSWER_MS = 1000;
/** For a whole call. */
const TIMEOUT_MS = 5000;
/** For a start, and for the end of a round to be told. */
const SLACK_MS = 4000;
/** How long a flood goes on. */
const FLOOD_MS = 4000;

let simulator: RunningSimulator;
let trap: HostileUpstream;
let server: RunningServer | null = null;
const hostile: HostileUpstream[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ seed: 5 });
  trap = await startTrap();
});

afterEach(async () => {
  for (const upstream of hostile.splice(0)) upstream.close();
  await server?.stop();
  server = null;
  await simulator.clearFaults();
});

afterAll(async () => {
  trap.close();
  await simulator.stop();
});

const hostileHost = async (deed: Deed): Promise<string> => {
  const upstream = await startHostile(deed);
  hostile.push(upstream);
  return upstream.host;
};

const startOn = async (environment: Readonly<Record<string, string>>): Promise<RunningServer> => {
  server = await startServer({ environment: { ...simulator.environment, ...environment } });
  return server;
};

const statesOf = ({ coins, freshness }: DashboardDocument) => ({
  coins: new Set(Object.values(coins).map(({ state, source }) => `${state} of ${source}`)),
  market: `${freshness.market.state} of ${freshness.market.source}`,
  fng: freshness.fng.state,
  rsi: `${freshness.rsi_14.state} of ${freshness.rsi_14.source}`,
});

const expectWell = ({ slowestMs, answers, growthBytes }: SeenProcess) => {
  expect(slowestMs).toBeLessThan(MAX_ANSWER_MS);
  expect(answers).toBeGreaterThan(10);
  expect(growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
};

describe('a server whose polled upstreams are hostile', () => {
  test('shows what the others give, in time, in bounded memory, and goes nowhere it is sent', async () => {
    await simulator.setFaults({
      '/api/v3/global': { gzipBombBytes: 200_000_000 },
      '/v1/global': { hugeBytes: 1_000_000_000 },
      '/fng/': { dripBytesPerS: 1 },
      '/rsi': { redirectTo: `http://${trap.host}/rsi?secret=${SECRET}` },
      '/api/v3/klines': { redirectTo: `//${trap.host}/klines`, status: 308 },
    });
    const running = await startOn({
      UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS),
      TAAPI_SECRET: SECRET,
      FINNHUB_API_KEY: SECRET,
      FINNHUB_BASE_URL: `http://${await hostileHost(headersWithoutEnd)}`,
    });
    const seen = watchProcess(running);
    const document = await summaryWhere(
      running,
      ({ freshness, coins }) =>
        freshness.rsi_14.state === 'live' &&
        freshness.market.state === 'live' &&
        Object.values(coins).every(({ source }) => source === 'binance'),
    );
    expect(statesOf(document)).toEqual({
      coins: new Set(['live of binance']),
      market: 'live of coinlore',
      fng: 'unavailable',
      rsi: 'live of coinbase',
    });
    // Once their time is up all calls have ended, and are called by a name.
    const named = await summaryWhere(
      running,
      ({ sources }) => sources.alternative_me?.error?.code === 'timeout',
    );
    expect(performance.now() - running.startedAtMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    const codes = Object.entries(named.sources).map(([id, entry]) => [id, entry?.error?.code]);
    expect(Object.fromEntries(codes)).toMatchObject({
      coingecko: 'too_large',
      coinpaprika: 'too_large',
      alternative_me: 'timeout',
      taapi: 'bad_response',
      binance: 'bad_response',
      // The platform gives up on so many headers by itself.
      finnhub: 'unavailable',
      coinlore: undefined,
    });
    expect(trap.connections()).toBe(0);
    expectWell(await seen());
  }, 30_000);
});

describe('a server whose exchanges are hostile', () => {
  const redirect: Deed = (connection, head) => redirectTo(`ws://${trap.host}/ws`)(connection, head);
  test.each<[string, readonly [Deed, Deed, Deed]]>([
    [
      'redirect, announce 200 MB, and send fragments without end',
      [redirect, hugeFrame, endlessFragments],
    ],
    [
      'pour binary frames, pings and empty fragments',
      [binaryFrames, pingFlood, endlessEmptyFragments],
    ],
    [
      'send millions of tiny frames, headers without end, and a byte now and then',
      [tinyFrames, headersWithoutEnd, slowFrame],
    ],
    ['send tiny frames all together', [tinyFrames, tinyFrames, tinyFrames]],
  ])(
    'that %s shows polled prices, and answers all the while',
    async (_, [binance, coinbase, kraken]) => {
      const running = await startOn({
        BINANCE_WS_URL: `ws://${await hostileHost(binance)}`,
        COINBASE_WS_URL: `ws://${await hostileHost(coinbase)}`,
        KRAKEN_WS_URL: `ws://${await hostileHost(kraken)}`,
      });
      const seen = watchProcess(running);
      const isPolled = (document: DashboardDocument) =>
        Object.values(document.coins).every(({ state }) => state === 'live');
      const document = await summaryWhere(running, isPolled);
      expect(statesOf(document).coins).toEqual(new Set(['live of coingecko']));
      await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
      const later = await summary(running);
      expect(later && statesOf(later)).toEqual(statesOf(document));
      const process = await seen();
      expectWell(process);
      // Whoever is cut off is tried again, and not at once.
      expect(Math.max(...hostile.map(({ connections }) => connections()))).toBeLessThan(12);
      expect(hostile.map(({ connections }) => connections() > 0)).toEqual([true, true, true]);
      expect(trap.connections()).toBe(0);
    },
    30_000,
  );
});
