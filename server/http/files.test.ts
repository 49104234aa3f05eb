import { describe, expect, test } from 'bun:test';
import { brotliDecompressSync } from 'node:zlib';
import { PATHS } from '../../contract/index.ts';
import { SCRIPT, startTestServer } from './test-server.ts';

const PATH = '/assets/page-abc123.js';

describe('files', () => {
  test('under a hash are kept for a year', async () => {
    await using server = startTestServer();
    const response = await server.get(PATH, { 'accept-encoding': 'identity' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(SCRIPT);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    });
  });

  test('are sent as they were compressed at start', async () => {
    await using server = startTestServer();
    expect(await (await server.get(PATH, { 'accept-encoding': 'gzip' })).text()).toBe(SCRIPT);
    const brotli = await server.raw(
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n`,
    );
    expect(brotli).toMatch(/^content-encoding: br\r$/im);
    const compressed = Buffer.from(brotli.slice(brotli.indexOf('\r\n\r\n') + 4), 'latin1');
    expect(String(brotliDecompressSync(compressed))).toBe(SCRIPT);
    const small = await server.get('/assets/page-def456.css', { 'accept-encoding': 'gzip, br' });
    expect(small.headers.has('content-encoding')).toBe(false);
    expect(await small.text()).toBe('a{}');
  });

  test('are 304 for whoever has them', async () => {
    await using server = startTestServer();
    const etag = (await server.get(PATH)).headers.get('etag') ?? '';
    expect(etag).toStartWith('W/"');
    expect((await server.get(PATH, { 'if-none-match': etag })).status).toBe(304);
    expect((await server.get(PATH, { 'if-none-match': 'W/"other"' })).status).toBe(200);
  });

  test('without a hash are asked for every time', async () => {
    await using server = startTestServer();
    const response = await server.get(PATHS.client);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toBe('export {};');
  });

  test('are the site’s own, but for the library, which any page may import', async () => {
    await using server = startTestServer();
    const library = (await server.get(PATHS.client)).headers;
    expect(library.get('access-control-allow-origin')).toBe('*');
    expect(library.get('cross-origin-resource-policy')).toBe('cross-origin');
    const script = (await server.get(PATH)).headers;
    expect(script.has('access-control-allow-origin')).toBe(false);
    expect(script.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  test('that are not there are 404', async () => {
    await using server = startTestServer();
    for (const path of ['/assets/', '/assets/page-old.js', '/assets/../package.json']) {
      expect((await server.get(path)).status).toBe(404);
    }
  });

  test('crawlers are told what to leave alone', async () => {
    await using server = startTestServer();
    const response = await server.get(PATHS.robots);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('User-agent: *\nDisallow: /api/\n');
  });
});
