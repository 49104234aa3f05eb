/** CoinPaprika's `/global`: market cap, volume, their changes, and the dominance of BTC. */

import { object } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { figure, figureOrNull } from '../figure.ts';
import { provenance, sentTime } from '../provenance.ts';
import { definePoll } from '../source.ts';

const ROUTE = '/v1/global';

/** An answer takes 500 bytes; an error says more, but no book. */
const MAX_BODY_BYTES = 64 * 1024;

/** Numbers throughout; the time is in seconds. */
const schema = object({
  market_cap_usd: figure('amount'),
  volume_24h_usd: figureOrNull('amount'),
  market_cap_change_24h: figureOrNull('percent'),
  volume_24h_change_24h: figureOrNull('percent'),
  bitcoin_dominance_percentage: figureOrNull('dominance'),
  last_updated: sentTime(),
});

/** https://api.coinpaprika.com/#tag/Global */
export const globalPoll = definePoll({
  source: 'coinpaprika',
  route: ROUTE,
  gives: 'market',
  request: () => ({ path: ROUTE, maxBodyBytes: MAX_BODY_BYTES }),
  schema,
  normalise: (answer, receipt) => [
    {
      ...provenance(
        'coinpaprika',
        ROUTE,
        answer.last_updated ?? null,
        receipt,
        polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.coinpaprikaGlobal),
      ),
      figure: 'market',
      value: {
        market_cap: answer.market_cap_usd,
        volume_24h: answer.volume_24h_usd,
        market_cap_change_24h: answer.market_cap_change_24h,
        volume_change_24h: answer.volume_24h_change_24h,
        btc_dominance: answer.bitcoin_dominance_percentage,
        eth_dominance: null,
      },
    },
  ],
});
