/** CoinGecko: the market as a whole, and a price of BTC for when no exchange answers. */

import type { Source } from '../source.ts';
import { globalPoll } from './global.ts';
import { simplePricePoll } from './simple-price.ts';

/** https://docs.coingecko.com/reference — works without a key, within a limit shared by everybody on the address. */
export const coingecko = {
  id: 'coingecko',
  needsKey: false,
  limits: () => ({}),
  polls: [globalPoll, simplePricePoll],
  stream: null,
} as const satisfies Source;
