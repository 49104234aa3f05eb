/** Starts Redis the way `docker-compose.yml` does: by `deploy/start-redis.sh`, with the users of `deploy/redis-users.acl`. */

import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithParent } from './end-with-parent.ts';
import { freePort } from './free-port.ts';
import { type RedisReply, sendToRedis } from './redis-command.ts';
import { until } from './until.ts';

/** The folder of the deployment. */
export const DEPLOY_FOLDER = fileURLToPath(new URL('../deploy/', import.meta.url));
/** The nodes' user, with everything in his password that a shell could stumble over. */
export const NODES_USER = { username: 'marketcast', password: 'a word\' & "more" $HOME #1' };

/** Who looks after it. */
export const ADMIN_USER = { username: 'admin', password: 'another "word"' };

/** A Redis as it is deployed. */
export interface DeployedRedis {
  readonly port: number;
  /** `REDIS_URL` of the nodes. */
  readonly url: string;
  /** A copy of the deployment's, with what the start wrote; removed at the end. */
  readonly folder: string;
  /** A command of the nodes' user. @throws RedisError when it is refused */
  asNode(...command: readonly string[]): Promise<RedisReply>;
  /** A command of somebody who may do everything; only tests know him. */
  asWatcher(...command: readonly string[]): Promise<RedisReply>;
  stop(): Promise<void>;
}

const WATCHER = { username: 'watcher', password: 'any' };
const WATCHER_LINE = 'user watcher on nopass allkeys allchannels +@all\n';

export async function startDeployedRedis(): Promise<DeployedRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'marketcast-deployed-'));
  cpSync(DEPLOY_FOLDER, folder, { recursive: true });
  appendFileSync(join(folder, 'redis-users.acl'), WATCHER_LINE);
  const port = await freePort();
  const { username, password } = NODES_USER;
  const child = spawnDeployed(folder, ['--port', String(port)], {
    REDIS_PASSWORD: password,
    REDIS_ADMIN_PASSWORD: ADMIN_USER.password,
  });
  const unwatch = endWithParent(child.pid);
  const stop = async () => {
    child.kill('SIGKILL');
    await child.exited;
    unwatch();
    rmSync(folder, { recursive: true, force: true });
  };
  const asWatcher = (...command: readonly string[]) => sendToRedis({ port, ...WATCHER }, command);
  try {
    await until(
      () => asWatcher('PING').catch(String),
      (answer) => answer === 'PONG',
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url: `redis://${username}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    folder,
    asNode: (...command) => sendToRedis({ port, ...NODES_USER }, command),
    asWatcher,
    stop,
  };
}

/** Runs the start script of `folder` with nothing else in its environment. */
export const spawnDeployed = (
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) =>
  Bun.spawn([join(folder, 'start-redis.sh'), ...args], {
    env: { PATH: process.env.PATH ?? '', TMPDIR: folder, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
