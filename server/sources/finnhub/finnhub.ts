/** Finnhub: prices of the US funds that stand in for the stock indices. Only with a key. */

import { US_ETF_SYMBOLS } from '../../../contract/index.ts';
import type { Source } from '../source.ts';
import { quotePoll } from './quote.ts';

/** https://finnhub.io/docs/api/rate-limit — of the free plan. */
const CALLS_PER_MINUTE = 60;

export const finnhub = {
  id: 'finnhub',
  needsKey: true,
  limits: () => ({ perMinute: CALLS_PER_MINUTE }),
  polls: US_ETF_SYMBOLS.map(quotePoll),
  stream: null,
} as const satisfies Source;
