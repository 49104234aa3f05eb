/** alternative.me: the Fear & Greed index of the day and of every day before. */

import type { Source } from '../source.ts';
import { fngPoll } from './fng.ts';
import { pastFng } from './past-fng.ts';

/** No number is documented; this one is quoted by those who use it, and a call an hour is far from it. */
const CALLS_PER_MINUTE = 60;

/** Free to use where the source is named beside the figure. */
export const alternativeMe = {
  id: 'alternative_me',
  needsKey: false,
  limits: () => ({ perMinute: CALLS_PER_MINUTE }),
  polls: [fngPoll],
  stream: null,
  past: pastFng,
} as const satisfies Source;
