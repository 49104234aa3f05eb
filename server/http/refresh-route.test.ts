import { describe, expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { at, documentWith } from '../broker/test-broker.ts';
import { startTestServer } from './test-server.ts';

const AS_OF = '2026-11-23T07:00:00Z';

function start() {
  const server = startTestServer({ allowedOrigins: ['https://other.example'] });
  const { broker } = server;
  broker.hold(documentWith(1, AS_OF), at(1));
  const endRound = (seq: number) => {
    broker.hold(documentWith(seq, AS_OF), at(seq));
    broker.roundEnded(at(seq), 'changed');
  };
  return Object.assign(server, { endRound });
}

describe('the refresh', () => {
  test.each(['GET', 'POST'])('answers %s with the document of the round', async (method) => {
    await using server = start();
    server.broker.onRing(() => server.endRound(2));
    const response = await server.get(PATHS.refresh, {}, method);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.text();
    expect(text).toEndWith(`"data":${server.broker.held().json}}`);
    expect(JSON.parse(text)).toMatchObject({ status: 'ok', data: { market_cap: 2 } });
  });

  test('a hundred at the same time share one round', async () => {
    await using server = start();
    server.broker.onRing(() => {
      setTimeout(() => server.endRound(2), 200);
    });
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => server.get(PATHS.refresh)),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(100).fill(200));
    const caps = await Promise.all(responses.map(async (r) => (await r.json()).data.market_cap));
    expect(new Set(caps)).toEqual(new Set([2]));
    expect(server.broker.counts).toEqual({ claims: 1, rings: 1 });
  });

  test('is 429 with the document and the whole seconds to wait when one ran a moment ago', async () => {
    await using server = start();
    server.broker.answerClaims(async () => ({ granted: false, retryAfterMs: 4_200 }));
    const throttled = await server.get(PATHS.refresh);
    expect(throttled.status).toBe(429);
    expect(throttled.headers.get('retry-after')).toBe('5');
    expect(await throttled.json()).toMatchObject({ status: 'throttled', data: { market_cap: 1 } });
    server.broker.answerClaims(async () => ({ granted: false, retryAfterMs: 0 }));
    expect((await server.get(PATHS.refresh)).headers.get('retry-after')).toBe('1');
  });

  test('is 503 when no source answered', async () => {
    await using server = start();
    server.broker.onRing(() => server.broker.roundEnded(at(1), 'failed'));
    const response = await server.get(PATHS.refresh);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'upstreams_failed' } });
  });

  test('is 504 when the round does not end in eleven seconds', async () => {
    await using server = start();
    const rung = Promise.withResolvers<void>();
    server.broker.onRing(rung.resolve);
    const asked = server.get(PATHS.refresh);
    await rung.promise;
    await server.clock.advanceAsync(0);
    server.clock.advance(11_000);
    const response = await asked;
    expect(response.status).toBe(504);
    expect(await response.json()).toEqual({
      error: { code: 'refresh_timeout', message: 'The round did not end in time.' },
    });
  });

  test('is 504 and says so when no round could be asked for', async () => {
    await using server = start();
    const claimed = Promise.withResolvers<void>();
    server.broker.answerClaims(() => {
      claimed.resolve();
      return Promise.reject(new Error('ERR words that are nobody’s business'));
    });
    const asked = server.get(PATHS.refresh);
    await claimed.promise;
    await server.clock.advanceAsync(11_000);
    const response = await asked;
    expect(response.status).toBe(504);
    const { error } = await response.json();
    expect(error.code).toBe('refresh_timeout');
    expect(error.message).toStartWith('The round could not be asked for; ');
    expect(error.message).not.toContain('business');
  });

  test('is still answered when the round takes longer than idle connections may last', async () => {
    await using server = start();
    const startedMs = performance.now();
    server.broker.onRing(() => {
      setTimeout(() => server.endRound(2), 13_500);
    });
    const response = await server.get(PATHS.refresh);
    expect(response.status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThan(13_000);
  });

  test('is not there for other sites, listed or not', async () => {
    await using server = start();
    for (const site of ['cross-site', 'same-origin, cross-site']) {
      const headers = { 'sec-fetch-site': site, origin: 'https://other.example' };
      const response = await server.get(PATHS.refresh, headers);
      expect(response.status).toBe(403);
      expect(response.headers.has('access-control-allow-origin')).toBe(false);
    }
    expect(server.broker.counts.claims).toBe(0);
    let seq = 1;
    server.broker.onRing(() => server.endRound(++seq));
    for (const site of ['same-origin', 'none']) {
      expect((await server.get(PATHS.refresh, { 'sec-fetch-site': site })).status).toBe(200);
    }
  });
});
