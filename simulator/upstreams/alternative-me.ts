/** alternative.me: the Fear & Greed index by day. https://alternative.me/crypto/fear-and-greed-index/ */

import { DAY_MS } from '../candles.ts';
import { type FngDay, fngLabel } from '../fear-greed.ts';
import { json, type SimulatedUpstream, text } from './upstream.ts';

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'max-age=300' };
/** A whole number; 0 is the whole series. */
const LIMIT = /^\d{1,6}$/;

export const alternativeMe = {
  id: 'alternative_me',
  variable: 'ALTERNATIVE_ME_BASE_URL',
  routes: [
    {
      path: '/fng/',
      answer({ query }, market, nowMs) {
        const limit = query.get('limit') ?? '1';
        if (!LIMIT.test(limit)) return json(envelope([], 'Invalid limit'), 200, HEADERS);
        const newestFirst = market.fng().toReversed();
        const days = limit === '0' ? newestFirst : newestFirst.slice(0, Number(limit));
        return json(envelope(days.map(element(nowMs)), null), 200, HEADERS);
      },
    },
  ],
  // It documents no limit, and no answer to those who go beyond one.
  refuse: () => text('Too Many Requests', 429),
} as const satisfies SimulatedUpstream;

const envelope = (data: readonly object[], error: string | null) => ({
  name: 'Fear and Greed Index',
  data,
  metadata: { error },
});

/**
 * Everything is a string; only the newest element says when the next one comes, and counts on below 0 while that one is
 * not there yet.
 */
const element =
  (nowMs: number) =>
  ({ dayMs, value }: FngDay, index: number) => ({
    value: String(value),
    value_classification: fngLabel(value),
    timestamp: String(dayMs / 1000),
    ...(index === 0 && {
      time_until_update: String(Math.ceil((dayMs + DAY_MS - nowMs) / 1000)),
    }),
  });
