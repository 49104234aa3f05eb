import { describe, expect, test } from 'bun:test';
import { brotliDecompressSync } from 'node:zlib';
import { PATHS } from '../../contract/index.ts';
import { startTestServer } from './test-server.ts';

const QUERY = '?series=coin:ETH&range=24h';
const PATH = PATHS.history + QUERY;
const SITE = 'https://other.example';
const JSON_BODY = JSON.stringify({ rows: Array.from({ length: 200 }, (_, n) => [n, n / 7]) });

function start(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = startTestServer(options);
  server.history.write(JSON_BODY, 42);
  return server;
}

describe('the history', () => {
  test('is the rendition’s text, kept by caches for as long as that is good', async () => {
    await using server = start();
    const response = await server.get(PATH, { 'accept-encoding': 'identity' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(JSON_BODY);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: expect.stringMatching(/^W\/"[0-9a-z]+"$/),
      'content-type': 'application/json',
      'cache-control': 'public, max-age=42',
      vary: 'Accept-Encoding',
    });
    expect(response.headers.has('content-disposition')).toBe(false);
    expect(server.history.asked).toEqual([{ series: 'coin:ETH', range: '24h', format: 'json' }]);
  });

  test('says anew with every answer how long it is good', async () => {
    await using server = start();
    let leftS = 60;
    const rendition = { body: '{}', goodForS: () => leftS };
    server.history.render = () => rendition;
    for (leftS of [60, 7, 1]) {
      const response = await server.get(PATH);
      expect(response.headers.get('cache-control')).toBe(`public, max-age=${leftS}`);
    }
  });

  test('reads a rendition’s text once, however many ask', async () => {
    await using server = start();
    let reads = 0;
    const rendition = {
      get body() {
        reads += 1;
        return JSON_BODY;
      },
      goodForS: () => 60,
    };
    server.history.render = () => rendition;
    for (const encoding of ['br', 'gzip', 'br', 'identity']) {
      await (await server.get(PATH, { 'accept-encoding': encoding })).text();
    }
    expect(reads).toBe(1);
  });

  test('as CSV comes with the name of a file', async () => {
    await using server = start();
    server.history.write('time,value\r\n');
    const response = await server.get(`${PATH}&format=csv`);
    expect(await response.text()).toBe('time,value\r\n');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="marketcast-coin-ETH-24h.csv"',
    });
  });

  test('is 304 while its text is the same, also in a new rendition, and 200 with the next', async () => {
    await using server = start();
    const etag = (await server.get(PATH)).headers.get('etag') ?? '';
    server.history.write(JSON_BODY, 60);
    const same = await server.get(PATH, { 'if-none-match': etag });
    expect(same.status).toBe(304);
    expect(await same.text()).toBe('');
    expect(same.headers.get('etag')).toBe(etag);
    expect(same.headers.get('cache-control')).toBe('public, max-age=60');
    server.history.write('{"rows":[]}');
    const next = await server.get(PATH, { 'if-none-match': etag });
    expect(next.status).toBe(200);
    expect(next.headers.get('etag')).not.toBe(etag);
  });

  test.each([
    ['br', 'gzip, deflate, br', (body: Uint8Array<ArrayBuffer>) => brotliDecompressSync(body)],
    ['gzip', 'gzip', (body: Uint8Array<ArrayBuffer>) => Bun.gunzipSync(body)],
  ] as const)('is compressed for whoever accepts it: %s', async (encoding, accepted, decode) => {
    await using server = start();
    const request = `GET ${PATH} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accepted}\r\nConnection: close\r\n\r\n`;
    const received = Buffer.from(await server.raw(request), 'latin1');
    const end = received.indexOf('\r\n\r\n');
    expect(received.subarray(0, end).toString().toLowerCase()).toContain(
      `content-encoding: ${encoding}`,
    );
    const body = new Uint8Array(received.subarray(end + 4));
    expect(body.length).toBeLessThan(JSON_BODY.length);
    expect(new TextDecoder().decode(decode(body))).toBe(JSON_BODY);
  });

  test('answers HEAD as GET, without a body', async () => {
    await using server = start();
    const received = await server.raw(
      `HEAD ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(received).toStartWith('HTTP/1.1 200');
    expect(received).toMatch(/^etag: W\//im);
    expect(received).toEndWith('\r\n\r\n');
  });

  test('that nobody can have is refused, and no cache keeps that', async () => {
    await using server = start({ allowedOrigins: [SITE] });
    for (const [query, code] of [
      ['', 'wrong_series'],
      ['?series=coin:DOGE&range=24h', 'wrong_series'],
      ['?series=fng&range=2y', 'wrong_range'],
      ['?series=fng&range=1y&format=xml', 'wrong_format'],
      ['?series=%00%E0%A4%A&range=%', 'wrong_series'],
    ]) {
      const response = await server.get(PATHS.history + query, { origin: SITE });
      expect(response.status).toBe(400);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('access-control-allow-origin')).toBe(SITE);
      expect(await response.json()).toMatchObject({ error: { code } });
    }
    expect(server.history.asked).toEqual([]);
  });

  test('stands a query of any length and bytes that are no text', async () => {
    await using server = start();
    const status = async (query: string) =>
      (
        await server.raw(
          `GET ${PATHS.history}?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        )
      ).slice(9, 12);
    expect(await status(`series=${'x'.repeat(8_000)}`)).toBe('400');
    expect(['400', '431']).toContain(await status(`series=${'x'.repeat(100_000)}`));
    expect(await status('series=\xff\xfe&range=\x80')).toBe('400');
    expect((await server.get(PATH)).status).toBe(200);
  });
});

describe('the history for other sites', () => {
  test('can be read by a listed one and by no other', async () => {
    await using server = start({ allowedOrigins: [SITE] });
    const listed = await server.get(PATH, { origin: SITE });
    expect(Object.fromEntries(listed.headers)).toMatchObject({
      'access-control-allow-origin': SITE,
      'access-control-expose-headers': 'ETag, Date, Retry-After',
      vary: 'Accept-Encoding, Origin',
    });
    const other = await server.get(PATH, { origin: 'https://x.example' });
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
    expect(other.headers.get('vary')).toContain('Origin');
  });

  test('may be asked for with If-None-Match by a listed one', async () => {
    await using server = start({ allowedOrigins: [SITE] });
    const headers = { origin: SITE, 'access-control-request-method': 'GET' };
    const listed = await server.get(PATH, headers, 'OPTIONS');
    expect(listed.status).toBe(204);
    expect(Object.fromEntries(listed.headers)).toMatchObject({
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'If-None-Match',
    });
    const other = await server.get(PATH, { ...headers, origin: 'https://x' }, 'OPTIONS');
    expect(other.headers.has('access-control-allow-methods')).toBe(false);
    expect(server.history.asked).toEqual([]);
  });
});
