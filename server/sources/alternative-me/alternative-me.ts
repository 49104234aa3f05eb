/** alternative.me: the Fear & Greed index of the day and of the days before. */

import type { Source } from '../source.ts';
import { fngPoll } from './fng.ts';

/** Free to use where the source is named beside the figure. */
export const alternativeMe = {
  id: 'alternative_me',
  needsKey: false,
  limits: () => ({}),
  polls: [fngPoll],
  stream: null,
} as const satisfies Source;
