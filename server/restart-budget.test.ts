import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../e2e/until.ts';
import { hasFigures, newDataDir, startTestNode } from './test-node.ts';

const COINGECKO = ['/api/v3/global', '/api/v3/simple/price'];

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test('what a server has called is counted on by the one that is started after it', async () => {
  const dataDir = newDataDir();
  folders.push(dataDir);
  const runs = [];
  for (let run = 0; run < 2; run++) {
    const node = await startTestNode({ redisUrl: 'off', dataDir });
    await hasFigures(node);
    await node.end();
    runs.push(node.calls.filter((path) => COINGECKO.includes(path)).length);
  }
  const store = new Database(join(dataDir, 'marketcast.sqlite'), { readonly: true });
  const counted = store
    .query('SELECT sum(today) AS calls FROM budget WHERE upstream = ?')
    .get('coingecko');
  store.close();
  expect(Math.min(...runs)).toBeGreaterThan(0);
  expect(counted).toEqual({ calls: runs.reduce((sum, calls) => sum + calls, 0) });
});

test('a server that is started again and again asks no more in a minute than one that runs', async () => {
  const dataDir = newDataDir();
  folders.push(dataDir);
  const runs = [];
  for (let run = 0; run < 4; run++) {
    // Without a key: five calls a minute.
    const env = { COINGECKO_API_KEY: '', COINGECKO_PLAN: '' };
    const node = await startTestNode({ redisUrl: 'off', dataDir, env });
    await until(
      () => node.calls.includes('/fng/'),
      (hasAsked) => hasAsked,
    );
    await node.end();
    runs.push(node.calls.filter((path) => COINGECKO.includes(path)).length);
  }
  expect(runs).toEqual([2, 2, 1, 0]);
});
