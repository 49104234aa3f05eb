import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createMarket } from '../market.ts';
import { COUNTINGS, countedBy } from './aggregators.ts';
import { NOW, setUp } from './test-ask.ts';

const CMC = '/v1/global-metrics/quotes/latest';
const KEY = { 'x-cmc_pro_api_key': 'key' };

describe('CoinPaprika', () => {
  test('gives numbers, whole dollars, two decimals, seconds, and no part of ETH', () => {
    const { market, ask } = setUp();
    const { headers, json } = ask('/v1/global');
    const seen = countedBy(market.figures(), COUNTINGS.coinpaprika);
    expect(headers['cache-control']).toBe('public,max-age=60');
    expect(json).toMatchObject({
      market_cap_usd: Math.round(seen.cap),
      volume_24h_usd: Math.round(seen.volume),
      market_cap_change_24h: -1.6,
      volume_24h_change_24h: -3.2,
      last_updated: Math.floor(NOW / 1000),
    });
    expect(json.bitcoin_dominance_percentage).toBeCloseTo(seen.btcDominance, 1);
    expect(Object.keys(json).filter((key) => key.includes('eth'))).toEqual([]);
  });
});

describe('CoinLore', () => {
  test('gives one object in a list: sums as numbers, per cents as text, no time', () => {
    const { market, ask } = setUp();
    const { json } = ask('/api/global/');
    const seen = countedBy(market.figures(), COUNTINGS.coinlore);
    expect(json).toHaveLength(1);
    expect(json[0]).toMatchObject({
      total_mcap: seen.cap,
      total_volume: seen.volume,
      btc_d: seen.btcDominance.toFixed(2),
      eth_d: seen.ethDominance.toFixed(2),
      mcap_change: '-1.60',
      volume_change: '-3.20',
    });
  });
});

describe('CoinMarketCap', () => {
  test('gives dominances beside the quotes and changes in them, all in an envelope', () => {
    const { market, ask } = setUp();
    const { status, data } = ask(CMC, '', KEY).json;
    const seen = countedBy(market.figures(), COUNTINGS.coinmarketcap);
    expect(status).toMatchObject({ error_code: 0, error_message: null, credit_count: 1 });
    expect(status.timestamp).toBe(new Date(NOW).toISOString());
    expect(data).toMatchObject({
      btc_dominance: seen.btcDominance,
      eth_dominance: seen.ethDominance,
      quote: {
        USD: {
          total_market_cap: seen.cap,
          total_volume_24h: seen.volume,
          total_market_cap_yesterday_percentage_change: seen.capChange,
          last_updated: new Date(NOW).toISOString(),
        },
      },
    });
    const { total_market_cap, total_market_cap_yesterday } = data.quote.USD;
    expect((total_market_cap / total_market_cap_yesterday - 1) * 100).toBeCloseTo(seen.capChange);
  });

  test('refuses without a key, in the same envelope', () => {
    for (const headers of [{}, { 'x-cmc_pro_api_key': '' }]) {
      expect(setUp().ask(CMC, '', headers)).toMatchObject({
        status: 401,
        json: { status: { error_code: 1002, error_message: 'API key missing.' } },
      });
    }
  });
});

test('the aggregators follow the market and differ from each other', () => {
  const { market, ask } = setUp();
  market.set({ market_cap: 2e12 });
  const caps = [
    ask('/api/v3/global').json.data.total_market_cap.usd,
    ask('/v1/global').json.market_cap_usd,
    ask('/api/global/').json[0].total_mcap,
    ask(CMC, '', KEY).json.data.quote.USD.total_market_cap,
  ];
  expect(caps[0]).toBe(2e12);
  for (const cap of caps) expect(cap / 2e12).toBeWithin(0.95, 1.001);
  expect(new Set(caps).size).toBe(4);
});

test('no dominance goes beyond everything', () => {
  const market = createMarket(createManualClock(NOW), 1);
  market.set({ btc_dominance: 100, eth_dominance: 0 });
  expect(countedBy(market.figures(), COUNTINGS.coinlore)).toMatchObject({
    btcDominance: 100,
    ethDominance: 0,
  });
});

describe('CoinGecko', () => {
  const PRICES = '/api/v3/simple/price';

  test('gives several coins at once, in its own order, without those it does not know', () => {
    const { market, ask } = setUp();
    const query = 'ids=cardano,nocoin,bitcoin,ethereum&vs_currencies=usd';
    const { json } = ask(PRICES, `${query}&include_24hr_change=true&include_market_cap=true`);
    expect(Object.keys(json)).toEqual(['bitcoin', 'ethereum', 'cardano']);
    const eth = market.coin('ETH');
    expect(json.ethereum.usd).toBe(eth?.price);
    expect(json.ethereum.usd_24h_change).toBeCloseTo(
      ((eth?.price ?? 0) / (eth?.open24h ?? 1) - 1) * 100,
    );
    expect(json.ethereum.usd_market_cap / json.bitcoin.usd_market_cap).toBeWithin(0.1, 0.25);
    expect(json.bitcoin.usd_24h_change).toBe(market.figures().btc_change_24h);
  });

  test('has a price in the middle, whatever one exchange is off by', () => {
    const { market, ask } = setUp();
    market.set({ exchange_offset_percent: { binance: 5 } });
    expect(ask(PRICES, 'ids=bitcoin&vs_currencies=usd').json.bitcoin.usd).toBe(77_705);
  });
});

describe('alternative.me', () => {
  test('still ends with yesterday just after midnight, and counts on below zero', () => {
    const { clock, ask } = setUp(Date.UTC(2026, 10, 24, 0, 1));
    const before = ask('/fng/', 'limit=2').json.data;
    expect(before[0]).toMatchObject({
      timestamp: String(Date.UTC(2026, 10, 23) / 1000),
      time_until_update: '-60',
    });
    clock.advance(10 * 60_000);
    const after = ask('/fng/', 'limit=2').json.data;
    expect(after[0]).toMatchObject({
      timestamp: String(Date.UTC(2026, 10, 24) / 1000),
      time_until_update: String(86_400 - 660),
    });
    expect(after[1].value).toBe(before[0].value);
  });
});
