import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { systemClock } from '../contract/index.ts';
import { MAX_BODY_BYTES } from './loopback.ts';
import { createSimulator, type Simulator } from './simulator.ts';

let simulator: Simulator;
const seen: string[] = [];

beforeEach(async () => {
  seen.length = 0;
  simulator = await createSimulator({
    clock: systemClock,
    port: 0,
    seed: 1,
    onRequest: (method, path) => seen.push(`${method} ${path}`),
  });
});
afterEach(() => simulator.close());

async function ask(method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(simulator.url + path, {
    method,
    headers: { 'user-agent': 'test/1.0' },
    ...(text !== undefined && { body: text }),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

describe('the simulator', () => {
  test('listens on loopback only', () => {
    expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('answers an unknown path with 404 and another method with 405, in JSON', async () => {
    expect(await ask('GET', '/api/v3/nothing')).toMatchObject({
      status: 404,
      json: { error: { code: 'not_found' } },
    });
    expect(await ask('POST', '/fng/', {})).toMatchObject({
      status: 405,
      json: { error: { code: 'method_not_allowed' } },
    });
  });

  test('logs what was asked with everything that was sent, the secret too', async () => {
    await ask('GET', '/rsi?secret=shh&exchange=binance&symbol=BTC%2FUSDT&interval=1d');
    await ask('GET', '/nowhere?a=1');
    const { json } = await ask('GET', '/_sim/requests');
    expect(json).toMatchObject({
      total: 2,
      counts: { '/rsi': 1, unknown: 1 },
      requests: [
        {
          method: 'GET',
          path: '/rsi',
          query: { secret: 'shh', exchange: 'binance', symbol: 'BTC/USDT', interval: '1d' },
          user_agent: 'test/1.0',
        },
        { path: '/nowhere' },
      ],
    });
    expect(Date.now() - Date.parse(json.requests[0].at)).toBeLessThan(5000);
    expect(seen).toEqual(['GET /rsi', 'GET /nowhere']);
    expect((await ask('DELETE', '/_sim/requests')).json.total).toBe(0);
  });
});

describe('the control API', () => {
  test('sets figures that every upstream then tells', async () => {
    const set = await ask('PUT', '/_sim/market', {
      btc_price_usd: 81_234.5,
      market_cap: 2.7e12,
      rsi_14_taapi: 45.6,
      fng_value: 77,
      frozen: true,
    });
    expect(set.status).toBe(200);
    expect(set.json).toMatchObject({ btc_price_usd: 81_234.5, frozen: true });
    expect((await ask('GET', '/_sim/market')).json).toEqual(set.json);

    const price = await ask('GET', '/api/v3/simple/price?ids=bitcoin&vs_currencies=usd');
    expect(price.json).toEqual({ bitcoin: { usd: 81_234.5 } });
    expect((await ask('GET', '/api/v3/global')).json.data.total_market_cap.usd).toBe(2.7e12);
    const rsi = await ask('GET', '/rsi?secret=x&exchange=binance&symbol=BTC/USDT&interval=1d');
    expect(rsi.json).toEqual({ value: 45.6 });
    const fng = await ask('GET', '/fng/');
    expect(fng.json.data[0]).toMatchObject({ value: '77', value_classification: 'Extreme Greed' });
    const klines = await ask('GET', '/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=1');
    expect(klines.json[0][4]).toBe('81234.50000000');
  });

  test('puts an exchange off and closes the US market', async () => {
    const set = await ask('PUT', '/_sim/market', {
      exchange_offset_percent: { kraken: -5 },
      us_market_open: false,
    });
    expect(set.json).toMatchObject({
      exchange_offset_percent: { binance: 0, coinbase: 0, kraken: -5 },
      us_market_open: false,
    });
    const back = { exchange_offset_percent: { kraken: null }, us_market_open: true };
    expect((await ask('PUT', '/_sim/market', back)).json).toMatchObject({
      exchange_offset_percent: { kraken: 0 },
      us_market_open: true,
    });
  });

  test('kills an upstream, freezes it and brings it back', async () => {
    expect((await ask('PUT', '/_sim/upstreams', { alternative_me: 'dead' })).json).toEqual({
      alternative_me: 'dead',
    });
    await expect(fetch(`${simulator.url}/fng/`)).rejects.toThrow();
    expect((await ask('GET', '/api/global/')).status).toBe(200);

    await ask('PUT', '/_sim/upstreams', { alternative_me: 'frozen' });
    expect((await ask('GET', '/_sim/upstreams')).json).toEqual({ alternative_me: 'frozen' });
    const waited = fetch(`${simulator.url}/fng/`, { signal: AbortSignal.timeout(200) });
    await expect(waited).rejects.toThrow('timed out');

    expect((await ask('PUT', '/_sim/upstreams', { alternative_me: 'ok' })).json).toEqual({});
    expect((await ask('GET', '/fng/')).status).toBe(200);
  });

  test('closes an upstream to us, for requests and handshakes alike', async () => {
    const klines = '/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=1';
    await ask('PUT', '/_sim/blocks', { binance: 451 });
    expect(await ask('GET', klines)).toMatchObject({ status: 451, json: { code: 0 } });
    const handshake = await fetch(`${simulator.wsUrl.replace('ws:', 'http:')}/ws/btcusdt@ticker`);
    expect(handshake.status).toBe(451);
    expect((await ask('PUT', '/_sim/blocks', { binance: null })).json).toEqual({});
    expect((await ask('GET', klines)).status).toBe(200);
  });

  test('sets quotas and counts what they refused', async () => {
    const set = await ask('PUT', '/_sim/quotas', { coingecko: { perMinute: 1 } });
    expect(set.json).toEqual({
      limits: { coingecko: { perMinute: 1 } },
      refused: { coingecko: 0 },
    });
    expect((await ask('GET', '/api/v3/global')).status).toBe(200);
    const { status, headers } = await ask('GET', '/api/v3/global');
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeWithin(1, 61);
    expect((await ask('GET', '/_sim/quotas')).json.refused).toEqual({ coingecko: 1 });
    await ask('PUT', '/_sim/quotas', { coingecko: null });
    expect((await ask('GET', '/api/v3/global')).status).toBe(200);
  });

  test('makes a step when it is told to', async () => {
    const before = await ask('PUT', '/_sim/market', { frozen: true });
    const after = await ask('POST', '/_sim/step');
    expect(after.json.btc_price_usd).not.toBe(before.json.btc_price_usd);
    expect((await ask('GET', '/_sim/market')).json.btc_price_usd).toBe(after.json.btc_price_usd);
  });

  test('keeps, shows and takes away faults', async () => {
    await ask('PUT', '/_sim/faults', { '/fng/': { status: 500 }, '/rsi': { reset: true } });
    const { json } = await ask('PUT', '/_sim/faults', { '/rsi': null });
    expect(json).toEqual({ '/fng/': { status: 500 } });
    expect((await ask('GET', '/_sim/faults')).json).toEqual(json);
    expect((await ask('DELETE', '/_sim/faults')).json).toEqual({});
  });

  test('keeps, shows and takes away the faults of streams, each exchange’s as a whole', async () => {
    await ask('PUT', '/_sim/streams', { binance: { silent: true }, kraken: { skewMs: 5 } });
    const { json } = await ask('PUT', '/_sim/streams', { binance: { noPings: true } });
    expect(json).toEqual({ binance: { noPings: true }, coinbase: {}, kraken: { skewMs: 5 } });
    expect((await ask('PUT', '/_sim/streams', { kraken: null })).json.kraken).toEqual({});
    expect((await ask('GET', '/_sim/streams')).json.binance).toEqual({ noPings: true });
    expect((await ask('DELETE', '/_sim/streams')).json.binance).toEqual({});
    const acted = await ask('POST', '/_sim/streams', { binance: { do: 'cut' } });
    expect(acted).toMatchObject({ status: 200, json: { connections: [] } });
  });

  test.each([
    ['/_sim/streams', { nobody: {} }],
    ['/_sim/streams', { binance: { nothing: true } }],
    ['/_sim/streams', { binance: { refuse: 200 } }],
    ['/_sim/streams', { binance: { cutEveryMs: 1 } }],
    ['/_sim/streams', { binance: { cutCode: 1005 } }],
    ['/_sim/market', { btc_price_usd: 0 }],
    ['/_sim/market', { btc_price_usd: '1' }],
    ['/_sim/market', { fng_value: 50.5 }],
    ['/_sim/market', { rsi_14_taapi: 101 }],
    ['/_sim/market', { btc_dominance: -1 }],
    ['/_sim/market', { frozen: 'yes' }],
    ['/_sim/market', { unknown: 1 }],
    ['/_sim/market', { exchange_offset_percent: { kraken: -100 } }],
    ['/_sim/market', { exchange_offset_percent: { bitstamp: 1 } }],
    ['/_sim/market', { exchange_offset_percent: 5 }],
    ['/_sim/market', { us_market_open: 1 }],
    ['/_sim/market', []],
    ['/_sim/market', 'not json'],
    ['/_sim/market', ''],
    ['/_sim/upstreams', { binance: 'asleep' }],
    ['/_sim/upstreams', { bitstamp: 'dead' }],
    ['/_sim/blocks', { binance: 200 }],
    ['/_sim/quotas', { binance: { perHour: 1 } }],
    ['/_sim/quotas', { binance: { perMinute: -1 } }],
    ['/_sim/faults', { '/nowhere': { reset: true } }],
    ['/_sim/faults', { '/fng/': { status: 1 } }],
    ['/_sim/faults', { '/fng/': {} }],
    ['/_sim/faults', 'x'.repeat(MAX_BODY_BYTES + 1)],
  ])('refuses PUT %s %j with 400 and says why', async (path, body) => {
    const before = (await ask('GET', '/_sim/market')).json.held;
    const { status, json } = await ask('PUT', path, body);
    expect(status).toBe(400);
    expect(json.error.code).toBe('bad_request');
    expect(json.error.message).not.toBe('');
    expect((await ask('GET', '/_sim/market')).json.held).toEqual(before);
    expect((await ask('GET', '/_sim/faults')).json).toEqual({});
  });

  test('knows its paths and their methods, and is not in the log', async () => {
    expect((await ask('GET', '/_sim/nothing')).status).toBe(404);
    const { status, headers } = await ask('POST', '/_sim/faults', {});
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, PUT, DELETE');
    expect((await ask('GET', '/_sim/requests')).json.total).toBe(0);
  });
});
