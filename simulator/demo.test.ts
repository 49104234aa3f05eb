import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, isGone, startChild } from './test-child.ts';

/** Stands in for the server: says what it was given, and is ready at once. */
const SERVER = `
  console.log('SERVER ' + JSON.stringify({ pid: process.pid, env: process.env }) + ' END');
  Bun.serve({
    hostname: process.env.HOST,
    port: Number(process.env.PORT),
    fetch: () => new Response('ok'),
  });
  process.on('SIGTERM', () => { console.log('SERVER stopped'); process.exit(0); });
`;

let folder: string;
let script: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'marketcast-demo-test-'));
  script = join(folder, 'server.ts');
  writeFileSync(script, SERVER);
  writeFileSync(join(folder, '.env'), 'CMC_API_KEY=from-dotenv\nFLUSH_INTERVAL_MS=10\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const startDemo = (env: Record<string, string> = {}) =>
  startChild('demo.ts', ['--server', script], { env, cwd: folder });

/** What the stand-in was given, when the demo has said that it is up. */
async function serverOf(demo: Child): Promise<{ pid: number; env: Record<string, string> }> {
  await demo.waitFor(/simulated data/);
  const [, said] = await demo.waitFor(/SERVER (.*) END/);
  return JSON.parse(said ?? '');
}

describe('the demo', () => {
  test('says in one line where the page is, and stops both cleanly on Ctrl-C', async () => {
    const demo = startDemo();
    const { env } = await serverOf(demo);
    const simulator = env.COINGECKO_BASE_URL ?? '';
    expect(demo.output()).toContain(`http://localhost:${env.PORT}/crypto_report`);
    expect(demo.output()).not.toContain('runs alone');
    expect((await fetch(`${simulator}/fng/`)).status).toBe(200);
    expect(existsSync(env.DATA_DIR ?? '')).toBe(true);
    demo.kill('SIGINT');
    // A terminal and a package runner may both send one.
    demo.kill('SIGINT');
    expect(await demo.exited).toBe(0);
    expect(demo.output()).toContain('SERVER stopped');
    expect(await isGone(`http://127.0.0.1:${env.PORT}`)).toBe(true);
    expect(await isGone(simulator)).toBe(true);
    expect(existsSync(env.DATA_DIR ?? '')).toBe(false);
  });

  test('gives the server a simulated world and nothing of the user’s configuration', async () => {
    const demo = startDemo({ COINGECKO_API_KEY: 'from-shell', REDIS_URL: 'redis://localhost' });
    const { env } = await serverOf(demo);
    expect(env).toMatchObject({
      SIMULATED: 'true',
      REDIS_URL: 'off',
      TAAPI_SECRET: 'demo',
      BINANCE_BASE_URL: env.COINGECKO_BASE_URL ?? '',
      KRAKEN_WS_URL: env.BINANCE_WS_URL ?? '',
      FINNHUB_API_KEY: 'demo',
    });
    for (const name of ['COINGECKO_API_KEY', 'CMC_API_KEY', 'FLUSH_INTERVAL_MS']) {
      expect(env).not.toHaveProperty(name);
    }
    expect(demo.output().match(/^Marketcast demo: runs alone .*$/gm)).toHaveLength(1);
    expect(demo.output()).not.toContain('redis://localhost');
    demo.kill();
    expect(await demo.exited).toBe(0);
  });

  test('takes PORT from the environment, and one line ends it when that is no port', async () => {
    const probe = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    const port = String(probe.port);
    await probe.stop(true);
    const demo = startDemo({ PORT: port });
    expect((await serverOf(demo)).env.PORT).toBe(port);
    demo.kill();
    await demo.exited;

    const wrong = startDemo({ PORT: 'nonsense' });
    expect(await wrong.exited).toBe(2);
    expect(wrong.output()).toMatch(/^Marketcast demo: PORT must be [^\n]+\n$/);
  });

  test('says so and ends with 1 when the server dies, leaving nothing behind', async () => {
    const demo = startDemo();
    const { pid, env } = await serverOf(demo);
    process.kill(pid, 'SIGKILL');
    expect(await demo.exited).toBe(1);
    expect(demo.output()).toEndWith('Marketcast demo: the server has stopped\n');
    expect(await isGone(env.COINGECKO_BASE_URL ?? '')).toBe(true);
  });

  test('leaves no orphan when it is killed itself', async () => {
    const demo = startDemo();
    const { env } = await serverOf(demo);
    demo.kill('SIGKILL');
    await demo.exited;
    expect(await isGone(`http://127.0.0.1:${env.PORT}`)).toBe(true);
    expect(await isGone(env.COINGECKO_BASE_URL ?? '')).toBe(true);
    rmSync(env.DATA_DIR ?? '', { recursive: true, force: true });
  });
});
