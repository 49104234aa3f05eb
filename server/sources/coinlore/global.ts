/** CoinLore's `/api/global/`: the market in one object inside a list, without a time. */

import { type GenericSchema, object, pipe } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { decimalText, figure, figureOrNull, orNull } from '../figure.ts';
import { provenance } from '../provenance.ts';
import { rows } from '../rows.ts';
import { definePoll } from '../source.ts';

/** With the slash at the end; without it the upstream redirects. */
const ROUTE = '/api/global/';

/** An answer takes 300 bytes; an error says more, but no book. */
const MAX_BODY_BYTES = 64 * 1024;

/** Per cents are texts, beside sums that are numbers. */
const textOrNull = (kind: 'percent' | 'dominance'): GenericSchema<unknown, number | null> =>
  orNull(pipe(decimalText(), figure(kind)));

const schema = rows(
  object({
    total_mcap: figure('amount'),
    total_volume: figureOrNull('amount'),
    mcap_change: textOrNull('percent'),
    volume_change: textOrNull('percent'),
    btc_d: textOrNull('dominance'),
    eth_d: textOrNull('dominance'),
  }),
  1,
  1,
);

/** https://www.coinlore.com/cryptocurrency-data-api#global */
export const globalPoll = definePoll({
  source: 'coinlore',
  route: ROUTE,
  gives: 'market',
  request: () => ({ path: ROUTE, maxBodyBytes: MAX_BODY_BYTES }),
  schema,
  normalise: (answer, receipt) =>
    answer.map((market) => ({
      ...provenance(
        'coinlore',
        ROUTE,
        null,
        receipt,
        polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.none),
      ),
      figure: 'market',
      value: {
        market_cap: market.total_mcap,
        volume_24h: market.total_volume,
        market_cap_change_24h: market.mcap_change,
        volume_change_24h: market.volume_change,
        btc_dominance: market.btc_d,
        eth_dominance: market.eth_d,
      },
    })),
});
