import { describe, expect, test } from 'bun:test';
import { DAY_MS } from '../candles.ts';
import { NOW, setUp } from './test-ask.ts';

const RSI_QUERY = 'exchange=binance&symbol=BTC/USDT&interval=1d';

describe('CoinGecko', () => {
  test('gives the whole of /global: counters, some sixty currencies, dominances, changes, seconds', () => {
    const { market, ask } = setUp();
    const { status, headers, json } = ask('/api/v3/global');
    const figures = market.figures();
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=120',
    });
    expect(json.data.total_market_cap.usd).toBe(figures.market_cap);
    expect(json.data.total_volume.usd).toBe(figures.volume_24h);
    expect(Object.keys(json.data.total_market_cap).length).toBeGreaterThan(55);
    expect(json.data.total_market_cap.idr).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(json.data.market_cap_percentage.btc).toBe(figures.btc_dominance);
    expect(json.data.market_cap_percentage.eth).toBe(figures.eth_dominance);
    expect(json.data.market_cap_change_percentage_24h_usd).toBe(figures.market_cap_change_24h);
    expect(json.data.volume_change_percentage_24h_usd).toBe(figures.volume_change_24h);
    expect(json.data.updated_at).toBe(Math.floor(NOW / 1000));
    expect(json.data.active_cryptocurrencies).toBeInteger();
  });

  test('gives of /simple/price what is asked for and no more', () => {
    const { market, ask } = setUp();
    const base = 'ids=bitcoin&vs_currencies=usd';
    const figures = market.figures();
    expect(ask('/api/v3/simple/price', base).json).toEqual({ bitcoin: { usd: 77_705 } });
    const all = ['market_cap', '24hr_vol', '24hr_change', 'last_updated_at'];
    const query = `${base}${all.map((name) => `&include_${name}=true`).join('')}`;
    expect(ask('/api/v3/simple/price', query).json).toEqual({
      bitcoin: {
        usd: 77_705,
        usd_market_cap: figures.btc_market_cap,
        usd_24h_vol: figures.btc_volume_24h,
        usd_24h_change: figures.btc_change_24h,
        last_updated_at: Math.floor(NOW / 1000),
      },
    });
  });

  test('leaves out what it does not know, and misses what it needs', () => {
    const { ask } = setUp();
    expect(ask('/api/v3/simple/price', 'ids=nocoin&vs_currencies=usd').json).toEqual({});
    expect(ask('/api/v3/simple/price', 'ids=bitcoin&vs_currencies=xyz').json).toEqual({
      bitcoin: {},
    });
    expect(ask('/api/v3/simple/price', 'ids=bitcoin')).toMatchObject({
      status: 422,
      json: { error: 'Missing parameter vs_currencies' },
    });
    expect(ask('/api/v3/simple/price', 'vs_currencies=usd').status).toBe(422);
  });

  test('refuses a client that does not say who it is', () => {
    const { ask } = setUp();
    for (const path of ['/api/v3/global', '/api/v3/simple/price']) {
      const { status, json } = ask(path, 'ids=bitcoin&vs_currencies=usd', {});
      expect(status).toBe(403);
      expect(json.status.error_code).toBe(403);
    }
  });
});

describe('alternative.me', () => {
  test('gives days newest first, everything as strings, the next update on the newest only', () => {
    const { json } = setUp().ask('/fng/', 'limit=31&format=json');
    expect(json).toMatchObject({ name: 'Fear and Greed Index', metadata: { error: null } });
    expect(json.data).toHaveLength(31);
    expect(json.data[0]).toEqual({
      value: '26',
      value_classification: 'Fear',
      timestamp: String(Date.UTC(2026, 10, 23) / 1000),
      time_until_update: String(17 * 3600),
    });
    expect(Object.keys(json.data[1])).toEqual(['value', 'value_classification', 'timestamp']);
    expect(Number(json.data[0].timestamp) - Number(json.data[30].timestamp)).toBe(30 * 86_400);
  });

  test('gives one day without a limit, all with 0, and an error beside no data for nonsense', () => {
    const { ask } = setUp();
    expect(ask('/fng/').json.data).toHaveLength(1);
    expect(ask('/fng/', 'limit=2000').json.data).toHaveLength(2000);
    const all = ask('/fng/', 'limit=0').json.data;
    // Every day since 2018-02-01 but four.
    expect(all).toHaveLength((Date.UTC(2026, 10, 23) - Date.UTC(2018, 1, 1)) / DAY_MS + 1 - 4);
    expect(all.at(-1).timestamp).toBe(String(Date.UTC(2018, 1, 1) / 1000));
    expect(ask('/fng/', 'limit=many').json).toMatchObject({
      data: [],
      metadata: { error: 'Invalid limit' },
    });
  });
});

describe('TAAPI', () => {
  test('gives the RSI of the candles to whoever has a secret', () => {
    const { market, ask } = setUp();
    const { json } = ask('/rsi', `secret=x&${RSI_QUERY}`);
    expect(json).toEqual({ value: market.figures().rsi_14 });
  });

  test('refuses without a secret, and what it does not simulate', () => {
    const { ask } = setUp();
    expect(ask('/rsi', RSI_QUERY)).toMatchObject({ status: 401, json: { statusCode: 401 } });
    expect(ask('/rsi', 'secret=x&exchange=binance&symbol=ETH/USDT&interval=1d').status).toBe(400);
  });
});

describe('Binance', () => {
  const KLINES = '/api/v3/klines';
  const QUERY = 'symbol=BTCUSDT&interval=1d';

  test('gives rows of twelve, oldest first, the last one open and at the running price', () => {
    const { json, headers } = setUp().ask(KLINES, QUERY);
    expect(headers['x-mbx-used-weight-1m']).toBe('2');
    expect(json).toHaveLength(500);
    for (const row of json) {
      const kinds = row.map((item: unknown) => (typeof item === 'number' ? 'n' : 's')).join('');
      expect(kinds).toBe('nsssssnsnsss');
      expect(row[6] - row[0]).toBe(DAY_MS - 1);
    }
    const last = json.at(-1);
    expect(last[4]).toBe('77705.00000000');
    expect(last[6]).toBeGreaterThan(NOW);
  });

  test('gives the newest rows up to the limit, and no more than it has', () => {
    const { ask } = setUp();
    expect(ask(KLINES, `${QUERY}&limit=3`).json).toEqual(ask(KLINES, QUERY).json.slice(-3));
    expect(ask(KLINES, `${QUERY}&limit=5000`).json).toHaveLength(520);
  });

  test.each([
    ['interval=1d', -1102],
    ['symbol=BTCUSDT', -1102],
    ['symbol=btcusdt&interval=1d', -1121],
    ['symbol=BTCUSDT&interval=2d', -1120],
    ['symbol=BTCUSDT&interval=1d&limit=x', -1100],
    ['symbol=BTCUSDT&interval=1d&limit=0', -1100],
  ])('refuses %s with %d', (query, code) => {
    const { status, json } = setUp().ask(KLINES, query);
    expect(status).toBe(400);
    expect(json.code).toBe(code);
  });
});

test('every upstream speaks of the same market, also after a while', () => {
  const { clock, ask } = setUp();
  for (let minute = 0; minute < 5; minute++) {
    clock.advance(60_000);
    const price = ask('/api/v3/simple/price', 'ids=bitcoin&vs_currencies=usd').json.bitcoin.usd;
    const rows = ask('/api/v3/klines', 'symbol=BTCUSDT&interval=1d&limit=1').json;
    expect(Number(rows[0][4])).toBe(price);
  }
});
