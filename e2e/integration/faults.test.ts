import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { type DashboardDocument, type ErrorCode, PATHS } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { type RunningServer, startServer } from '../start-server.ts';

const GLOBAL = '/api/v3/global';
const KLINES = '/api/v3/klines';

let simulator: RunningSimulator;
let server: RunningServer;

type Fault = NonNullable<Parameters<RunningSimulator['setFaults']>[0][string]>;

const ask = async (path: string) => {
  const response = await fetch(server.url + path);
  const text = await response.text();
  return { status: response.status, text };
};

/** The document once `test` holds for it. TAAPI is asked once in 15 seconds, however short the interval. */
async function documentWhere(
  holds: (document: DashboardDocument) => boolean,
): Promise<DashboardDocument> {
  const deadline = performance.now() + 25_000;
  for (;;) {
    const { status, text } = await ask(PATHS.summary);
    const document: DashboardDocument | null = status === 200 ? JSON.parse(text) : null;
    if (document !== null && holds(document)) return document;
    if (performance.now() > deadline) throw new Error(`not in 25 s; last: ${text.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  simulator = await startSimulator({ seed: 5 });
  await simulator.setMarket({ frozen: true, market_cap: 2.5e12 });
  server = await startServer({
    environment: {
      ...simulator.environment,
      ...POLLED_ONLY,
      TAAPI_SECRET: 'any-secret',
      FETCH_INTERVAL_SECONDS: '1',
      REFRESH_MIN_INTERVAL_SECONDS: '1',
      UPSTREAM_TIMEOUT_MS: '500',
    },
  });
  await documentWhere((document) => document.market_cap !== null && document.rsi_14 !== null);
});

afterEach(() => simulator.clearFaults());

afterAll(async () => {
  await server.stop();
  await simulator.stop();
});

describe('an upstream that fails', () => {
  const faults: [name: string, fault: Fault, code: ErrorCode][] = [
    ['answers 500', { status: 500 }, 'unavailable'],
    ['answers 503 with a page', { status: 503, html: true }, 'unavailable'],
    ['answers 200 with a page', { html: true }, 'bad_response'],
    ['answers with half its JSON', { malformed: true }, 'bad_response'],
    ['answers with nothing', { body: '' }, 'bad_response'],
    ['answers null', { body: 'null' }, 'bad_response'],
    ['answers {}', { body: {} }, 'bad_response'],
    ['resets the connection', { reset: true }, 'unavailable'],
    ['says nothing in time', { delayMs: 2000 }, 'timeout'],
    ['drips a byte at a time', { dripBytesPerS: 10 }, 'timeout'],
    ['redirects elsewhere', { redirectTo: 'http://127.0.0.1:9/elsewhere' }, 'bad_response'],
    ['sends six megabytes', { hugeBytes: 6_000_000 }, 'too_large'],
    ['sends 200 MB in a small gzip', { gzipBombBytes: 200_000_000 }, 'too_large'],
  ];
  for (const [name, fault, code] of faults) {
    test(`and ${name} is ${code}, keeps its figure, and touches no other`, async () => {
      const before = await documentWhere(({ sources }) => sources.binance?.state === 'ok');
      await simulator.setFaults({ [KLINES]: fault });
      const during = await documentWhere(({ sources }) => sources.binance?.state !== 'ok');
      expect(during.sources.binance?.error?.code).toBe(code);
      expect(during.sources.binance?.state).toBe('failing');
      expect(during.rsi_14).toBe(before.rsi_14);
      expect(during.sources.coingecko?.state).toBe('ok');
      expect(during.market_cap).toBe(2.5e12);
      await simulator.clearFaults();
      const after = await documentWhere(({ sources }) => sources.binance?.state === 'ok');
      expect(after.sources.binance?.error).toBeNull();
    });
  }

  test('with a figure missing shows null for it, never nought, and keeps the rest', async () => {
    const body = { data: { total_market_cap: { usd: 2.6e12 }, total_volume: {} } };
    await simulator.setFaults({ [GLOBAL]: { body } });
    const document = await documentWhere(({ market_cap }) => market_cap === 2.6e12);
    expect(document).toMatchObject({
      volume_24h: null,
      btc_dominance: null,
      market_cap_change_24h: null,
    });
  });

  test('with an error inside 200 is a failure with its own code', async () => {
    const body = { error: 'You have exceeded your request limit (TAAPI.IO rate-limit)!' };
    await simulator.setFaults({ '/rsi': { body } });
    const document = await documentWhere(({ sources }) => sources.taapi?.state === 'rate_limited');
    expect(document.rsi_14_taapi).not.toBeNull();
    expect(document.rsi_14).not.toBeNull();
  });

  test('with 429 and Retry-After is not called before its time', async () => {
    const limit = { status: 429, headers: { 'retry-after': '4' }, body: 'Throttled' };
    await simulator.setFaults({ [GLOBAL]: { ...limit, times: 1 } });
    const limited = await documentWhere((d) => d.sources.coingecko?.state === 'rate_limited');
    const limitedAt = performance.now();
    await simulator.clearRequests();
    const next = Date.parse(limited.sources.coingecko?.next_attempt_at ?? '');
    expect(next - Date.now()).toBeGreaterThan(2000);
    await documentWhere(({ sources }) => sources.coingecko?.state === 'ok');
    expect(performance.now() - limitedAt).toBeGreaterThan(3000);
  });
});
