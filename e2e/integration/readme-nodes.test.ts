import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { freePort } from '../free-port.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { startRedis } from '../start-redis.ts';
import { until } from '../until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = /^REDIS_URL=redis:\/\/localhost:6379 PORT=(\d+) DATA_DIR=(\S+) npm start$/gm;

test.each(['README.md', 'README.vi.md'])(
  'the three commands of %s are three nodes',
  async (file) => {
    const commands = [...readFileSync(join(ROOT, file), 'utf8').matchAll(COMMAND)];
    expect(commands).toHaveLength(3);
    const folder = mkdtempSync(join(tmpdir(), 'marketcast-readme-'));
    const [redis, simulator] = await Promise.all([startRedis(), startSimulator()]);
    const nodes = await Promise.all(
      commands.map(async ([line, port = '', dataDir = '']) => {
        const ownPort = String(await freePort());
        const command = line
          .replace('localhost:6379', `127.0.0.1:${redis.port}`)
          .replace(`PORT=${port}`, `PORT=${ownPort}`)
          .replace(`DATA_DIR=${dataDir}`, `DATA_DIR=${join(folder, dataDir)}`);
        const child = Bun.spawn(['sh', '-c', `exec env ${command}`], {
          cwd: ROOT,
          // What a person has is the PATH; the market is the simulated one.
          env: {
            ...simulator.environment,
            ...POLLED_ONLY,
            PATH: process.env.PATH ?? '',
            REDIS_URL: '',
            HOME: folder,
            // npm asks its registry about itself otherwise.
            npm_config_update_notifier: 'false',
          },
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        return { child, url: `http://127.0.0.1:${ownPort}` };
      }),
    );
    try {
      const tags = await until(
        () =>
          Promise.all(
            nodes.map(({ url }) =>
              fetch(url + PATHS.summary).then(
                (answer) => (answer.ok ? answer.headers.get('etag') : null),
                () => null,
              ),
            ),
          ),
        ([first, ...others]) => first !== null && others.every((tag) => tag === first),
        20_000,
      );
      expect(new Set(tags).size).toBe(1);
    } finally {
      for (const { child } of nodes) child.kill('SIGTERM');
      const codes = await Promise.all(nodes.map(({ child }) => child.exited));
      await simulator.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
      expect(codes).toEqual([0, 0, 0]);
    }
  },
);
