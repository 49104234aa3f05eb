import { describe, expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { at, documentWith } from '../broker/test-broker.ts';
import { startTestServer } from './test-server.ts';

const AS_OF = '2026-11-23T07:00:00Z';

function start() {
  const server = startTestServer();
  server.broker.hold(documentWith(1, AS_OF), at(1));
  return server;
}

describe('the page', () => {
  test('is HTML with the figures of the moment, kept by nobody unasked', async () => {
    await using server = start();
    const response = await server.get(PATHS.page);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<!doctype html><html lang="en">1</html>');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'en',
      'cache-control': 'no-cache',
      vary: 'Cookie, Accept-Language, Accept-Encoding',
    });
    expect(server.rendered[0]).toMatchObject({
      language: 'en',
      theme: 'system',
      colours: 'green-red',
      position: at(1),
      nowMs: server.clock.now(),
      appVersion: '1.2.3+v',
      isLoopback: true,
    });
  });

  test('speaks the language of the browser, then of the cookie, then of the address', async () => {
    await using server = start();
    const headers = { 'accept-language': 'vi' };
    const language = async (path: string, more = {}) =>
      (await server.get(path, { ...headers, ...more })).headers.get('content-language');
    expect(await language(PATHS.page)).toBe('vi');
    expect(await language(PATHS.page, { cookie: 'lang=en' })).toBe('en');
    const chosen = await server.get(`${PATHS.page}?lang=vi&theme=dark`, { cookie: 'lang=en' });
    expect(chosen.headers.get('content-language')).toBe('vi');
    expect(chosen.headers.has('set-cookie')).toBe(false);
    expect(server.rendered.at(-1)).toMatchObject({ language: 'vi', theme: 'dark' });
  });

  test('is rendered at most once a second for each choice, however often the document changes', async () => {
    await using server = start();
    for (let seq = 2; seq < 6; seq++) {
      await server.get(PATHS.page);
      server.broker.hold(documentWith(seq, AS_OF), at(seq));
      server.clock.advance(200);
    }
    expect(server.rendered).toHaveLength(1);
    await server.get(`${PATHS.page}?lang=vi`);
    expect(server.rendered).toHaveLength(2);
    server.clock.advance(200);
    const later = await server.get(PATHS.page);
    expect(await later.text()).toContain('5');
    expect(server.rendered).toHaveLength(3);
  });

  test('names a time of rendering that is never a second old, for browsers count on from it', async () => {
    await using server = start();
    await server.get(PATHS.page);
    server.clock.advance(999);
    await server.get(PATHS.page);
    expect(server.rendered).toHaveLength(1);
    server.clock.advance(1);
    await server.get(PATHS.page);
    expect(server.rendered).toHaveLength(2);
    expect(server.rendered[1]?.nowMs).toBe(server.clock.now());
  });

  test('is rendered again as soon as one of its figures is stale', async () => {
    await using server = start();
    server.clock.setWall(Date.parse(AS_OF) + 1_800_000);
    await server.get(PATHS.page);
    server.clock.advance(1);
    await server.get(PATHS.page);
    expect(server.rendered).toHaveLength(2);
    server.clock.advance(1);
    await server.get(PATHS.page);
    expect(server.rendered).toHaveLength(2);
  });

  test('is compressed for whoever accepts it', async () => {
    await using server = start();
    const received = await server.raw(
      `GET ${PATHS.page} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
    );
    expect(received).toMatch(/^content-encoding: gzip\r$/im);
    const compressed = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1');
    const html = new TextDecoder().decode(Bun.gunzipSync(new Uint8Array(compressed)));
    expect(html).toBe('<!doctype html><html lang="en">1</html>');
  });

  test('the home address leads to it and keeps the query', async () => {
    await using server = start();
    const response = await server.get('/?kiosk=1&lang=vi');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/crypto_report?kiosk=1&lang=vi');
  });

  test.each(['', '?', '?lang=vi&a=%20b', '?x=//evil.example/%'])(
    'its address with a slash at the end leads to it for good and keeps the query: %p',
    async (query) => {
      await using server = start();
      const response = await server.get(`/crypto_report/${query}`);
      expect(response.status).toBe(308);
      expect(response.headers.get('location')).toBe(`/crypto_report${query}`);
    },
  );
});
