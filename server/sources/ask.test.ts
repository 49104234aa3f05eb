import { describe, expect, test } from 'bun:test';
import { object, string } from 'valibot';
import { createManualClock } from '../../contract/manual-clock.ts';
import { bindSource } from './ask.ts';
import { SOURCES } from './index.ts';
import { definePoll, type Source } from './source.ts';
import { type Upstream, UpstreamError } from './upstream.ts';

const SECRET = 'very-secret-key';
const BASE_URL = 'https://api.example.org';

/** Binds a source to an upstream that answers with `get`; what is logged is kept. */
function bind(source: Source, get: Upstream['get']) {
  const logged: unknown[] = [];
  const clock = createManualClock();
  const logAs = (level: string) => (fields: object, message: string) =>
    void logged.push([level, fields, message]);
  const routes = bindSource(source, {
    upstream: { get },
    clock,
    baseUrl: BASE_URL,
    options: { key: SECRET, plan: null, coins: ['BTC'] },
    pollIntervalS: () => 300,
    log: {
      debug: logAs('debug'),
      info: logAs('info'),
      warn: logAs('warn'),
      error: logAs('error'),
    },
  });
  return { routes, logged, clock };
}

const answering =
  (body: unknown): Upstream['get'] =>
  async () => ({ body, receivedAtMs: Date.UTC(2026, 10, 23, 7), ageS: 5 });

const failing =
  (error: unknown): Upstream['get'] =>
  async () => {
    throw error;
  };

const taapi = SOURCES.find((source) => source.id === 'taapi') ?? expect.unreachable();

describe('a bound source', () => {
  test('has one route per poll, each called once per call, at its own address', async () => {
    for (const source of SOURCES) {
      const asked: unknown[] = [];
      const { routes } = bind(source, async (id, baseUrl, request) => {
        asked.push([id, baseUrl, request.path]);
        throw new UpstreamError(id, 'timeout');
      });
      expect(routes.map(({ upstream, route }) => [upstream, route])).toEqual(
        source.polls.map(({ route }) => [source.id, route]),
      );
      for (const route of routes) await route.call();
      expect(asked).toEqual(
        source.polls.map(({ route }) => [source.id, BASE_URL, route.split(' ')[0]]),
      );
    }
  });

  test('answers with readings that know their interval and the age of the answer', async () => {
    const { routes, logged } = bind(taapi, answering({ value: 51.2 }));
    const receivedAtMs = Date.UTC(2026, 10, 23, 7);
    expect(await routes[0]?.call()).toMatchObject({
      ok: true,
      receivedAtMs,
      readings: [{ value: 51.2, staleAfterS: 900, asOfMs: receivedAtMs - 5000 }],
    });
    expect(logged).toEqual([]);
  });

  test('answers without readings where an upstream says that it has no figure', async () => {
    const finnhub = SOURCES.find((source) => source.id === 'finnhub') ?? expect.unreachable();
    const { routes, logged } = bind(finnhub, answering({ c: 0, d: null, dp: null, t: 0 }));
    expect(await routes[0]?.call()).toMatchObject({ ok: true, readings: [] });
    expect(logged).toEqual([]);
  });

  test('turns a failure into a value, and logs it once', async () => {
    const { routes, logged } = bind(
      taapi,
      failing(new UpstreamError('taapi', 'rate_limited', 5, 429)),
    );
    expect(await routes[0]?.call()).toEqual({ ok: false, code: 'rate_limited', retryAtMs: 5 });
    expect(logged).toEqual([
      [
        'warn',
        { source: 'taapi', route: '/rsi', code: 'rate_limited', status: 429 },
        'upstream call failed',
      ],
    ]);
  });

  test('calls an answer of another shape a bad response', async () => {
    const { routes, logged } = bind(taapi, answering({ value: [51.2] }));
    expect(await routes[0]?.call()).toEqual({ ok: false, code: 'bad_response', retryAtMs: null });
    expect(logged).toHaveLength(1);
  });

  test('survives a mistake in a normaliser, and says where it is but not what was read', async () => {
    const poll = definePoll({
      source: 'taapi',
      route: '/rsi',
      gives: 'rsi_14_taapi',
      request: () => ({ path: '/rsi' }),
      schema: object({ said: string() }),
      normalise: ({ said }) => {
        throw new TypeError(`cannot read ${said}`);
      },
    });
    const source: Source = { ...taapi, polls: [poll] };
    const { routes, logged } = bind(source, answering({ said: 'words of the upstream' }));
    expect(await routes[0]?.call()).toEqual({ ok: false, code: 'bad_response', retryAtMs: null });
    expect(logged).toMatchObject([
      ['error', { source: 'taapi', route: '/rsi' }, expect.any(String)],
    ]);
    expect(JSON.stringify(logged)).toContain('ask.test.ts');
    expect(JSON.stringify(logged)).not.toContain('words of the upstream');
  });

  test('pitfall 9: never logs the address or the key', async () => {
    const failures = [
      new UpstreamError('taapi', 'blocked', null, 401),
      new TypeError(`${BASE_URL}?secret=${SECRET}`),
      `${BASE_URL}?secret=${SECRET}`,
    ];
    for (const error of failures) {
      const { routes, logged } = bind(taapi, failing(error));
      expect(await routes[0]?.call()).toMatchObject({ ok: false });
      expect(logged).toHaveLength(1);
      expect(JSON.stringify(logged)).not.toContain(SECRET);
      expect(JSON.stringify(logged)).not.toContain(BASE_URL);
    }
  });
});

test('a route that fails again and again is a warning once, and its return a line', async () => {
  let isAway = true;
  const { routes, logged, clock } = bind(taapi, async (source) => {
    if (isAway) throw new UpstreamError(source, 'unavailable');
    return { body: { value: 51.2 }, receivedAtMs: clock.now(), ageS: 0 };
  });
  for (let n = 0; n < 3; n++) {
    await routes[0]?.call();
    clock.advance(300_000);
  }
  isAway = false;
  await routes[0]?.call();
  await routes[0]?.call();
  const fields = { source: 'taapi', route: '/rsi' };
  const failure = { ...fields, code: 'unavailable', status: null };
  expect(logged).toEqual([
    ['warn', failure, 'upstream call failed'],
    ['debug', failure, 'upstream call failed'],
    ['debug', failure, 'upstream call failed'],
    ['info', fields, 'an upstream answers again after 900 s'],
  ]);
});
