import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocksOf } from '../blocks-of.ts';
import { endWithParent } from '../end-with-parent.ts';
import { freePort } from '../free-port.ts';
import { sendToRedis } from '../redis-command.ts';
import {
  ADMIN_USER,
  DEPLOY_FOLDER,
  type DeployedRedis,
  NODES_USER,
  spawnDeployed,
  startDeployedRedis,
} from '../start-deployed-redis.ts';
import { until } from '../until.ts';

const LUA_FOLDER = fileURLToPath(new URL('../../server/redis/lua/', import.meta.url));

let redis: DeployedRedis;
beforeAll(async () => {
  redis = await startDeployedRedis();
});
afterAll(() => redis?.stop());

/** The answer, or the words of the refusal. */
const ask = (command: readonly string[]) =>
  redis.asNode(...command).catch((error: Error) => error.message);

describe('Redis as it is deployed', () => {
  test('does not start without a password', async () => {
    const child = spawnDeployed(redis.folder, ['--port', '0'], {});
    expect(await child.exited).not.toBe(0);
    expect(await new Response(child.stderr).text()).toContain('REDIS_PASSWORD');
  });

  test('lets nobody in who does not know it', async () => {
    const words = (credentials: object) =>
      sendToRedis({ port: redis.port, ...credentials }, ['PING']).catch(String);
    expect(await words({})).toContain('NOAUTH');
    expect(await words({ password: NODES_USER.password })).toContain('WRONGPASS');
    expect(await words({ ...NODES_USER, password: '' })).toContain('WRONGPASS');
    expect(await words(NODES_USER)).toBe('PONG');
  });

  test('keeps nothing on disk, and the password nowhere', async () => {
    expect(await redis.asWatcher('CONFIG', 'GET', 'save')).toEqual(['save', '']);
    expect(await redis.asWatcher('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no']);
    const users = await redis.asWatcher('ACL', 'LIST');
    const written = readdirSync(redis.folder).map((name) =>
      readFileSync(join(redis.folder, name), 'utf8'),
    );
    for (const { username, password } of [NODES_USER, ADMIN_USER]) {
      expect(`${users}${written.join('')}`).not.toContain(password);
      expect(`${users}`).toMatch(new RegExp(`user ${username} on #[\\da-f]{64} `));
    }
  });

  test('listens on loopback, unless it is told otherwise', async () => {
    expect(await redis.asWatcher('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1 -::1']);
    const port = await freePort();
    const elsewhere = spawnDeployed(redis.folder, ['--port', String(port), '--bind', '127.0.0.2'], {
      REDIS_PASSWORD: NODES_USER.password,
    });
    const unwatch = endWithParent(elsewhere.pid);
    const isOpen = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port }, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      });
    try {
      await until(() => isOpen('127.0.0.2'), Boolean);
      expect(await isOpen('127.0.0.1')).toBe(false);
    } finally {
      elsewhere.kill('SIGKILL');
      await elsewhere.exited;
      unwatch();
    }
  });

  test('has somebody who may read what was refused, if he was given a password', async () => {
    const asAdmin = (...command: readonly string[]) =>
      sendToRedis({ port: redis.port, ...ADMIN_USER }, command);
    expect(await ask(['GET', 'somebody:else'])).toStartWith('NOPERM');
    expect(`${await asAdmin('ACL', 'LOG')}`).toContain('somebody:else');
    expect(await asAdmin('ACL', 'LOG', 'RESET')).toBe('OK');
    expect(await ask(['ACL', 'LOG'])).toStartWith('NOPERM');
  });

  test('starts without the script by the lines of the README', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marketcast-by-hand-'));
    cpSync(DEPLOY_FOLDER, join(folder, 'deploy'), { recursive: true });
    const port = await freePort();
    const lines = blocksOf(join(DEPLOY_FOLDER, 'README.md'), 'sh').filter((block) =>
      block.includes('redis-server'),
    );
    expect(lines).toHaveLength(1);
    const [block = ''] = lines;
    const server = Bun.spawn(
      ['sh', '-euc', block.replace('redis-server', `exec redis-server --port ${port}`)],
      {
        cwd: folder,
        env: { PATH: process.env.PATH ?? '', REDIS_PASSWORD: NODES_USER.password },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const unwatch = endWithParent(server.pid);
    const words = (credentials: object, ...command: string[]) =>
      sendToRedis({ port, ...credentials }, command).catch(String);
    try {
      await until(
        () => words(NODES_USER, 'PING'),
        (answer) => answer === 'PONG',
      );
      expect(await words({}, 'PING')).toContain('NOAUTH');
      expect(await words(NODES_USER, 'FLUSHALL')).toContain('NOPERM');
      expect(`${readFileSync(join(folder, 'users.acl'))}`).not.toContain(NODES_USER.password);
    } finally {
      server.kill('SIGKILL');
      await server.exited;
      unwatch();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the user of the nodes', () => {
  const KEYS = [
    'dashboard_summary',
    'term',
    'lease',
    'refresh',
    'budget:coingecko',
    'history',
    'history:index',
  ];

  test.each(['{marketcast}', '{marketcast-simulated}'])('has all keys of %s', async (prefix) => {
    for (const key of KEYS) {
      const write = ['EVAL', "return redis.call('SET', KEYS[1], 'x', 'PX', 1000)", '1'];
      expect(await ask([...write, `${prefix}:${key}`])).toBe('OK');
    }
    expect(await ask(['SUBSCRIBE', `${prefix}:updates`])).toEqual([
      'subscribe',
      `${prefix}:updates`,
      1,
    ]);
    expect(await ask(['PUBLISH', `${prefix}:updates`, 'x'])).toBe(0);
  });

  test.each([
    [['CLIENT', 'SETNAME', 'marketcast-commands']],
    [['SELECT', '1']],
    [['PUBSUB', 'NUMSUB', '{marketcast}:updates']],
    [['SET', '{marketcast}:refresh', '1', 'PX', '1000']],
    // What a person looks at.
    [['HMGET', '{marketcast}:term', 'epoch', 'seq', 'term']],
    [['PTTL', '{marketcast}:lease']],
  ])('may say %j', async (command) => {
    expect(String(await ask(command))).not.toContain('NOPERM');
  });

  test.each([
    [['FLUSHALL']],
    [['KEYS', '*']],
    [['SCAN', '0']],
    [['INFO']],
    [['CONFIG', 'GET', '*']],
    [['ACL', 'LIST']],
    [['CLIENT', 'LIST']],
    [['CLIENT', 'KILL', 'TYPE', 'normal']],
    [['CLUSTER', 'RESET']],
    [['SCRIPT', 'FLUSH']],
    [['FUNCTION', 'FLUSH']],
    [['SHUTDOWN']],
    [['MONITOR']],
    [['REPLICAOF', 'NO', 'ONE']],
    [['PSUBSCRIBE', '*']],
    [['PUBSUB', 'CHANNELS']],
    [['GET', 'somebody:else']],
    [['GET', 'marketcast:term']],
    [['GET', '{marketcast2}:term']],
    [['SET', '{marketcast-other}:term', 'x']],
    [['DEL', '{marketcast}:term', 'somebody:else']],
    [['SUBSCRIBE', 'somebody:else']],
    [['SUBSCRIBE', '{marketcast}:updates2']],
    [['PUBLISH', '{marketcast-other}:updates', 'x']],
    [['EVAL', 'return 1', '1', 'somebody:else']],
  ])('may not say %j', async (command) => {
    expect(await ask(command)).toStartWith('NOPERM');
  });

  test.each([
    "redis.call('FLUSHALL')",
    "redis.call('KEYS', '*')",
    "redis.call('GET', 'somebody:else')",
    "redis.call('PUBLISH', 'somebody:else', 'x')",
  ])('may not do so in a script either: %s', async (lua) => {
    expect(await ask(['EVAL', `return ${lua}`, '0'])).toMatch(
      /^ERR .*(?:NOPERM|ACL failure|can't (?:run|access|publish))/,
    );
  });

  test('may do what the steps do, and nothing that none of them does', () => {
    const granted = new Set(
      (
        readFileSync(join(DEPLOY_FOLDER, 'redis-users.acl'), 'utf8').match(/(?<=\+)\S+/g) ?? []
      ).sort(),
    );
    const lua = [...new Bun.Glob('*.lua').scanSync(LUA_FOLDER)]
      .map((name) => readFileSync(join(LUA_FOLDER, name), 'utf8'))
      .join('\n');
    const called = [...lua.matchAll(/redis\.p?call\('(\w+)'/g)].map(([, name = '']) => name);
    expect(called.length).toBeGreaterThan(20);
    const needed = [...called.map((name) => name.toLowerCase()), ...OUTSIDE_OF_SCRIPTS];
    expect([...granted]).toEqual([...new Set(needed)].sort());
  });
});

/** What the connections say beside the scripts' own commands. */
const OUTSIDE_OF_SCRIPTS = [
  // The health check of `docker-compose.yml`.
  'ping',
  // Each connection at its start; `select` for a database other than 0.
  'client|setname',
  'select',
  'eval',
  'subscribe',
  'pubsub|numsub',
  // In a Cluster: who has which keys, whether it is whole, what a node became, following keys that move.
  'cluster|slots',
  'cluster|info',
  'readonly',
  'readwrite',
  'asking',
];
