/** CoinPaprika: the market as a whole, for when CoinGecko does not answer. It has no dominance of ETH. */

import type { Source } from '../source.ts';
import { globalPoll } from './global.ts';

/** https://api.coinpaprika.com — free of charge for non-commercial use, and then so many calls a month. */
const CALLS_PER_MONTH = 20_000;

export const coinpaprika = {
  id: 'coinpaprika',
  needsKey: false,
  limits: () => ({ perMonth: CALLS_PER_MONTH }),
  polls: [globalPoll],
  stream: null,
} as const satisfies Source;
