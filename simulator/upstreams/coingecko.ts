/** CoinGecko, API v3: market-wide figures and the prices of coins. https://docs.coingecko.com */

import { COINS, type Listing } from '../coins.ts';
import type { Market, SimulatedFigures } from '../market.ts';
import type { ReachedLimit } from '../quotas.ts';
import type { Ticker } from '../ticker.ts';
import {
  type Answer,
  html,
  json,
  type RouteRequest,
  type SimulatedUpstream,
  secondsUntil,
} from './upstream.ts';
import { USD_RATES } from './usd-rates.ts';

/** CoinGecko refuses clients that do not say who they are. */
const NO_USER_AGENT = 'Please add a descriptive User-Agent to your request.';

const GLOBAL_HEADERS = { 'cache-control': 'public, max-age=120', vary: 'Accept-Encoding, Origin' };
const PRICE_HEADERS = { 'cache-control': 'max-age=30, public, must-revalidate, s-maxage=60' };

const TOO_MANY =
  "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing to subscribe to our API plans for higher rate limits.";
const DENIED =
  '<!DOCTYPE html>\n<html class="no-js" lang="en-US">\n<head>\n<title>Access denied | api.coingecko.com used Cloudflare to restrict access</title>\n</head>\n<body></body>\n</html>\n';
const KEY_HEADERS = ['x-cg-demo-api-key', 'x-cg-pro-api-key'] as const;

export const coingecko = {
  id: 'coingecko',
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
        json(prices(request.query, market, nowMs), 200, PRICE_HEADERS),
    },
  ],
  refuse(reached, { headers }, nowMs) {
    const hasKey = KEY_HEADERS.some((name) => headers.get(name));
    return problem(429, TOO_MANY, hasKey ? resetOf(reached) : retryAfter(reached, nowMs));
  },
  block: (block) => html(DENIED, block, 'cloudflare'),
} as const satisfies SimulatedUpstream;

const problem = (status: number, message: string, headers = {}): Answer =>
  json({ status: { error_code: status, error_message: message } }, status, headers);

/** Without a key: seconds. A month that is used up has no end that is told, with a key or without. */
const retryAfter = ({ resetMs }: ReachedLimit, nowMs: number) =>
  resetMs === null ? {} : { 'retry-after': secondsUntil(resetMs, nowMs) };

/** With a key: the next full minute after which there is room, as a date with a space and a zone in digits. */
function resetOf({ limit, resetMs }: ReachedLimit) {
  if (resetMs === null) return {};
  const at = new Date(Math.ceil(resetMs / MINUTE_MS) * MINUTE_MS).toISOString();
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': `${at.slice(0, 10)} ${at.slice(11, 19)} +0000`,
  };
}

const MINUTE_MS = 60_000;

const refusal = ({ headers }: RouteRequest): Answer | null =>
  headers.get('user-agent') ? null : problem(403, NO_USER_AGENT);

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

/** Unknown coins and currencies are left out without a word, as CoinGecko does; the order is its own. */
function prices(query: URLSearchParams, market: Market, nowMs: number) {
  const names = (parameter: string) =>
    (query.get(parameter) ?? '').split(',').map((name) => name.trim().toLowerCase());
  const wants = (parameter: string) => query.get(parameter) === 'true';
  const figures = market.figures();
  const ids = names('ids');
  const hasUsd = names('vs_currencies').includes('usd');
  const asked = [...COINS].filter(([, { id }]) => id !== null && ids.includes(id));
  return Object.fromEntries(
    asked.map(([symbol, listing]) => {
      if (!hasUsd) return [listing.id, {}];
      const coin = priceOf(listing, figures, symbol === 'BTC' ? null : market.coin(symbol));
      const told = {
        usd: coin.price,
        ...(wants('include_market_cap') && { usd_market_cap: coin.cap }),
        ...(wants('include_24hr_vol') && { usd_24h_vol: coin.volume }),
        ...(wants('include_24hr_change') && { usd_24h_change: coin.change }),
        ...(wants('include_last_updated_at') && { last_updated_at: Math.floor(nowMs / 1000) }),
      };
      return [listing.id, told];
    }),
  );
}

/** @param ticker `null` for BTC, whose figures are told one by one since they can be set */
function priceOf({ supply, turnover }: Listing, figures: SimulatedFigures, ticker: Ticker | null) {
  if (ticker) {
    return {
      price: ticker.price,
      cap: ticker.price * supply,
      volume: figures.btc_volume_24h * turnover,
      change: (ticker.price / ticker.open24h - 1) * 100,
    };
  }
  return {
    price: figures.btc_price_usd,
    cap: figures.btc_market_cap,
    volume: figures.btc_volume_24h,
    change: figures.btc_change_24h,
  };
}
