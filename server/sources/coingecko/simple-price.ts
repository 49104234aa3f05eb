/** CoinGecko's `/simple/price`: every coin whose identifier is known, in US dollars, in one request. */

import { type InferOutput, object } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { figure, figureOrNull, orNull } from '../figure.ts';
import { provenance, sentTime } from '../provenance.ts';
import { type CoinReading, definePoll, type Receipt } from '../source.ts';
import { keyHeaders, refusal } from './access.ts';
import { idsOf, KNOWN_COINS } from './coin-ids.ts';

const ROUTE = '/api/v3/simple/price';

/** One coin takes 150 bytes; an error says more, but no book. */
const MAX_BODY_BYTES = 64 * 1024;

const coin = object({
  usd: figure('price'),
  usd_24h_vol: figureOrNull('amount'),
  usd_24h_change: figureOrNull('percent'),
  last_updated_at: sentTime(),
});

/** A coin CoinGecko does not know is left out, with status 200; one that is malformed says nothing of the others. */
const schema = object(Object.fromEntries(KNOWN_COINS.map(([, id]) => [id, orNull(coin)])));

/** https://docs.coingecko.com/reference/simple-price */
export const simplePricePoll = definePoll({
  source: 'coingecko',
  route: ROUTE,
  gives: 'prices',
  knownCoins: KNOWN_COINS.map(([symbol]) => symbol),
  request: (options) => ({
    path: ROUTE,
    query: {
      ids: idsOf(options.coins).join(','),
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
  normalise: (coins, receipt) =>
    KNOWN_COINS.flatMap(([symbol, id]) => {
      const sent = coins[id] ?? null;
      return sent === null ? [] : [reading(symbol, sent, receipt)];
    }),
});

const reading = (
  symbol: string,
  sent: InferOutput<typeof coin>,
  receipt: Receipt,
): CoinReading => ({
  ...provenance(
    'coingecko',
    ROUTE,
    sent.last_updated_at ?? null,
    receipt,
    polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.coingeckoPrice),
  ),
  figure: 'coin',
  symbol,
  value: {
    price_usd: sent.usd,
    change_24h: sent.usd_24h_change,
    high_24h: null,
    low_24h: null,
    volume_24h_usd: sent.usd_24h_vol,
  },
});
