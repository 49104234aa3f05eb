import { afterEach, describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { makeCertificates } from '../../e2e/make-certificates.ts';
import { startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { createConnectRedis } from './connect.ts';
import { connectTestNode, version } from './test-redis.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: Parameters<typeof startRedis>[0] = {}) {
  const redis = await startRedis(options);
  ends.push(redis.stop);
  return redis;
}
function join(url: string) {
  const node = connectTestNode(url, 'token-a');
  ends.push(node.link.close);
  const read = () =>
    node.steps.read().then(
      () => 'read',
      (error: Error) => error.message,
    );
  return { ...node, read };
}
const HELD = version(1_800_000_000_000, 1);
/** For what is to happen within a few seconds. */
const SOON_MS = 9000;

describe('who connects', () => {
  test('speaks as the user of the address, with whatever the password holds', async () => {
    const password = 'p@ss/w#rd,:?% é';
    const redis = await start();
    await redis.command(
      'ACL',
      'SETUSER',
      'app',
      'on',
      `>${password}`,
      'allcommands',
      'allkeys',
      'allchannels',
    );
    await redis.command('ACL', 'SETUSER', 'default', 'off');
    const { read, steps } = join(
      `redis://app:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`,
    );
    await until(read, (answer) => answer === 'read');
    await steps.raise(HELD);
    expect((await steps.read()).stored).toEqual(HELD);
  });

  test('uses the database of the address', async () => {
    const redis = await start();
    const { read, steps } = join(`${redis.url}/3`);
    await until(read, (answer) => answer === 'read');
    await steps.raise(HELD);
    expect(String(await redis.command('INFO', 'keyspace'))).toContain('db3:keys=2');
    expect(await redis.command('DBSIZE')).toBe(0);
  });

  test('never falls back on another database than the one asked for', async () => {
    const redis = await start({ args: ['--databases', '4'] });
    const { read, steps } = join(`${redis.url}/4`);
    const answer = await until(read, (text) => /DB index/.test(text));
    expect(answer).toContain('out of range');
    for (let count = 0; count < 20; count++) await steps.raise(HELD).catch(() => {});
    expect(await redis.command('DBSIZE')).toBe(0);
  });

  test('is told in Redis’ words that the password is wrong, and comes in when it is right again', async () => {
    const redis = await start({ password: 'right' });
    const { read, log } = join(redis.url);
    await until(read, (answer) => answer === 'read');
    await redis.command('CONFIG', 'SET', 'requirepass', 'changed');
    // What is connected stays so; nobody comes in any more.
    expect(await read()).toBe('read');
    const withNew = redis.url.replace('right', 'changed');
    const other = join(withNew);
    await until(other.read, (answer) => answer === 'read');
    await other.link.read((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal'));
    const answer = await until(read, (text) => /^WRONGPASS/.test(text));
    expect(answer).not.toContain('right');
    await other.link.read((client) => client.config('SET', 'requirepass', 'right'));
    const begun = performance.now();
    await until(read, (text) => text === 'read', SOON_MS);
    // The longest wait between two tries is three seconds.
    expect(performance.now() - begun).toBeLessThan(SOON_MS);
    expect(log.lines.join()).not.toMatch(/right|changed/);
  });

  test('does not knock ever faster at a door that is shut at once', async () => {
    let count = 0;
    const door = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open(socket) {
          count += 1;
          socket.end('-ERR max number of clients reached\r\n');
        },
        data() {},
      },
    });
    ends.push(() => door.stop(true));
    const clock = createManualClock();
    const connect = createConnectRedis(
      `redis://127.0.0.1:${door.port}`,
      () => 1 - Number.EPSILON,
      clock,
    );
    const connection = connect('commands', () => {});
    ends.push(connection.close);
    /** Waits in ms between the tries, as they are announced to the clock. */
    const waits = [100, 200, 400, 800, 1600, 3000, 3000, 3000];
    for (const [tries, waitMs] of waits.entries()) {
      await until(
        () => count,
        (seen) => seen === tries + 1,
      );
      await until(connection.trouble, (trouble) => trouble !== null);
      await until(
        () => connection.client().status,
        (status) => status === 'end',
      );
      // The end of a client is told a moment later.
      await new Promise(setImmediate);
      clock.advance(waitMs - 1);
      expect(count).toBe(tries + 1);
      clock.advance(1);
    }
    await until(
      () => count,
      (seen) => seen === waits.length + 1,
    );
    expect(count).toBe(waits.length + 1);
  });

  test('starts over with a client that has lost its way', async () => {
    const redis = await start();
    redis.signal('SIGSTOP');
    const clock = createManualClock();
    const connect = createConnectRedis(redis.url, Math.random, clock);
    const ready: unknown[] = [];
    const connection = connect('commands', (client) => void ready.push(client));
    ends.push(connection.close);
    const lost = connection.client();
    clock.advance(20_000);
    expect(connection.client()).not.toBe(lost);
    redis.signal('SIGCONT');
    await until(
      () => ready,
      (list) => list.length > 0,
    );
    expect(ready).toEqual([connection.client()]);
    expect(connection.trouble()).toBeNull();
  });

  test('ends for good when it is closed', async () => {
    const redis = await start();
    const { read, link } = join(redis.url);
    await until(read, (answer) => answer === 'read');
    link.close();
    await until(
      () => redis.command('CLIENT', 'LIST'),
      (list) => !String(list).includes('marketcast-commands'),
    );
    expect(await read()).not.toBe('read');
  });
});

describe('TLS', () => {
  /** What a process says that believes `caFile`, or only what every system does. */
  async function readOverTls(url: string, caFile: string | null): Promise<string> {
    const client = Bun.spawn(
      [
        process.execPath,
        '--no-env-file',
        new URL('./test-tls-client.ts', import.meta.url).pathname,
        url,
      ],
      {
        env: { ...process.env, ...(caFile !== null && { NODE_EXTRA_CA_CERTS: caFile }) },
        stdout: 'pipe',
        stderr: 'inherit',
      },
    );
    ends.push(() => client.kill('SIGKILL'));
    return new Response(client.stdout).text();
  }

  test('is spoken with a server whose authority is known, for the name it was asked for', async () => {
    const certificates = makeCertificates();
    ends.push(certificates.remove);
    const redis = await start({ tls: certificates, password: 'word' });
    const { caFile } = certificates;
    expect(await readOverTls(redis.url, caFile)).toBe('read');
    expect(await readOverTls(redis.url.replace('127.0.0.1', 'localhost'), caFile)).toBe('read');
    expect(await readOverTls(redis.url, null)).toMatch(/self.signed certificate/);
    expect(await readOverTls(redis.url.replace('127.0.0.1', '127.0.0.2'), caFile)).not.toBe('read');
  });
});
