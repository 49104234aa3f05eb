/** CoinMarketCap: the market as a whole, for when nobody without a key answers. Only with a key. */

import type { Source } from '../source.ts';
import { globalMetricsPoll } from './global-metrics.ts';

/**
 * https://coinmarketcap.com/api/documentation — of the free plan. One call costs one credit; pages differ between 10 000
 * and 15 000 credits a month, and the lower figure is safe with both.
 */
const LIMITS = { perMinute: 30, perMonth: 10_000 };

export const coinmarketcap = {
  id: 'coinmarketcap',
  needsKey: true,
  limits: () => LIMITS,
  polls: [globalMetricsPoll],
  stream: null,
} as const satisfies Source;
