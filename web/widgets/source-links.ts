/** Where each source is at home: whoever supplies figures is named with a link. */

import type { SourceId } from '../../contract/index.ts';

/** The page people know; of the index the provider's page about it. */
export const SOURCE_LINKS = {
  binance: 'https://www.binance.com/',
  coinbase: 'https://www.coinbase.com/',
  kraken: 'https://www.kraken.com/',
  coingecko: 'https://www.coingecko.com/',
  coinpaprika: 'https://coinpaprika.com/',
  coinlore: 'https://www.coinlore.com/',
  coinmarketcap: 'https://coinmarketcap.com/',
  alternative_me: 'https://alternative.me/crypto/fear-and-greed-index/',
  taapi: 'https://taapi.io/',
  finnhub: 'https://finnhub.io/',
} as const satisfies Record<SourceId, string>;
