import { describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOSE, PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { startServer, tryStart } from '../start-server.ts';
import { until } from '../until.ts';
import { watchSocket } from '../watch-socket.ts';

/** No upstream at all. */
const NOTHING = {
  COINGECKO_BASE_URL: 'http://127.0.0.1:9',
  ALTERNATIVE_ME_BASE_URL: 'http://127.0.0.1:9',
  BINANCE_BASE_URL: 'http://127.0.0.1:9',
};

describe('a start', () => {
  test('is refused with one line that names the variable and not its value', async () => {
    const failed = await tryStart({ environment: { FETCH_INTERVAL_SECONDS: 'soonish' } });
    expect(failed).toEqual({
      code: 1,
      output:
        'Marketcast cannot start: FETCH_INTERVAL_SECONDS must be a whole number from 1 to 86400\n',
    });
  });

  test('on a taken port says so in one line', async () => {
    const taken = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('') });
    const { port } = taken;
    const failed = await tryStart({ environment: { ...NOTHING, PORT: String(port) } });
    await taken.stop(true);
    expect(failed).toMatchObject({ code: 1 });
    expect('output' in failed && failed.output).toContain(`Port ${port} is in use`);
  });

  test('takes under a second', async () => {
    const server = await startServer({ environment: NOTHING });
    process.stdout.write(`up ${server.startMs.toFixed(0)} ms after the start (target < 1000 ms)\n`);
    await server.stop();
    // The target with three times the slack.
    expect(server.startMs).toBeLessThan(3000);
  });

  test('without any upstream is up, says so in one sentence and keeps trying', async () => {
    const server = await startServer({ environment: NOTHING });
    const socket = await watchSocket(server.socketUrl);
    await socket.find(({ frame }) => {
      const entry = frame?.type === 'dashboard_update' ? frame.data.sources.coingecko : undefined;
      const patched = frame?.type === 'dashboard_patch' && 'sources' in frame.patch;
      return entry?.state === 'failing' || patched;
    });
    const said = () =>
      server
        .logLines()
        .map(({ msg }) => String(msg))
        .filter((msg) => msg.includes('No upstream answers'));
    const sentences = await until(said, ({ length }) => length > 0);
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain('npm run demo');

    const summary = await fetch(server.url + PATHS.summary);
    expect(summary.status).toBe(503);
    expect(summary.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await summary.json()).toMatchObject({ error: { code: 'no_figures_yet' } });
    const page = await (await fetch(server.url + PATHS.page)).text();
    expect(page).toContain('The server keeps trying.');
    expect(page).toContain('npm run demo');
    expect((await fetch(server.url + PATHS.ready)).status).toBe(200);

    socket.close();
    await server.stop();
    expect(await server.exited).toBe(0);
  });
});

describe('a stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal} is clean: sockets are told, the exit code is 0`, async () => {
      const server = await startServer({ environment: NOTHING });
      const socket = await watchSocket(server.socketUrl);
      await socket.find(({ frame }) => frame?.type === 'hello');
      const begun = performance.now();
      server.signal(signal);
      expect(await socket.closed).toBe(CLOSE.serviceRestart);
      expect(await server.exited).toBe(0);
      expect(performance.now() - begun).toBeLessThan(3000);
    });
  }
});

describe('a restart', () => {
  test('shows the last known figures at once, stale with their true age', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-restart-'));
    const simulator = await startSimulator({ seed: 3 });
    await simulator.setMarket({ frozen: true, market_cap: 2_222_333_444_555.5 });
    // A polled figure is stale after three times the longer of interval and upstream's cache: RSI, which has none, after
    // 3 s, a coin (cached for 60 s) after 180 s, the market (cached for 600 s) after 1800 s.
    const environment = {
      ...simulator.environment,
      ...POLLED_ONLY,
      FETCH_INTERVAL_SECONDS: '1',
      REFRESH_MIN_INTERVAL_SECONDS: '1',
    };
    const first = await startServer({ environment, dataDir });
    const socket = await watchSocket(first.socketUrl);
    await socket.find(
      ({ frame }) => frame?.type === 'dashboard_update' && frame.data.rsi_14 !== null,
    );
    const before = socket.document();
    const positionBefore = (await fetch(first.url + PATHS.summary)).headers.get('etag') ?? '';
    // A crash, not a stop: what was written a second ago has to be enough.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    first.signal('SIGKILL');
    await first.exited;
    await simulator.stop();
    await new Promise((resolve) => setTimeout(resolve, 4000));

    const second = await startServer({ environment, dataDir });
    const response = await fetch(second.url + PATHS.summary);
    const after = await response.json();
    expect(response.status).toBe(200);
    expect(after.market_cap).toBe(2_222_333_444_555.5);
    expect(after.rsi_14).toBe(before.rsi_14);
    expect(after.freshness.rsi_14.state).toBe('stale');
    const ageS = (Date.now() - Date.parse(after.freshness.rsi_14.as_of)) / 1000;
    expect(ageS).toBeGreaterThan(3);
    expect(ageS).toBeLessThan(60);
    const epoch = (tag: string) => Number(/\d+/.exec(tag)?.[0]);
    expect(epoch(response.headers.get('etag') ?? '')).toBeGreaterThan(epoch(positionBefore));
    await second.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('finds a second process on its folder and goes on in memory, saying so', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-twice-'));
    const first = await startServer({ environment: NOTHING, dataDir });
    const second = await startServer({ environment: NOTHING, dataDir });
    expect(second.output()).toContain('another process uses this DATA_DIR');
    const ready = await (await fetch(second.url + PATHS.ready)).json();
    expect(ready).toMatchObject({ degraded: ['store_in_memory'] });
    await first.stop();
    await second.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
