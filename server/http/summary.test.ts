import { describe, expect, test } from 'bun:test';
import { PATHS, toETag } from '../../contract/index.ts';
import { at, documentWith, NOTHING_READ } from '../broker/test-broker.ts';
import { startTestServer } from './test-server.ts';

const AS_OF = '2026-11-23T07:00:00Z';
const SITE = 'https://other.example';

function start(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = startTestServer(options);
  server.broker.hold(documentWith(2_621_040_321_355.0405, AS_OF), at(7));
  return server;
}

describe('the summary', () => {
  test('is the bytes of the leader with position, date and type', async () => {
    await using server = start();
    const response = await server.get(PATHS.summary, { 'accept-encoding': 'identity' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(server.broker.held().json);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: toETag(at(7)),
      'content-type': 'application/json',
      'cache-control': 'no-cache',
      vary: 'Accept-Encoding',
    });
    expect(Date.parse(response.headers.get('date') ?? '')).toBeGreaterThan(0);
  });

  test('is compressed for whoever accepts it', async () => {
    await using server = start();
    const request = `GET ${PATHS.summary} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
    const received = Buffer.from(await server.raw(request), 'latin1');
    const end = received.indexOf('\r\n\r\n');
    expect(received.subarray(0, end).toString()).toMatch(/^content-encoding: gzip$/im);
    const body = Bun.gunzipSync(new Uint8Array(received.subarray(end + 4)));
    expect(new TextDecoder().decode(body)).toBe(server.broker.held().json);
  });

  test('is 304 while it is the same, and 200 with the next version', async () => {
    await using server = start();
    for (const tag of [toETag(at(7)), '*', `"x", ${toETag(at(7))}`]) {
      const response = await server.get(PATHS.summary, { 'if-none-match': tag });
      expect(response.status).toBe(304);
      expect(response.headers.get('etag')).toBe(toETag(at(7)));
      expect(await response.text()).toBe('');
    }
    server.broker.hold(documentWith(2, AS_OF), at(8));
    const response = await server.get(PATHS.summary, { 'if-none-match': toETag(at(7)) });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ market_cap: 2 });
  });

  test('is 503 while every figure is null, before a document and after a round that read nothing', async () => {
    await using server = startTestServer();
    for (const seq of [0, 1]) {
      if (seq > 0) server.broker.hold(NOTHING_READ, at(seq));
      const response = await server.get(PATHS.summary);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ error: { code: 'no_figures_yet' } });
    }
  });

  test('answers HEAD as GET, without a body but with a date', async () => {
    await using server = start();
    const received = await server.raw(
      `HEAD ${PATHS.summary} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(received).toStartWith('HTTP/1.1 200');
    expect(received).toMatch(/^etag: W\/"1795417200000-7"\r$/im);
    expect(received).toMatch(/^date: /im);
    expect(received).toEndWith('\r\n\r\n');
  });
});

describe('the summary for other sites', () => {
  test('can be read by a listed one and by no other', async () => {
    await using server = start({ allowedOrigins: [SITE] });
    const listed = await server.get(PATHS.summary, { origin: SITE });
    expect(Object.fromEntries(listed.headers)).toMatchObject({
      'access-control-allow-origin': SITE,
      'access-control-expose-headers': 'ETag, Date, Retry-After',
      vary: 'Accept-Encoding, Origin',
    });
    for (const origin of ['https://other.example.evil', 'null', `${SITE}, ${SITE}`]) {
      const response = await server.get(PATHS.summary, { origin });
      expect(response.status).toBe(200);
      expect(response.headers.has('access-control-allow-origin')).toBe(false);
      expect(response.headers.get('vary')).toContain('Origin');
    }
  });

  test('says to a listed one that it is the same, or not there yet', async () => {
    await using server = startTestServer({ allowedOrigins: [SITE] });
    const empty = await server.get(PATHS.summary, { origin: SITE });
    expect([empty.status, empty.headers.get('access-control-allow-origin')]).toEqual([503, SITE]);
    server.broker.hold(documentWith(1, AS_OF), at(1));
    const same = await server.get(PATHS.summary, { origin: SITE, 'if-none-match': '*' });
    expect([same.status, same.headers.get('access-control-allow-origin')]).toEqual([304, SITE]);
  });

  test('may be asked for with If-None-Match by a listed one', async () => {
    await using server = start({ allowedOrigins: [SITE] });
    const headers = { origin: SITE, 'access-control-request-method': 'GET' };
    const listed = await server.get(PATHS.summary, headers, 'OPTIONS');
    expect(listed.status).toBe(204);
    expect(Object.fromEntries(listed.headers)).toMatchObject({
      'access-control-allow-origin': SITE,
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'If-None-Match',
    });
    const other = await server.get(PATHS.summary, { ...headers, origin: 'https://x' }, 'OPTIONS');
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
    expect(other.headers.has('access-control-allow-methods')).toBe(false);
  });
});
