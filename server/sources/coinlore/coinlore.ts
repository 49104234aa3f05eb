/** CoinLore: the market as a whole, with both dominances, for when those before it do not answer. */

import type { Source } from '../source.ts';
import { globalPoll } from './global.ts';

/** About one request a second is asked for. */
const MIN_CALL_INTERVAL_MS = 1000;

/** https://www.coinlore.com/cryptocurrency-data-api — without a key. */
export const coinlore = {
  id: 'coinlore',
  needsKey: false,
  limits: () => ({ minCallIntervalMs: MIN_CALL_INTERVAL_MS }),
  polls: [globalPoll],
  stream: null,
} as const satisfies Source;
