import { afterEach, describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../contract/index.ts';
import {
  createLoopback,
  failure,
  REQUEST,
  SECRET,
  USER_AGENT,
  upstreamWith,
} from './test-loopback.ts';
import { USED_UP_PAUSE_MS } from './upstream.ts';

const HTML = '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>';

const loopback = createLoopback();
afterEach(() => loopback.close());

describe('a request', () => {
  test('carries path, query, headers and a user agent, and asks for JSON', async () => {
    const seen = { method: '', url: '', headers: new Headers() };
    const origin = loopback.serve((request) => {
      seen.method = request.method;
      seen.url = request.url;
      seen.headers = new Headers(request.headers);
      return Response.json({ value: 51 }, { headers: { age: '17' } });
    });
    const before = Date.now();
    const answer = await upstreamWith().get('taapi', origin, {
      ...REQUEST,
      headers: { 'x-cg-demo-api-key': 'k-1' },
    });
    expect(answer.body).toEqual({ value: 51 });
    expect(answer.ageS).toBe(17);
    expect(answer.receivedAtMs).toBeGreaterThanOrEqual(before);
    const { url, headers, method } = seen;
    expect(method).toBe('GET');
    expect(url).toBe(`${origin}/rsi?secret=${SECRET}&symbol=BTC%2FUSDT`);
    expect(headers.get('user-agent')).toBe(USER_AGENT);
    expect(headers.get('accept')).toBe('application/json');
    expect(headers.get('x-cg-demo-api-key')).toBe('k-1');
  });

  test.each<[string | null, number]>([
    [null, 0],
    ['0', 0],
    ['58', 58],
    ['-3', 0],
    ['old', 0],
    ['9'.repeat(30), 2 ** 31],
  ])('reads an Age of %p as %p seconds', async (age, expected) => {
    const origin = loopback.serve(() =>
      Response.json({}, age === null ? {} : { headers: { age } }),
    );
    expect((await upstreamWith().get('taapi', origin, REQUEST)).ageS).toBe(expected);
  });

  test('reads JSON whatever its type is said to be, with or without compression', async () => {
    const packed = gzipSync(JSON.stringify({ usd: 42928597549425850, tiny: 1e-10 }));
    const origin = loopback.serve(
      () =>
        new Response(packed, {
          headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
        }),
    );
    const { body } = await upstreamWith().get('taapi', origin, REQUEST);
    expect(body).toEqual({ usd: 42928597549425850, tiny: 1e-10 });
  });
});

describe('a status', () => {
  const bodies: readonly [string, string][] = [
    ['HTML', HTML],
    ['JSON', '{"error":"no"}'],
    ['text', 'Throttled'],
    ['nothing', ''],
  ];
  const codes: readonly [number, ErrorCode][] = [
    [401, 'blocked'],
    [403, 'blocked'],
    [451, 'blocked'],
    [418, 'rate_limited'],
    [429, 'rate_limited'],
    [408, 'unavailable'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [520, 'unavailable'],
    [201, 'bad_response'],
    [202, 'bad_response'],
    [400, 'bad_response'],
    [404, 'bad_response'],
    [422, 'bad_response'],
  ];
  test.each(codes)('pitfall 2: %p means %s, with any body', async (status, code) => {
    for (const [, body] of bodies) {
      const error = await failure(loopback.serve(() => new Response(body, { status })));
      expect([error.code, error.status, error.retryAtMs]).toEqual([code, status, null]);
    }
  });

  test.each([301, 302, 303, 307, 308, 304, 300])(
    'pitfall 6: a redirect of status %p is an error, and nobody else is called',
    async (status) => {
      let trapped = 0;
      const trap = loopback.serve(() => {
        trapped++;
        return Response.json({ value: 51 });
      });
      const origin = loopback.serve(
        () => new Response(null, { status, headers: { location: trap } }),
      );
      const error = await failure(origin);
      expect([error.code, error.status]).toEqual(['bad_response', status]);
      expect(trapped).toBe(0);
    },
  );

  test.each([429, 418, 503])('pitfall 3: %p may say when to come back', async (status) => {
    const origin = loopback.serve(
      () => new Response('', { status, headers: { 'retry-after': '119' } }),
    );
    const before = Date.now();
    const { retryAtMs } = await failure(origin);
    expect(retryAtMs).toBeGreaterThanOrEqual(before + 119_000);
    expect(retryAtMs).toBeLessThanOrEqual(Date.now() + 119_000);
  });

  test('of 402 asks for an hour of rest, whatever the body says, or for the time it names', async () => {
    for (const [, body] of bodies) {
      const before = Date.now();
      const { code, retryAtMs } = await failure(
        loopback.serve(() => new Response(body, { status: 402 })),
      );
      expect(code).toBe('rate_limited');
      expect(retryAtMs).toBeGreaterThanOrEqual(before + USED_UP_PAUSE_MS);
      expect(retryAtMs).toBeLessThanOrEqual(Date.now() + USED_UP_PAUSE_MS);
    }
    const headers = { 'retry-after': '60' };
    const named = await failure(loopback.serve(() => new Response('', { status: 402, headers })));
    expect(named.retryAtMs).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  test.each([403, 404, 500])('of %p cannot', async (status) => {
    const origin = loopback.serve(
      () => new Response('', { status, headers: { 'retry-after': '119' } }),
    );
    expect((await failure(origin)).retryAtMs).toBeNull();
  });
});

describe('a body of status 200', () => {
  test.each([
    ['empty', ''],
    ['a text', 'Throttled'],
    ['cut in the middle', '{"data":[{"value":"26"'],
    ['NaN', 'NaN'],
    ['two documents', '{}{}'],
    ['nested beyond reason', '['.repeat(2_000_000)],
  ])('pitfall 4: is a bad response when it is %s', async (_name, body) => {
    expect((await failure(loopback.serve(() => new Response(body)))).code).toBe('bad_response');
  });

  test('pitfall 1: is a bad response when it is a page of HTML', async () => {
    expect((await failure(loopback.serve(() => new Response(HTML)))).code).toBe('bad_response');
  });

  test.each(['null', '[]', '"string"', '{}', '12'])('is handed on when it is %s', async (body) => {
    const origin = loopback.serve(() => new Response(body));
    expect((await upstreamWith().get('taapi', origin, REQUEST)).body).toEqual(JSON.parse(body));
  });

  test('is a refusal when the source says so, with the time the headers name', async () => {
    const origin = loopback.serve(() =>
      Response.json({ error: 'limit' }, { headers: { 'retry-after': '15' } }),
    );
    const error = await failure(origin, {}, { ...REQUEST, refusal: () => 'rate_limited' });
    expect([error.code, error.status]).toEqual(['rate_limited', 200]);
    expect(error.retryAtMs).toBeGreaterThan(Date.now());
  });

  test('is judged by the source also where the status says too little', async () => {
    const unpaid = () => Response.json({ error_code: 1003 }, { status: 402 });
    for (const code of ['blocked', 'rate_limited'] as const) {
      const request = { ...REQUEST, refusal: () => code };
      expect((await failure(loopback.serve(unpaid), {}, request)).code).toBe(code);
    }
    for (const body of ['Payment required', '{}', '']) {
      const origin = loopback.serve(() => new Response(body, { status: 402 }));
      const request = { ...REQUEST, refusal: () => null };
      expect((await failure(origin, {}, request)).code).toBe('rate_limited');
    }

    const origin = loopback.serve(() => Response.json({ error_code: 10011 }, { status: 400 }));
    expect((await failure(origin, {}, { ...REQUEST, refusal: () => 'blocked' })).code).toBe(
      'blocked',
    );
    expect((await failure(origin, {}, { ...REQUEST, refusal: () => null })).code).toBe(
      'bad_response',
    );
  });
});

test('pitfall 9: a failure never holds the address, the key or the words of the upstream', async () => {
  const text = 'account 4711 is not allowed';
  const said = new Response(`{"error":"${text}"}`, { status: 403 });
  const failures = [
    await failure(loopback.serve(() => said)),
    await failure(loopback.serve(() => new Response(HTML))),
    await failure(await loopback.serveRaw((socket) => socket.resetAndDestroy())),
    await failure(await loopback.serveRaw(() => {})),
    await failure('no address at all'),
  ];
  for (const error of failures) {
    const shown = [Bun.inspect(error), JSON.stringify(error), error.stack, error.cause].join('\n');
    expect(shown).toContain('taapi');
    for (const hidden of [SECRET, '127.0.0.1', text, 'Just a moment']) {
      expect(shown).not.toContain(hidden);
    }
  }
});

test('a call is one request, also when the upstream resets a connection that was kept open', async () => {
  let requests = 0;
  const origin = await loopback.serveRaw((socket) => {
    const answer = () => {
      requests += 1;
      if (requests > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
    };
    socket.on('data', answer);
    answer();
  });
  const upstream = upstreamWith();
  await upstream.get('taapi', origin, REQUEST);
  const call = upstream.get('taapi', origin, REQUEST);
  await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  expect(requests).toBe(2);
});
