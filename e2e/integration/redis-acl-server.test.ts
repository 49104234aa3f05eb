import { afterEach, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import {
  DEPLOY_FOLDER,
  type DeployedRedis,
  NODES_USER,
  startDeployedRedis,
} from '../start-deployed-redis.ts';
import type { RunningRedis } from '../start-redis.ts';
import { startRedisCluster } from '../start-redis-cluster.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';

/** A sync each minute, and as long for a machine that is busy. */
const HISTORY_WITHIN_MS = 120_000;
const TEST_TIMEOUT_MS = 2 * HISTORY_WITHIN_MS + 30_000;

describe('a server as the user of the nodes', () => {
  let redis: DeployedRedis;
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const key = (name: string) => `{marketcast-simulated}:${name}`;
  const term = async () => Number(await redis.asWatcher('HGET', key('term'), 'term'));
  const isSaved = () =>
    until(
      () => redis.asWatcher('EXISTS', key('dashboard_summary'), key('term')),
      (count) => count === 2,
    );

  /** Two nodes of one market on one Redis; the one that leads comes first. */
  async function startTwo(): Promise<[RunningServer, RunningServer]> {
    redis = await startDeployedRedis();
    ends.push(redis.stop);
    const simulator = await startSimulator({ seed: 7 });
    ends.push(simulator.stop);
    const environment = {
      ...simulator.environment,
      ...POLLED_ONLY,
      REDIS_URL: redis.url,
      REFRESH_MIN_INTERVAL_SECONDS: '1',
    };
    const first = await startServer({ environment });
    ends.push(first.stop);
    await isSaved();
    const second = await startServer({ environment });
    ends.push(second.stop);
    return [first, second];
  }

  const ofNode = async ({ url }: RunningServer) => ({
    etag: (await fetch(url + PATHS.summary)).headers.get('etag'),
    ...(await (await fetch(url + PATHS.ready)).json()),
  });

  test(
    'leads, saves, follows, brings back what is lost, takes over, and is never refused a thing',
    async () => {
      const nodes = await startTwo();
      const inStep = () =>
        until(
          () => Promise.all(nodes.map(ofNode)),
          ([one, other]) => one?.etag === other?.etag && one?.etag !== null,
        );
      await inStep();
      // Asked of the follower, rung through the channel, run by the leader.
      await until(
        async () => (await fetch(nodes[1].url + PATHS.refresh, { method: 'POST' })).status,
        (status) => status === 200,
      );

      // Written by the leader, read by the other, and written again.
      const hasHistory = () =>
        until(
          () => redis.asWatcher('EXISTS', key('history'), key('history:index')),
          (count) => count === 2,
          HISTORY_WITHIN_MS,
        );
      await hasHistory();
      await redis.asWatcher('FLUSHALL');
      await isSaved();
      await redis.asWatcher('SET', key('dashboard_summary'), 'garbage', 'EX', '60');
      await until(
        () => redis.asWatcher('STRLEN', key('dashboard_summary')),
        (length) => Number(length) > 1000,
      );
      const [one] = await inStep();
      expect(one.degraded).toEqual([]);
      await hasHistory();

      const before = await term();
      const holder = await redis.asWatcher('GET', key('lease'));
      const isLeader = (node: RunningServer) =>
        node.logLines().some((line) => line.node === holder);
      expect(nodes.filter(isLeader)).toHaveLength(1);
      await nodes.find(isLeader)?.stop();
      await until(term, (after) => after > before);
      await isSaved();
      expect(await redis.asWatcher('ACL', 'LOG')).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  test('is refused nothing in a Cluster either', async () => {
    const cluster = await startRedisCluster();
    ends.push(cluster.stop);
    const rules = /^user marketcast (.*)$/m.exec(
      readFileSync(join(DEPLOY_FOLDER, 'redis-users.acl'), 'utf8'),
    );
    const [, list = ''] = rules ?? [];
    const setUser = ['ACL', 'SETUSER', NODES_USER.username, ...list.split(' '), '>word'];
    for (const node of cluster.nodes) await node.command(...setUser);
    const simulator = await startSimulator({ seed: 7 });
    ends.push(simulator.stop);
    const hosts = cluster.nodes.map((node) => `127.0.0.1:${node.port}`).join(',');
    const server = await startServer({
      environment: {
        ...simulator.environment,
        ...POLLED_ONLY,
        REDIS_URL: `redis-cluster://${NODES_USER.username}:word@${hosts}`,
        REFRESH_MIN_INTERVAL_SECONDS: '1',
      },
    });
    ends.push(server.stop);
    const isSavedAt = (node: RunningRedis) =>
      node.command('EXISTS', key('dashboard_summary')).catch((error: Error) => error.message);
    await until(
      () => Promise.all(cluster.nodes.map(isSavedAt)),
      (answers) => answers.includes(1),
    );
    await until(
      async () => (await fetch(server.url + PATHS.refresh, { method: 'POST' })).status,
      (status) => status === 200,
    );
    await server.stop();
    const logs = await Promise.all(cluster.nodes.map((node) => node.command('ACL', 'LOG')));
    expect(logs).toEqual([[], [], []]);
  });
});
