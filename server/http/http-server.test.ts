import { describe, expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { at, documentWith, NOTHING_READ } from '../broker/test-broker.ts';
import { createHttpServer } from './http-server.ts';
import { startTestServer } from './test-server.ts';

const AS_OF = '2026-11-23T07:00:00Z';
const EVERY_PATH = [
  '/',
  PATHS.page,
  PATHS.socket,
  PATHS.summary,
  PATHS.history,
  PATHS.refresh,
  PATHS.health,
  PATHS.ready,
  PATHS.robots,
  PATHS.client,
  '/assets/page-abc123.js',
];

describe('errors', () => {
  test('an unknown path is 404, routes that are still to come as well', async () => {
    await using server = startTestServer();
    for (const path of ['/x', '/crypto_report//', '/WS', PATHS.metrics, '/%00']) {
      const response = await server.get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: { code: 'not_found', message: 'There is nothing at this address.' },
      });
    }
  });

  test.each([
    ['PUT', PATHS.summary, 'GET, HEAD, OPTIONS'],
    ['POST', PATHS.history, 'GET, HEAD, OPTIONS'],
    ['DELETE', PATHS.refresh, 'GET, HEAD, POST'],
    ['POST', PATHS.page, 'GET, HEAD'],
    ['OPTIONS', PATHS.page, 'GET, HEAD'],
    ['POST', `${PATHS.page}/`, 'GET, HEAD'],
    ['POST', PATHS.socket, 'GET, HEAD'],
    ['PATCH', PATHS.health, 'GET, HEAD'],
    ['POST', '/assets/page-abc123.js', 'GET, HEAD'],
  ])('%s %s is 405 with the methods that are taken', async (method, path, allow) => {
    await using server = startTestServer();
    const response = await server.get(path, {}, method);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
  });

  test('TRACE is refused everywhere and echoes nothing', async () => {
    await using server = startTestServer();
    for (const path of EVERY_PATH) {
      const received = await server.raw(
        `TRACE ${path} HTTP/1.1\r\nHost: x\r\nCookie: secret=1\r\nConnection: close\r\n\r\n`,
      );
      expect(received).toStartWith('HTTP/1.1 405');
      expect(received).not.toContain('secret');
    }
  });

  test('what cannot be decoded is answered like anything else', async () => {
    await using server = startTestServer();
    server.broker.hold(documentWith(1, AS_OF), at(1));
    const get = async (target: string, host = 'x') =>
      (
        await server.raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      ).slice(9, 12);
    expect(await get('/%zz%E0%A4%A?x=%%%')).toBe('404');
    expect(await get('//evil.example/')).toBe('404');
    expect(await get('http://evil.example/')).toBe('302');
    expect(await get(`${PATHS.page}?lang=%E0%A4%A&%%%=%`)).toBe('200');
    expect(await get(PATHS.summary, '[::zz:bad host')).toBe('200');
    expect(await get(PATHS.summary, 'a b/c?d#e')).toBe('200');
    expect(
      await get(PATHS.summary, 'x\r\nCookie: %;=;;%\r\nIf-None-Match: "\r\nAccept-Encoding: ;q='),
    ).toBe('200');
  });

  describe('a body', () => {
    const post = (fields: string, body = '') =>
      `POST ${PATHS.summary} HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`;
    const next = `GET ${PATHS.robots} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;

    test('over a kilobyte is refused like anything else, and the connection goes on', async () => {
      await using server = startTestServer();
      const body = 'x'.repeat(1025);
      const received = await server.raw(post('Content-Length: 1025', body) + next);
      expect(received).toStartWith('HTTP/1.1 413');
      expect(received).toContain('{"error":{"code":"body_too_large","message":');
      expect(received.toLowerCase()).toContain('content-security-policy: ');
      expect(received).toContain('HTTP/1.1 200');
    });

    test('up to a kilobyte is not looked at', async () => {
      await using server = startTestServer();
      const body = '0'.repeat(1024);
      const received = await server.raw(post('Content-Length: 1024', body) + next);
      expect(received).toStartWith('HTTP/1.1 405');
      expect(received).toContain('HTTP/1.1 200');
    });

    test('in chunks, without a length, is not looked at', async () => {
      await using server = startTestServer();
      const body = `800\r\n${'x'.repeat(2048)}\r\n0\r\n\r\n`;
      const received = await server.raw(post('Transfer-Encoding: chunked', body) + next);
      expect(received).toStartWith('HTTP/1.1 405');
      expect(received).toContain('HTTP/1.1 200');
    });

    test('far too large is refused before it is sent, by the runtime', async () => {
      await using server = startTestServer();
      const received = await server.raw(post('Content-Length: 10000000000'));
      expect(received).toStartWith('HTTP/1.1 413');
      expect(received).toContain('Connection: close');
    });
  });

  test('the unexpected is 500 without a word about it, and logged', async () => {
    const renderPage = () => {
      throw new Error('secret detail');
    };
    await using server = startTestServer({}, { renderPage });
    const response = await server.get(PATHS.page);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal' } });
    expect(text).not.toContain('secret');
    expect(server.logged).toEqual(['error: a request failed']);
  });
});

describe('every answer', () => {
  test('carries the security headers', async () => {
    await using server = startTestServer();
    server.broker.onRing(() => server.broker.roundEnded(at(0), 'failed'));
    for (const path of [...EVERY_PATH, '/unknown']) {
      const { headers } = await server.get(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
          "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      // The client library is for the pages of other sites too.
      const policy = path === PATHS.client ? 'cross-origin' : 'same-origin';
      expect(headers.get('cross-origin-resource-policy')).toBe(policy);
    }
  });

  test('to HEAD is that to GET without its body', async () => {
    await using server = startTestServer();
    server.broker.onRing(() => server.broker.roundEnded(at(0), 'failed'));
    for (const path of EVERY_PATH) {
      const get = await server.get(path);
      const head = await server.get(path, {}, 'HEAD');
      expect(head.status).toBe(get.status);
      expect(await head.text()).toBe('');
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
      expect(head.headers.has('date')).toBe(true);
    }
  });
});

describe('health', () => {
  test('the process lives, whatever it holds', async () => {
    await using server = startTestServer();
    expect((await server.get(PATHS.health)).status).toBe(200);
  });

  test('is ready once it holds a document, however empty or old', async () => {
    await using server = startTestServer();
    const before = await server.get(PATHS.ready);
    expect(before.status).toBe(503);
    expect(await before.json()).toEqual({
      ready: false,
      draining: false,
      degraded: [],
      position: { epoch: 0, seq: 0 },
      sockets: 3,
    });
    server.broker.hold(NOTHING_READ, at(1));
    expect((await server.get(PATHS.ready)).status).toBe(200);
    server.broker.hold(documentWith(1, '2020-01-01T00:00:00Z'), at(2));
    server.broker.setConditions(['store_in_memory', 'redis_away']);
    const old = await server.get(PATHS.ready);
    expect(old.status).toBe(200);
    expect(await old.json()).toMatchObject({
      ready: true,
      degraded: ['redis_away', 'figures_stale', 'store_in_memory'],
      position: at(2),
    });
  });
});

describe('the end', () => {
  test('a draining server is not ready and refuses sockets, but still answers', async () => {
    await using server = startTestServer();
    server.broker.hold(documentWith(1, AS_OF), at(1));
    server.http.drain();
    const ready = await server.get(PATHS.ready);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ready: false, draining: true });
    expect((await server.get(PATHS.health)).status).toBe(200);
    expect((await server.get(PATHS.summary)).status).toBe(200);
    const handshake = await server.get(PATHS.socket, {
      upgrade: 'websocket',
      'sec-websocket-version': '13',
    });
    expect(handshake.status).toBe(503);
    expect(handshake.headers.has('retry-after')).toBe(true);
    expect(await handshake.json()).toMatchObject({ error: { code: 'draining' } });
  });

  test('a stop answers those who wait for a refresh and frees the port', async () => {
    await using server = startTestServer();
    const rung = Promise.withResolvers<void>();
    server.broker.onRing(rung.resolve);
    const waiting = server.get(PATHS.refresh);
    await rung.promise;
    await server.http.stop();
    expect((await waiting).status).toBe(503);
    await expect(server.get(PATHS.health)).rejects.toThrow();
  });

  test('a stop does not wait for sockets that stay', async () => {
    const server = startTestServer();
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${PATHS.socket}`);
    await new Promise((resolve) => socket.addEventListener('message', resolve));
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener('close', ({ code }) => resolve(code)),
    );
    await server[Symbol.asyncDispose]();
    expect(await closed).toBe(1001);
  });

  test('a server that was never started stops, a port that is taken is told', async () => {
    await using server = startTestServer();
    const deps = {
      broker: server.broker,
      hub: server.hub,
      history: server.history,
      clock: server.clock,
      log: { info() {}, warn() {}, error() {} },
      renderPage: () => '',
      assets: { files: [], script: '', style: '', chart: '', version: '' },
    };
    const second = createHttpServer(deps, {
      hostname: '127.0.0.1',
      port: server.port,
      allowedOrigins: [],
      trustedProxies: [],
      appVersion: '1.2.3+v',
    });
    expect(() => second.start()).toThrow();
    await second.stop();
  });
});
