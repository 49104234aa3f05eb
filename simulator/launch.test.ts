import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningSimulator, startSimulator } from './launch.ts';
import { isGone, startChild } from './test-child.ts';

let simulator: RunningSimulator | null = null;

afterEach(async () => {
  await simulator?.stop();
  simulator = null;
});

describe('startSimulator', () => {
  test('starts a process, points the server at it and stops it', async () => {
    const running = await startSimulator();
    expect(running.environment).toMatchObject({
      COINGECKO_BASE_URL: running.url,
      BINANCE_BASE_URL: running.url,
      COINBASE_WS_URL: running.wsUrl,
      SIMULATED: 'true',
      REDIS_URL: 'off',
    });
    expect((await fetch(`${running.url}/fng/`)).status).toBe(200);
    await running.stop();
    await running.exited;
    expect(await isGone(running.url)).toBe(true);
    await running.stop();
  });

  test('sets figures, faults and the log', async () => {
    simulator = await startSimulator({ seed: 9 });
    const { url } = simulator;
    const figures = await simulator.setMarket({ btc_price_usd: 80_000, frozen: true });
    expect(figures.btc_price_usd).toBe(80_000);
    expect(await simulator.figures()).toEqual(figures);
    await simulator.setMarket({ btc_price_usd: null });
    expect((await simulator.stepMarket()).btc_price_usd).not.toBe(80_000);

    await simulator.setFaults({ '/fng/': { status: 500 } });
    expect((await fetch(`${url}/fng/`)).status).toBe(500);
    await simulator.clearFaults();
    expect((await fetch(`${url}/fng/`)).status).toBe(200);
    expect((await simulator.requests()).counts).toEqual({ '/fng/': 2 });
    await simulator.clearRequests();
    expect((await simulator.requests()).total).toBe(0);
  });

  test('sets whole upstreams, blocks and quotas', async () => {
    simulator = await startSimulator();
    const { url } = simulator;
    const statusOf = async (path: string) => (await fetch(url + path)).status;
    await simulator.setUpstreams({ coinlore: 'dead' });
    await expect(fetch(`${url}/api/global/`)).rejects.toThrow();
    await simulator.setUpstreams({ coinlore: 'ok' });
    await simulator.setBlocks({ coinlore: 403 });
    expect(await statusOf('/api/global/')).toBe(403);
    await simulator.setBlocks({ coinlore: null });
    await simulator.setQuotas({ coinlore: { perMinute: 1 } });
    expect(await statusOf('/api/global/')).toBe(200);
    expect(await statusOf('/api/global/')).toBe(429);
    expect((await simulator.quotas()).refused).toEqual({ coinlore: 1 });
  });

  test('sets the faults of streams, acts on them and sees who came', async () => {
    simulator = await startSimulator();
    const socket = new WebSocket(`${simulator.wsUrl}/v2`);
    const frames: unknown[] = [];
    socket.addEventListener('message', ({ data }) => frames.push(data));
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    const closed = new Promise<number>((resolve) => {
      socket.addEventListener('close', ({ code }) => resolve(code), { once: true });
    });
    await simulator.actOnStream('kraken', { do: 'inject', frames: ['[1e400]'] });
    await simulator.actOnStream('kraken', { do: 'cut', code: 4001 });
    expect(await closed).toBe(4001);
    expect(frames).toEqual([expect.stringContaining('status'), '[1e400]']);

    await simulator.setStreamFaults({ kraken: { refuse: 451 } });
    const refused = new WebSocket(`${simulator.wsUrl}/v2`);
    await new Promise((resolve) => refused.addEventListener('error', resolve, { once: true }));
    const { counts, connections } = await simulator.connections();
    expect(counts.kraken).toMatchObject({ handshakes: 2, opened: 1, open: 0 });
    expect(connections.map(({ refused_with }) => refused_with)).toEqual([null, 451]);
    await simulator.clearStreamFaults();
    await simulator.clearConnections();
    expect((await simulator.connections()).connections).toEqual([]);
    await expect(simulator.actOnStream('kraken', { do: 'cut', code: 1 })).rejects.toThrow(
      'close code',
    );
  });

  test('sets the states, blocks and quotas of upstreams', async () => {
    simulator = await startSimulator();
    const { url } = simulator;
    const statusOfFng = () =>
      fetch(`${url}/fng/`).then(
        ({ status }) => status,
        () => null,
      );
    await simulator.setUpstreams({ alternative_me: 'dead' });
    expect(await statusOfFng()).toBeNull();
    await simulator.setUpstreams({ alternative_me: 'ok' });
    await simulator.setBlocks({ alternative_me: 451 });
    expect(await statusOfFng()).toBe(451);
    await simulator.setBlocks({ alternative_me: null });
    await simulator.setQuotas({ alternative_me: { perMinute: 1 } });
    expect([await statusOfFng(), await statusOfFng()]).toEqual([200, 429]);
    expect((await simulator.quotas()).refused).toEqual({ alternative_me: 1 });
  });

  test('says what the simulator refused', async () => {
    simulator = await startSimulator();
    await expect(simulator.setFaults({ '/nowhere': { reset: true } })).rejects.toThrow(
      'not a route',
    );
    await expect(simulator.setMarket({ btc_price_usd: -1 })).rejects.toThrow('out of range');
  });

  test('rejects when it cannot start', async () => {
    simulator = await startSimulator();
    const port = Number(new URL(simulator.url).port);
    await expect(startSimulator({ port })).rejects.toThrow('ended before it was ready');
  });

  test('leaves no orphan when whoever started it is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marketcast-launch-'));
    const script = join(folder, 'parent.ts');
    const launch = fileURLToPath(new URL('./launch.ts', import.meta.url));
    writeFileSync(
      script,
      `import { startSimulator } from ${JSON.stringify(launch)};
       const { url } = await startSimulator();
       console.log('at ' + url);
       setInterval(() => {}, 1000);`,
    );
    const parent = startChild(script);
    const [, url = ''] = await parent.waitFor(/at (\S+)/);
    expect((await fetch(`${url}/fng/`)).status).toBe(200);
    parent.kill('SIGKILL');
    await parent.exited;
    expect(await isGone(url)).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
