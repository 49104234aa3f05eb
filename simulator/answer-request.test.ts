import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../contract/manual-clock.ts';
import { answerRequest, type Reply } from './answer-request.ts';
import { createFaults } from './faults.ts';
import { createMarket } from './market.ts';
import { createQuotas } from './quotas.ts';
import { createRequestLog } from './request-log.ts';
import { createUpstreamStates } from './upstream-states.ts';
import { ROUTES, UPSTREAMS } from './upstreams/index.ts';

const NOW = Date.UTC(2026, 10, 23, 7, 0, 20);
const KEYS = { 'x-cmc_pro_api_key': 'k', 'x-finnhub-token': 'k' };
/** What each upstream answers well. */
const QUERIES: Readonly<Record<string, string>> = {
  '/api/v3/simple/price': 'ids=bitcoin&vs_currencies=usd',
  '/api/v3/klines': 'symbol=BTCUSDT&interval=1d',
  '/rsi': 'secret=s&exchange=binance&symbol=BTC/USDT&interval=1d',
  '/0/public/OHLC': 'pair=XBTUSD&interval=1440',
  '/api/v1/quote': 'symbol=SPY',
};
const CANDLES_QUERY = 'granularity=86400';

function setUp() {
  const clock = createManualClock(NOW);
  const simulated = {
    market: createMarket(clock, 1),
    states: createUpstreamStates(),
    quotas: createQuotas(),
    faults: createFaults(),
    log: createRequestLog(),
  };
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
    const query = new URLSearchParams(QUERIES[path] ?? CANDLES_QUERY);
    const sent = new Headers({ 'user-agent': 'test/1.0', ...KEYS, ...headers });
    return answerRequest(simulated, { method, path, query, headers: sent }, clock.now());
  };
  return { clock, ask, ...simulated };
}

function answerOf(reply: Reply) {
  if (reply.kind !== 'answer') throw new Error(`no answer but ${reply.kind}`);
  return reply.answer;
}

const firstRoutes = UPSTREAMS.map(({ id, routes }) => [id, routes[0]?.path ?? ''] as const);

describe('every route', () => {
  test('answers well with JSON, to nobody’s harm', () => {
    const { ask, log } = setUp();
    for (const path of ROUTES.keys()) {
      const { status, headers, body } = answerOf(ask(path));
      expect([path, status]).toEqual([path, 200]);
      expect(headers['content-type']).toStartWith('application/json');
      expect(JSON.parse(body)).toBeObject();
    }
    expect(log.view().total).toBe(ROUTES.size);
  });

  test('belongs to one upstream alone: no two have the same path', () => {
    expect(ROUTES.size).toBe(UPSTREAMS.flatMap(({ routes }) => routes).length);
    expect(new Set(UPSTREAMS.map(({ id }) => id)).size).toBe(UPSTREAMS.length);
  });

  test('is logged under its upstream, as is what nobody has', () => {
    const { ask, log } = setUp();
    ask('/products/BTC-USD/candles');
    ask('/products/ETH-USD/candles');
    expect(answerOf(ask('/products/NOCOIN-USD/candles')).status).toBe(404);
    expect(answerOf(ask('/fng/', {}, 'POST')).status).toBe(405);
    expect(log.view()).toMatchObject({
      total: 4,
      counts: { '/products/BTC-USD/candles': 1, unknown: 1, '/fng/': 1 },
      upstreams: { coinbase: 2, alternative_me: 1 },
    });
  });
});

describe('an upstream as a whole', () => {
  test.each(firstRoutes)('%s is dead, frozen and well again, and no other with it', (id, path) => {
    const { ask, states, log } = setUp();
    states.setStates({ [id]: 'dead' });
    expect(ask(path)).toEqual({ kind: 'reset' });
    for (const [other, otherPath] of firstRoutes) {
      expect(ask(otherPath).kind).toBe(other === id ? 'reset' : 'answer');
    }
    states.setStates({ [id]: 'frozen' });
    expect(ask(path)).toEqual({ kind: 'silence' });
    states.setStates({ [id]: 'ok' });
    expect(answerOf(ask(path)).status).toBe(200);
    expect(log.view().upstreams[id]).toBe(4);
  });

  test.each(firstRoutes)('%s refuses us for where we are', (id, path) => {
    const { ask, states } = setUp();
    for (const block of [451, 403] as const) {
      states.setBlocks({ [id]: block });
      expect(answerOf(ask(path)).status).toBe(block);
    }
    states.setBlocks({ [id]: null });
    expect(answerOf(ask(path)).status).toBe(200);
  });

  test('Binance says so as JSON with 451 and as a page with 403', () => {
    const { ask, states } = setUp();
    states.setBlocks({ binance: 451 });
    const restricted = answerOf(ask('/api/v3/klines'));
    expect(JSON.parse(restricted.body)).toEqual({
      code: 0,
      msg: expect.stringContaining("restricted location according to 'b. Eligibility'"),
    });
    states.setBlocks({ binance: 403 });
    const page = answerOf(ask('/api/v3/klines'));
    expect(page.headers).toMatchObject({ server: 'CloudFront' });
    expect(page.headers['content-type']).toStartWith('text/html');
    expect(page.body).toContain('ERROR: The request could not be satisfied');
  });

  test('spends neither quota nor fault while it is away or refuses', () => {
    const { ask, states, quotas, faults } = setUp();
    quotas.set({ kraken: { perMinute: 1 } });
    faults.set({ '/0/public/OHLC': { status: 500, times: 1 } });
    states.setStates({ kraken: 'dead' });
    ask('/0/public/OHLC');
    states.setStates({ kraken: 'ok' });
    states.setBlocks({ kraken: 403 });
    ask('/0/public/OHLC');
    states.setBlocks({ kraken: null });
    expect(ask('/0/public/OHLC')).toMatchObject({ kind: 'answer', fault: { status: 500 } });
    expect(quotas.view().refused).toEqual({ kraken: 0 });
  });
});

describe('a quota that is used up', () => {
  /** The refusal of the call after the last that is let pass. */
  function refusal(
    id: (typeof firstRoutes)[number][0],
    quota: Readonly<Record<string, number | boolean>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const { ask, quotas } = setUp();
    const path = firstRoutes.find(([upstream]) => upstream === id)?.[1] ?? '';
    quotas.set({ [id]: quota });
    expect(JSON.parse(answerOf(ask(path, headers)).body)).not.toHaveProperty(
      'status.error_message',
      expect.any(String),
    );
    const { status, headers: sent, body } = answerOf(ask(path, headers));
    return { status, headers: sent, body, json: () => JSON.parse(body) };
  }

  test('CoinGecko without a key: 429 and the seconds to wait', () => {
    const { status, headers, json } = refusal('coingecko', { perMinute: 1 });
    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('60');
    expect(headers).not.toHaveProperty('x-ratelimit-reset');
    expect(json().status).toEqual({
      error_code: 429,
      error_message: expect.stringContaining('exceeded the Rate Limit'),
    });
  });

  test('CoinGecko with a key: 429 and the next full minute as a date with a space', () => {
    const { status, headers } = refusal(
      'coingecko',
      { perMinute: 1 },
      { 'x-cg-demo-api-key': 'k' },
    );
    expect(status).toBe(429);
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '1',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '2026-11-23 07:02:00 +0000',
    });
    expect(headers).not.toHaveProperty('retry-after');
  });

  test('CoinGecko for the month: 429 without a word of how long', () => {
    for (const key of [{}, { 'x-cg-demo-api-key': 'k' }]) {
      const { status, headers } = refusal('coingecko', { perMonth: 1 }, key);
      expect(status).toBe(429);
      expect(Object.keys(headers)).toEqual(['content-type']);
    }
  });

  test('Binance counts weight and says 429, the weight and the seconds', () => {
    const { status, headers, json } = refusal('binance', { perMinute: 3 });
    expect(status).toBe(429);
    expect(headers).toMatchObject({ 'retry-after': '60', 'x-mbx-used-weight-1m': '4' });
    expect(json().code).toBe(-1003);
  });

  test('TAAPI: 429, or 200 with an error in it', () => {
    expect(refusal('taapi', { per15s: 1 })).toMatchObject({ status: 429 });
    const { status, json } = refusal('taapi', { per15s: 1, refusesWith200: true });
    expect(status).toBe(200);
    expect(json()).toEqual({ error: expect.stringContaining('exceeded your request limit') });
  });

  test('Kraken: an error with status 200', () => {
    const { status, json } = refusal('kraken', { perMinute: 1 });
    expect(status).toBe(200);
    expect(json()).toEqual({ error: ['EGeneral:Too many requests'] });
  });

  test('Coinbase: 429 with a message', () => {
    const { status, json } = refusal('coinbase', { perMinute: 1 });
    expect(status).toBe(429);
    expect(json()).toEqual({ message: 'Public rate limit exceeded' });
  });

  test('CoinPaprika: 429 by the minute, 402 when the month is used up', () => {
    expect(refusal('coinpaprika', { perMinute: 1 })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    });
    expect(refusal('coinpaprika', { perMonth: 1 }).status).toBe(402);
  });

  test.each([
    ['per15s', 1008],
    ['perMinute', 1008],
    ['perDay', 1009],
    ['perMonth', 1010],
  ])('CoinMarketCap %s: 429 with its own code %d', (span, code) => {
    const { status, json } = refusal('coinmarketcap', { [span]: 1 });
    expect(status).toBe(429);
    expect(json().status).toMatchObject({ error_code: code, error_message: expect.any(String) });
  });

  test('Finnhub, CoinLore and alternative.me: 429 as plain text', () => {
    for (const id of ['finnhub', 'coinlore', 'alternative_me'] as const) {
      const { status, headers, body } = refusal(id, { perMinute: 1 });
      expect(status).toBe(429);
      expect(headers['content-type']).toStartWith('text/plain');
      expect(body).not.toBe('');
    }
  });

  test('is there again when the clock says so', () => {
    const { ask, quotas, clock } = setUp();
    quotas.set({ coinlore: { perMinute: 1 } });
    expect(answerOf(ask('/api/global/')).status).toBe(200);
    clock.advance(59_999);
    expect(answerOf(ask('/api/global/')).status).toBe(429);
    clock.advance(1);
    expect(answerOf(ask('/api/global/')).status).toBe(200);
  });
});
