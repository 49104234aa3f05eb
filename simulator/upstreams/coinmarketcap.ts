/** CoinMarketCap: the market as a whole, for those with a key. https://coinmarketcap.com/api/documentation/v1/ */

import type { Span } from '../quotas.ts';
import { COUNTINGS, countedBy, type MarketWide } from './aggregators.ts';
import { type Answer, json, type SimulatedUpstream } from './upstream.ts';

/** Its own codes of errors, which stand in the envelope of every answer. */
const KEY_MISSING = 1002;
const REACHED: Readonly<Record<Span, readonly [code: number, message: string]>> = {
  per15s: [1008, "You've exceeded your API Key's HTTP request rate limit."],
  perMinute: [1008, "You've exceeded your API Key's HTTP request rate limit."],
  perDay: [1009, "You've exceeded your API Key's daily rate limit."],
  perMonth: [1010, "You've exceeded your API Key's monthly rate limit."],
};

export const coinmarketcap = {
  id: 'coinmarketcap',
  variable: 'CMC_BASE_URL',
  routes: [
    {
      path: '/v1/global-metrics/quotes/latest',
      answer({ headers }, market, nowMs) {
        if (!headers.get('x-cmc_pro_api_key')) {
          return problem(401, KEY_MISSING, 'API key missing.', nowMs);
        }
        const data = globalMetrics(countedBy(market.figures(), COUNTINGS.coinmarketcap), nowMs);
        return json({ status: { ...status(nowMs), credit_count: 1 }, data });
      },
    },
  ],
  refuse: ({ span }, _request, nowMs) => problem(429, ...REACHED[span], nowMs),
} as const satisfies SimulatedUpstream;

const status = (nowMs: number) => ({
  timestamp: new Date(nowMs).toISOString(),
  error_code: 0,
  error_message: null,
  elapsed: 11,
  credit_count: 0,
  notice: null,
});

const problem = (httpStatus: number, code: number, message: string, nowMs: number): Answer =>
  json({ status: { ...status(nowMs), error_code: code, error_message: message } }, httpStatus);

/** The dominances stand beside the quotes, not in them; what changed stands in them, against yesterday. */
function globalMetrics(seen: MarketWide, nowMs: number) {
  const before = (value: number, changePct: number) => value / (1 + changePct / 100);
  const lastUpdated = new Date(nowMs).toISOString();
  return {
    active_cryptocurrencies: 9915,
    total_cryptocurrencies: 31_735,
    active_market_pairs: 86_748,
    active_exchanges: 751,
    total_exchanges: 9394,
    eth_dominance: seen.ethDominance,
    btc_dominance: seen.btcDominance,
    quote: {
      USD: {
        total_market_cap: seen.cap,
        total_volume_24h: seen.volume,
        altcoin_market_cap: seen.cap * (1 - seen.btcDominance / 100),
        total_market_cap_yesterday: before(seen.cap, seen.capChange),
        total_volume_24h_yesterday: before(seen.volume, seen.volumeChange),
        total_market_cap_yesterday_percentage_change: seen.capChange,
        total_volume_24h_yesterday_percentage_change: seen.volumeChange,
        last_updated: lastUpdated,
      },
    },
    last_updated: lastUpdated,
  };
}
