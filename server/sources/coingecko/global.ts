/** CoinGecko's `/global`: market cap, volume, their changes and the dominances. */

import { fallback, object } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { figure, figureOrNull } from '../figure.ts';
import { provenance, sentTime } from '../provenance.ts';
import { definePoll } from '../source.ts';
import { keyHeaders, refusal } from './access.ts';

const ROUTE = '/api/v3/global';

/** The market in each of some sixty currencies, twice, takes a tenth of it. */
const MAX_BODY_BYTES = 128 * 1024;

/** Only `usd` is read: sums in weak currencies exceed 2^53, where digits are lost. */
const schema = object({
  data: object({
    total_market_cap: object({ usd: figure('amount') }),
    total_volume: fallback(object({ usd: figureOrNull('amount') }), { usd: null }),
    // The top ten coins; the set changes.
    market_cap_percentage: fallback(
      object({ btc: figureOrNull('dominance'), eth: figureOrNull('dominance') }),
      { btc: null, eth: null },
    ),
    market_cap_change_percentage_24h_usd: figureOrNull('percent'),
    // Absent before 21 January 2026.
    volume_change_percentage_24h_usd: figureOrNull('percent'),
    updated_at: sentTime(),
  }),
});

/** https://docs.coingecko.com/reference/crypto-global */
export const globalPoll = definePoll({
  source: 'coingecko',
  route: ROUTE,
  gives: 'market',
  request: (options) => ({
    path: ROUTE,
    headers: keyHeaders(options),
    refusal,
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: ({ data }, receipt) => [
    {
      ...provenance(
        'coingecko',
        ROUTE,
        data.updated_at ?? null,
        receipt,
        polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.coingeckoGlobal),
      ),
      figure: 'market',
      value: {
        market_cap: data.total_market_cap.usd,
        volume_24h: data.total_volume.usd,
        market_cap_change_24h: data.market_cap_change_percentage_24h_usd,
        volume_change_24h: data.volume_change_percentage_24h_usd,
        btc_dominance: data.market_cap_percentage.btc,
        eth_dominance: data.market_cap_percentage.eth,
      },
    },
  ],
});
