/** CoinPaprika: the market as a whole, without ETH's part. https://api.coinpaprika.com/#tag/Global */

import { COUNTINGS, countedBy, twoDecimals } from './aggregators.ts';
import { json, type SimulatedUpstream, secondsUntil } from './upstream.ts';

const HEADERS = { 'cache-control': 'public,max-age=60' };
/** The largest the market ever was; fixed, as everything about the past. */
const ALL_TIME_HIGHS = {
  market_cap_ath_value: 4_378_112_036_519,
  market_cap_ath_date: '2025-10-06T18:55:00Z',
  volume_24h_ath_value: 16_460_384_024_873,
  volume_24h_ath_date: '2022-12-03T07:55:00Z',
} as const;

export const coinpaprika = {
  id: 'coinpaprika',
  variable: 'COINPAPRIKA_BASE_URL',
  routes: [
    {
      path: '/v1/global',
      answer(_request, market, nowMs) {
        const seen = countedBy(market.figures(), COUNTINGS.coinpaprika);
        const volumePart = seen.volume / ALL_TIME_HIGHS.volume_24h_ath_value;
        const body = {
          market_cap_usd: Math.round(seen.cap),
          volume_24h_usd: Math.round(seen.volume),
          bitcoin_dominance_percentage: twoDecimals(seen.btcDominance),
          cryptocurrencies_number: 11_204,
          ...ALL_TIME_HIGHS,
          volume_24h_percent_from_ath: twoDecimals((volumePart - 1) * 100),
          volume_24h_percent_to_ath: twoDecimals((1 / volumePart - 1) * 100),
          market_cap_change_24h: twoDecimals(seen.capChange),
          volume_24h_change_24h: twoDecimals(seen.volumeChange),
          last_updated: Math.floor(nowMs / 1000),
        };
        return json(body, 200, HEADERS);
      },
    },
  ],
  refuse({ span, resetMs }, _request, nowMs) {
    // Used up for the month, it asks for a plan that is paid.
    if (span === 'perMonth') return json({ error: 'requests limit exceeded' }, 402);
    const headers = resetMs === null ? {} : { 'retry-after': secondsUntil(resetMs, nowMs) };
    return json({ error: 'too many requests' }, 429, headers);
  },
} as const satisfies SimulatedUpstream;
