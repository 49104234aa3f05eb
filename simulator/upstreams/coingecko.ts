/** CoinGecko, API v3: market-wide figures and the price of BTC. https://docs.coingecko.com */

import type { SimulatedFigures } from '../market.ts';
import { type Answer, json, type RouteRequest, type SimulatedUpstream } from './upstream.ts';
import { USD_RATES } from './usd-rates.ts';

/** CoinGecko refuses clients that do not say who they are. */
const NO_USER_AGENT = 'Please add a descriptive User-Agent to your request.';

const GLOBAL_HEADERS = { 'cache-control': 'public, max-age=120', vary: 'Accept-Encoding, Origin' };
const PRICE_HEADERS = { 'cache-control': 'max-age=30, public, must-revalidate, s-maxage=60' };

export const coingecko = {
  variable: 'COINGECKO_BASE_URL',
  routes: [
    {
      path: '/api/v3/global',
      answer: (request, market, nowMs) =>
        refusal(request) ?? json({ data: global(market.figures(), nowMs) }, 200, GLOBAL_HEADERS),
    },
    {
      path: '/api/v3/simple/price',
      answer: (request, market, nowMs) =>
        refusal(request) ??
        missingParameter(request.query) ??
        json(prices(request.query, market.figures(), nowMs), 200, PRICE_HEADERS),
    },
  ],
} as const satisfies SimulatedUpstream;

const refusal = ({ userAgent }: RouteRequest): Answer | null =>
  userAgent === null
    ? json({ status: { error_code: 403, error_message: NO_USER_AGENT } }, 403)
    : null;

function missingParameter(query: URLSearchParams): Answer | null {
  const missing = ['ids', 'vs_currencies'].find((name) => !query.get(name));
  return missing ? json({ error: `Missing parameter ${missing}` }, 422) : null;
}

function global(figures: SimulatedFigures, nowMs: number) {
  return {
    active_cryptocurrencies: 17_397,
    upcoming_icos: 0,
    ongoing_icos: 49,
    ended_icos: 3376,
    markets: 1476,
    total_market_cap: inCurrencies(figures.market_cap, figures),
    total_volume: inCurrencies(figures.volume_24h, figures),
    market_cap_percentage: {
      btc: figures.btc_dominance,
      eth: figures.eth_dominance,
      usdt: 7.22,
      bnb: 3.47,
      xrp: 3.18,
      usdc: 2.86,
      sol: 2.07,
      trx: 1.08,
      steth: 0.74,
      doge: 0.6,
    },
    market_cap_change_percentage_24h_usd: figures.market_cap_change_24h,
    volume_change_percentage_24h_usd: figures.volume_change_24h,
    updated_at: Math.floor(nowMs / 1000),
  };
}

/** The same amount in every currency; dollars exactly as they are. */
const inCurrencies = (usd: number, { btc_price_usd }: SimulatedFigures) => ({
  btc: usd / btc_price_usd,
  bits: (usd / btc_price_usd) * 1e6,
  sats: (usd / btc_price_usd) * 1e8,
  usd,
  ...Object.fromEntries(Object.entries(USD_RATES).map(([code, rate]) => [code, usd * rate])),
});

/** Unknown coins and currencies are left out without a word, as CoinGecko does. */
function prices(query: URLSearchParams, figures: SimulatedFigures, nowMs: number) {
  const names = (parameter: string) =>
    (query.get(parameter) ?? '').split(',').map((name) => name.trim().toLowerCase());
  const wants = (parameter: string) => query.get(parameter) === 'true';
  if (!names('ids').includes('bitcoin')) return {};
  if (!names('vs_currencies').includes('usd')) return { bitcoin: {} };
  return {
    bitcoin: {
      usd: figures.btc_price_usd,
      ...(wants('include_market_cap') && { usd_market_cap: figures.btc_market_cap }),
      ...(wants('include_24hr_vol') && { usd_24h_vol: figures.btc_volume_24h }),
      ...(wants('include_24hr_change') && { usd_24h_change: figures.btc_change_24h }),
      ...(wants('include_last_updated_at') && { last_updated_at: Math.floor(nowMs / 1000) }),
    },
  };
}
