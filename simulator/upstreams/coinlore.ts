/** CoinLore: the market as a whole, in one object inside a list, without a time. https://www.coinlore.com/cryptocurrency-data-api */

import { COUNTINGS, countedBy } from './aggregators.ts';
import { json, type SimulatedUpstream, text } from './upstream.ts';

/** What else the market does is as much again of what it does. */
const MEAN_OF_CHANGE = 0.8;

export const coinlore = {
  id: 'coinlore',
  variable: 'COINLORE_BASE_URL',
  routes: [
    {
      path: '/api/global/',
      answer(_request, market) {
        const seen = countedBy(market.figures(), COUNTINGS.coinlore);
        const percent = (value: number) => value.toFixed(2);
        return json([
          {
            coins_count: 14_312,
            active_markets: 37_804,
            total_mcap: seen.cap,
            total_volume: seen.volume,
            btc_d: percent(seen.btcDominance),
            eth_d: percent(seen.ethDominance),
            mcap_change: percent(seen.capChange),
            volume_change: percent(seen.volumeChange),
            avg_change_percent: percent(seen.capChange * MEAN_OF_CHANGE),
            volume_ath: 3_992_741_953_593.4854,
            mcap_ath: 4_301_554_120_873.221,
          },
        ]);
      },
    },
  ],
  refuse: () => text('Too Many Requests', 429),
} as const satisfies SimulatedUpstream;
