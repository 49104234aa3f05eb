/** CoinMarketCap's latest global metrics: dominances beside the sums, which stand by currency one level further in. */

import { object, optional } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { isoTime } from '../event-time.ts';
import { figure, figureOrNull } from '../figure.ts';
import { provenance } from '../provenance.ts';
import { definePoll } from '../source.ts';
import { refusal } from './refusal.ts';

const ROUTE = '/v1/global-metrics/quotes/latest';

/** An answer takes 2 000 bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** The changes over 24 hours are those against "yesterday", which is the moment a day before. */
const schema = object({
  data: object({
    btc_dominance: figureOrNull('dominance'),
    eth_dominance: figureOrNull('dominance'),
    quote: object({
      USD: object({
        total_market_cap: figure('amount'),
        total_volume_24h: figureOrNull('amount'),
        total_market_cap_yesterday_percentage_change: figureOrNull('percent'),
        total_volume_24h_yesterday_percentage_change: figureOrNull('percent'),
        // One that cannot be read refuses the answer: nobody knows how old its figures are.
        last_updated: optional(isoTime()),
      }),
    }),
  }),
});

/** https://coinmarketcap.com/api/documentation/v1/#operation/getV1GlobalmetricsQuotesLatest */
export const globalMetricsPoll = definePoll({
  source: 'coinmarketcap',
  route: ROUTE,
  gives: 'market',
  request: ({ key }) => ({
    path: ROUTE,
    headers: { 'X-CMC_PRO_API_KEY': key ?? '' },
    refusal,
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: ({ data }, receipt) => {
    const { USD } = data.quote;
    return [
      {
        ...provenance(
          'coinmarketcap',
          ROUTE,
          USD.last_updated ?? null,
          receipt,
          polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.coinmarketcapGlobal),
        ),
        figure: 'market',
        value: {
          market_cap: USD.total_market_cap,
          volume_24h: USD.total_volume_24h,
          market_cap_change_24h: USD.total_market_cap_yesterday_percentage_change,
          volume_change_24h: USD.total_volume_24h_yesterday_percentage_change,
          btc_dominance: data.btc_dominance,
          eth_dominance: data.eth_dominance,
        },
      },
    ];
  },
});
