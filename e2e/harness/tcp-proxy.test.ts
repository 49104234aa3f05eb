import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { sendToRedis } from '../redis-command.ts';
import { type RunningRedis, startRedis } from '../start-redis.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { until } from '../until.ts';

let proxy: TcpProxy;
const clients: Socket[] = [];

/** A client that keeps what it receives. */
async function open() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  let received = Buffer.alloc(0);
  let isEnded = false;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  socket.on('end', () => {
    isEnded = true;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const receives = (text: string) =>
    until(
      () => received.toString(),
      (now) => now === text,
    );
  return {
    socket,
    receives,
    text: () => received.toString(),
    bytes: () => received,
    isEnded: () => isEnded,
  };
}

const becomes = (is: () => boolean) =>
  until(is, (value) => value).then(() => {
    expect(is()).toBe(true);
  });

/** Long enough for anything that is on its way on loopback to arrive. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 150));

afterEach(async () => {
  for (const socket of clients.splice(0)) socket.destroy();
  await proxy.stop();
});

describe('a proxy before an echo', () => {
  let echo: Server;
  const served: Socket[] = [];
  let heard = '';

  beforeEach(async () => {
    heard = '';
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      served.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1').slice(0, 100);
        socket.write(chunk);
      });
      socket.on('end', () => socket.end('bye'));
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const address = echo.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    proxy = await startTcpProxy(address.port);
  });

  afterEach(() => {
    for (const socket of served.splice(0)) socket.destroy();
    echo.close();
  });

  test('passes bytes both ways, and the end of what one side has to say', async () => {
    const client = await open();
    client.socket.write('one');
    await client.receives('one');
    client.socket.end('two');
    await client.receives('onetwobye');
    await becomes(client.isEnded);
    await becomes(() => proxy.connections().length === 0);
  });

  test('is late by its delay, each way, and keeps the order', async () => {
    const client = await open();
    proxy.setDelayMs(200);
    const begun = performance.now();
    client.socket.write('a');
    client.socket.write('b');
    await client.receives('ab');
    expect(performance.now() - begun).toBeGreaterThan(399);
    proxy.setDelayMs(0);
    client.socket.write('c');
    await client.receives('abc');
  });

  test('that is frozen keeps back what comes, all of it, and passes it on in order', async () => {
    const client = await open();
    client.socket.write('before ');
    await client.receives('before ');
    proxy.freeze();
    const bytes = Buffer.alloc(3_000_000, 'abcdefghijklmnopqrstuvwxyz');
    client.socket.write(bytes);
    await settle();
    expect(client.text()).toBe('before ');
    expect(heard).toBe('before ');
    expect(client.isEnded()).toBe(false);
    proxy.thaw();
    await until(
      () => client.bytes().length,
      (length) => length === 7 + bytes.length,
    );
    expect(client.bytes().subarray(7).equals(bytes)).toBe(true);
  });

  test('may be frozen in one direction, and for some connections', async () => {
    const [first, second] = [await open(), await open()];
    proxy.freeze({ toServer: false, only: ({ id }) => id === 1 });
    first.socket.write('1');
    second.socket.write('2');
    await second.receives('2');
    await becomes(() => heard.includes('1'));
    expect(first.text()).toBe('');
    proxy.freeze({ toClient: false });
    await first.receives('1');
    second.socket.write('3');
    await settle();
    expect(heard).not.toContain('3');
    proxy.thaw();
    await second.receives('23');
  });

  test('brings what a client said before it went, also after a freeze', async () => {
    const client = await open();
    await becomes(() => served.length === 1);
    proxy.freeze();
    client.socket.write('last words');
    await settle();
    client.socket.destroy();
    await settle();
    expect(heard).toBe('');
    proxy.thaw();
    await becomes(() => heard === 'last words');
    await becomes(() => proxy.connections().length === 0);
  });

  test('that is cut destroys and refuses, and heals on the same port', async () => {
    const client = await open();
    client.socket.write('one');
    await client.receives('one');
    await proxy.cut();
    await becomes(client.isEnded);
    await expect(sendToRedis({ port: proxy.port }, ['PING'])).rejects.toThrow(/ECONNREFUSED/);
    await proxy.heal();
    const next = await open();
    next.socket.write('two');
    await next.receives('two');
  });

  test('kills every connection and takes new ones', async () => {
    const [first, second] = [await open(), await open()];
    await becomes(() => proxy.connections().length === 2);
    proxy.killAll();
    await becomes(() => first.isEnded() && second.isEnded());
    await becomes(() => proxy.connections().length === 0);
    const next = await open();
    next.socket.write('on');
    await next.receives('on');
    expect(proxy.accepted()).toHaveLength(3);
    expect(proxy.accepted()).toEqual(proxy.accepted().toSorted((a, b) => a - b));
  });

  test('closes a client whose server cannot be had', async () => {
    await new Promise((resolve) => echo.close(resolve));
    const client = await open();
    await becomes(client.isEnded);
  });
});

describe('a proxy before a Redis', () => {
  let redis: RunningRedis;

  beforeEach(async () => {
    redis = await startRedis();
    proxy = await startTcpProxy(redis.port);
  });
  afterEach(() => redis.stop());

  test('silences the subscribers alone', async () => {
    const client = await open();
    for (const part of ['SUBSC', 'RIBE ch\r\n']) client.socket.write(part);
    await settle();
    // Inline commands are nobody's habit; clients send lists.
    expect(proxy.connections()).toEqual([{ id: 1, isSubscriber: false }]);
    const other = await open();
    for (const part of ['*2\r\n$9\r\nsubsc', 'ribe\r\n$2\r\nch\r\n']) other.socket.write(part);
    await until(other.text, (text) => text.includes(':1\r\n'));
    expect(proxy.connections().map(({ isSubscriber }) => isSubscriber)).toEqual([false, true]);

    proxy.freeze({ only: ({ isSubscriber }) => isSubscriber });
    const before = other.text();
    expect(await sendToRedis({ port: proxy.port }, ['PUBLISH', 'ch', 'hello'])).toBe(2);
    await until(client.text, (text) => text.includes('hello'));
    await settle();
    expect(other.text()).toBe(before);
    proxy.thaw();
    await until(other.text, (text) => text.includes('hello'));
  });

  test('loses the answer of a command that is executed', async () => {
    proxy.freeze({ toServer: false });
    await expect(sendToRedis({ port: proxy.port }, ['INCR', 'n'], 200)).rejects.toThrow(
      /no answer/,
    );
    expect(await redis.command('GET', 'n')).toBe('1');
  });

  test('brings a command to Redis that its client has given up on', async () => {
    proxy.freeze();
    await expect(sendToRedis({ port: proxy.port }, ['INCR', 'n'], 200)).rejects.toThrow(
      /no answer/,
    );
    expect(await redis.command('GET', 'n')).toBeNull();
    proxy.thaw();
    await until(
      () => redis.command('GET', 'n'),
      (reply) => reply === '1',
    );
  });
});
