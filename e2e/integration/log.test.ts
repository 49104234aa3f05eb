import { expect, test } from 'bun:test';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PATHS } from '../../contract/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts a server whose standard output goes to `stdout`, on a port of its own choosing. */
async function startInto(stdout: number) {
  const probe = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('') });
  const { port } = probe;
  await probe.stop(true);
  const child = Bun.spawn([process.execPath, '--no-env-file', 'server/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      PORT: String(port),
      // Below a file: the store goes on in memory and leaves nothing behind.
      DATA_DIR: '/dev/null/none',
      REDIS_URL: 'off',
      FETCH_INTERVAL_SECONDS: '1',
      LOG_LEVEL: 'trace',
      COINGECKO_BASE_URL: 'http://127.0.0.1:9',
      ALTERNATIVE_ME_BASE_URL: 'http://127.0.0.1:9',
      BINANCE_BASE_URL: 'http://127.0.0.1:9',
    },
    stdio: ['ignore', stdout, 'ignore'],
  });
  const isWell = async () => {
    const signal = AbortSignal.timeout(1000);
    const answer = await fetch(`http://127.0.0.1:${port}${PATHS.health}`, { signal }).catch(
      () => null,
    );
    return answer?.status === 200;
  };
  const deadline = performance.now() + 10_000;
  while (!(await isWell()) && performance.now() < deadline) await Bun.sleep(50);
  return { child, isWell };
}

test('a log on a full disk costs its lines, not the server, and it still stops when told to', async () => {
  const { child, isWell } = await startInto(openSync('/dev/full', 'w'));
  expect(await isWell()).toBe(true);
  await Bun.sleep(2500);
  expect(await isWell()).toBe(true);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
});
