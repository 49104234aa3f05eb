/** CoinGecko's `/simple/price` for Bitcoin in US dollars. */

import { object } from 'valibot';
import { BASE_COIN, polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { figure, figureOrNull } from '../figure.ts';
import { provenance, sentTime } from '../provenance.ts';
import { definePoll } from '../source.ts';
import { keyHeaders, refusal } from './access.ts';

const ROUTE = '/api/v3/simple/price';

/** One coin takes 150 bytes; an error says more, but no book. */
const MAX_BODY_BYTES = 64 * 1024;

/** An unknown coin is left out, with status 200: `{}`. */
const schema = object({
  bitcoin: object({
    usd: figure('price'),
    usd_24h_vol: figureOrNull('amount'),
    usd_24h_change: figureOrNull('percent'),
    last_updated_at: sentTime(),
  }),
});

/** https://docs.coingecko.com/reference/simple-price */
export const simplePricePoll = definePoll({
  source: 'coingecko',
  route: ROUTE,
  gives: 'prices',
  request: (options) => ({
    path: ROUTE,
    query: {
      ids: 'bitcoin',
      vs_currencies: 'usd',
      include_24hr_vol: 'true',
      include_24hr_change: 'true',
      include_last_updated_at: 'true',
    },
    headers: keyHeaders(options),
    refusal,
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: ({ bitcoin }, receipt) => [
    {
      ...provenance(
        'coingecko',
        ROUTE,
        bitcoin.last_updated_at ?? null,
        receipt,
        polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.coingeckoPrice),
      ),
      figure: 'coin',
      symbol: BASE_COIN,
      value: {
        price_usd: bitcoin.usd,
        change_24h: bitcoin.usd_24h_change,
        high_24h: null,
        low_24h: null,
        volume_24h_usd: bitcoin.usd_24h_vol,
      },
    },
  ],
});
