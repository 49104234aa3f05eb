/** CoinGecko: the market as a whole, and prices of coins for when no exchange answers. */

import type { CallLimits, Source, SourceOptions } from '../source.ts';
import { globalPoll } from './global.ts';
import { simplePricePoll } from './simple-price.ts';

/** Counted by address, shared with everybody on it, and never promised: the lowest figure that was ever published. */
const KEYLESS: CallLimits = { perMinute: 5 };

/** Of a free key. A later page says 100 a minute; 30 is what its answers have said. */
const DEMO: CallLimits = { perMinute: 30, perMonth: 10_000 };

/** Of the smallest paid plan. */
const PRO: CallLimits = { perMinute: 250, perMonth: 100_000 };

function limits({ key, plan }: SourceOptions): CallLimits {
  if (key === null) return KEYLESS;
  return plan === 'pro' ? PRO : DEMO;
}

/** https://docs.coingecko.com/reference — works without a key, within a limit shared by everybody on the address. */
export const coingecko = {
  id: 'coingecko',
  needsKey: false,
  limits,
  polls: [globalPoll, simplePricePoll],
  stream: null,
} as const satisfies Source;
