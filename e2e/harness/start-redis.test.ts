import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendToRedis } from '../redis-command.ts';
import { type RedisOptions, type RunningRedis, startRedis } from '../start-redis.ts';
import { until } from '../until.ts';

const started: RunningRedis[] = [];
const start = async (options?: RedisOptions) => {
  const redis = await startRedis(options);
  started.push(redis);
  return redis;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
});

describe('a real Redis', () => {
  test('answers text, numbers, nothing and lists', async () => {
    const { command } = await start();
    expect(await command('SET', 'a', 'ä€\r\n🙂')).toBe('OK');
    expect(await command('GET', 'a')).toBe('ä€\r\n🙂');
    expect(await command('INCR', 'n')).toBe(1);
    expect(await command('GET', 'missing')).toBeNull();
    expect(await command('EVAL', "return {1, {'x'}, false, ''}", '0')).toEqual([
      1,
      ['x'],
      null,
      '',
    ]);
    await expect(command('INCR', 'a')).rejects.toThrow(/not an integer/);
  });

  test('that is frozen lets a command fail in time, and answers when it is thawed', async () => {
    const redis = await start();
    redis.signal('SIGSTOP');
    const begun = performance.now();
    await expect(redis.command('PING')).rejects.toThrow('PING: no answer in 2000 ms');
    expect(performance.now() - begun).toBeLessThan(6000);
    redis.signal('SIGCONT');
    expect(await redis.command('PING')).toBe('PONG');
  });

  test('comes back empty on the same port', async () => {
    const redis = await start();
    const { pid } = redis;
    await redis.command('SET', 'a', '1');
    await redis.kill();
    await expect(redis.command('PING')).rejects.toThrow();
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    expect(await redis.command('GET', 'a')).toBeNull();
  });

  test('comes back with its data when it is to keep them, and without when asked', async () => {
    const redis = await start({ persistent: true });
    await redis.command('SET', 'a', '1');
    await redis.restart();
    expect(await redis.command('GET', 'a')).toBe('1');
    await redis.restart({ empty: true });
    expect(await redis.command('GET', 'a')).toBeNull();
  });

  test('may want a password', async () => {
    const redis = await start({ password: 'p w/' });
    expect(redis.url).toBe(`redis://:p%20w%2F@127.0.0.1:${redis.port}`);
    expect(await redis.command('PING')).toBe('PONG');
  });

  test('may know users', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-acl-'));
    try {
      const aclFile = join(dataDir, 'users.acl');
      writeFileSync(aclFile, 'user default off\nuser reader on >secret ~* +get +ping\n');
      const redis = await start({ dataDir, aclFile, username: 'reader', password: 'secret' });
      expect(redis.url).toBe(`redis://reader:secret@127.0.0.1:${redis.port}`);
      expect(await redis.command('GET', 'a')).toBeNull();
      await expect(redis.command('SET', 'a', '1')).rejects.toThrow(/NOPERM/);
      await redis.stop();
      expect(existsSync(aclFile)).toBe(true);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  test('may be full, or follow another', async () => {
    const master = await start({ maxMemory: '1kb' });
    await expect(master.command('SET', 'a', '1')).rejects.toThrow(/OOM/);
    await master.command('CONFIG', 'SET', 'maxmemory', '0');
    const replica = await start({ replicaOf: master.port });
    await master.command('SET', 'a', '1');
    await until(
      () => replica.command('GET', 'a'),
      (reply) => reply === '1',
    );
    await expect(replica.command('SET', 'a', '2')).rejects.toThrow(/READONLY/);
  });

  test('that cannot start says why', async () => {
    const { port } = await start();
    await expect(startRedis({ port })).rejects.toThrow(/Address already in use/);
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/did not come/);
  });

  test('does not outlive the process that started it, not even a killed one, nor when frozen', async () => {
    const script = `
      const { startRedis } = await import('./e2e/start-redis.ts');
      const redis = await startRedis();
      redis.signal('SIGSTOP');
      console.log(redis.port);
      setInterval(() => {}, 1000);`;
    // What a killed process leaves behind, the test removes.
    const folder = mkdtempSync(join(tmpdir(), 'marketcast-killed-'));
    const parent = Bun.spawn([process.execPath, '--no-env-file', '-e', script], {
      env: { PATH: process.env.PATH ?? '', TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { value } = await parent.stdout.getReader().read();
    const port = Number(new TextDecoder().decode(value));
    const isGone = () => sendToRedis({ port }, ['PING'], 100).catch(String);
    expect(await isGone()).toContain('no answer');
    parent.kill('SIGKILL');
    await until(isGone, (error) => String(error).includes('ECONNREFUSED'));
    rmSync(folder, { recursive: true, force: true });
  });
});
