import { afterEach, describe, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import {
  createLoopback,
  failure,
  REQUEST,
  SECRET,
  TIMEOUT_MS,
  upstreamWith,
} from './test-loopback.ts';
import type { UpstreamOptions } from './upstream.ts';

const loopback = createLoopback();
afterEach(() => loopback.close());

describe('a body that is too large', () => {
  test('pitfall 8: is given up as soon as it is, and its connection with it', async () => {
    const cancelled = Promise.withResolvers<void>();
    const piece = new Uint8Array(64 * 1024).fill(32);
    let sent = 0;
    const origin = loopback.serve(
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              sent += piece.length;
              controller.enqueue(piece);
            },
            cancel: () => cancelled.resolve(),
          }),
        ),
    );
    const error = await failure(origin, { maxBodyBytes: 256 * 1024, timeoutMs: 5000 });
    expect([error.code, error.status]).toEqual(['too_large', 200]);
    await cancelled.promise;
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('pitfall 8: is cut while it inflates: 200 MB out of 200 kB never exist', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(256 * 1024);
    const origin = loopback.serve(
      () => new Response(bomb, { headers: { 'content-encoding': 'gzip' } }),
    );
    let inflated = 0;
    const counting: UpstreamOptions['fetch'] = async (url, init) => {
      const response = await fetch(url, init);
      const count = new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          inflated += piece.byteLength;
          controller.enqueue(piece);
        },
      });
      return new Response(response.body?.pipeThrough(count));
    };
    const error = await failure(origin, { fetch: counting, timeoutMs: 5000 });
    expect(error.code).toBe('too_large');
    expect(inflated).toBeLessThan(16 * 1024 * 1024);
  });

  test('may be exactly as large as allowed', async () => {
    const origin = loopback.serve(() => new Response('"34567890"'));
    const get = (maxBodyBytes: number) =>
      upstreamWith({ maxBodyBytes, timeoutMs: 5000 }).get('taapi', origin, REQUEST);
    expect((await get(10)).body).toBe('34567890');
    await expect(get(9)).rejects.toMatchObject({ code: 'too_large' });
  });

  test('is larger than its request allows, or than is allowed at all, whichever is less', async () => {
    const origin = loopback.serve(() => new Response('"34567890"'));
    const codeWith = async (ofRequest: number, ofAll: number) =>
      (
        await failure(
          origin,
          { maxBodyBytes: ofAll, timeoutMs: 5000 },
          { ...REQUEST, maxBodyBytes: ofRequest },
        )
      ).code;
    expect(await codeWith(9, 100)).toBe('too_large');
    expect(await codeWith(100, 9)).toBe('too_large');
  });
});

describe('the deadline', () => {
  const within = async (origin: string): Promise<ErrorCode> => {
    const start = performance.now();
    const { code } = await failure(origin);
    expect(performance.now() - start).toBeLessThan(3 * TIMEOUT_MS);
    return code;
  };

  test('pitfall 5: covers headers that never come', async () => {
    expect(await within(await loopback.serveRaw(() => {}))).toBe('timeout');
  });

  test('pitfall 5: covers a body that stops after its first byte', async () => {
    const origin = await loopback.serveRaw((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'),
    );
    expect(await within(origin)).toBe('timeout');
  });

  test('pitfall 5: covers a body that drips, however steadily, and lets go of the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const origin = await loopback.serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => {
        clearInterval(drip);
        closed.resolve();
      });
    });
    expect(await within(origin)).toBe('timeout');
    await closed.promise;
  });

  test('holds even for a connection that cannot be aborted', async () => {
    const clock = createManualClock();
    const call = failure('http://127.0.0.1', { clock, fetch: () => new Promise(() => {}) });
    await clock.advanceAsync(TIMEOUT_MS);
    expect((await call).code).toBe('timeout');
  });

  test('leaves no timer behind', async () => {
    const clock = createManualClock();
    const fetch = async () => Response.json({});
    await upstreamWith({ clock, fetch }).get('taapi', 'http://127.0.0.1', REQUEST);
    await failure('http://127.0.0.1', {
      clock,
      fetch: async () => new Response('', { status: 404 }),
    });
    expect(clock.pending()).toBe(0);
  });
});

describe('a connection', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['is reset', (socket) => socket.resetAndDestroy()],
    ['is closed without an answer', (socket) => socket.end()],
    ['does not speak HTTP', (socket) => socket.end('220 mail.example.org\r\n\r\n')],
    [
      'is cut before the announced length',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"value":'),
    ],
    [
      'is cut within a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{"val'),
    ],
    [
      'is reset within the body',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{', () =>
          socket.resetAndDestroy(),
        ),
    ],
  ])('pitfall 6: one that %s means unavailable', async (_name, speak) => {
    expect((await failure(await loopback.serveRaw(speak))).code).toBe('unavailable');
  });

  test('pitfall 6: one that is refused, or has no TLS where it should, means unavailable', async () => {
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => Response.json({}) });
    expect((await failure(`https://127.0.0.1:${server.port}`)).code).toBe('unavailable');
    await server.stop(true);
    expect((await failure(`http://127.0.0.1:${server.port}`)).code).toBe('unavailable');
  });

  test('pitfall 6: one to a name that does not exist means unavailable', async () => {
    const fetch = () => Promise.reject(new TypeError(`getaddrinfo ENOTFOUND ?secret=${SECRET}`));
    expect((await failure('http://nowhere.invalid', { fetch })).code).toBe('unavailable');
  });
});
