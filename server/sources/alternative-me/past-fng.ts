/** alternative.me's `/fng/` of all days: the whole series since February 2018, newest first. */

import { safeParse } from 'valibot';
import { MAX_AHEAD_MS } from '../../../contract/index.ts';
import type { IndexArchive } from '../source.ts';
import { UpstreamError } from '../upstream.ts';
import { DAY_MS } from './clock.ts';
import { ROUTE, schema } from './fng.ts';

/** As many days as the series has when it is twenty years old. */
const MAX_DAYS = 20 * 366;

/** Twice that, of 140 bytes a day: with its white space an item takes more than the 90 of its text. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** What a number of days of 0 means. */
const ALL = '0';

const SCHEMA = schema(MAX_DAYS);

/** https://alternative.me/crypto/fear-and-greed-index/#api */
export const pastFng = {
  gives: 'fng',
  route: ROUTE,
  request: () => ({
    path: ROUTE,
    query: { limit: ALL, format: 'json' },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  read(body, receivedAtMs) {
    const parsed = safeParse(SCHEMA, body, { abortEarly: true });
    if (!parsed.success) throw new UpstreamError('alternative_me', 'bad_response');
    // Oldest first, and of one stamp in the order opposite to the sent: of two for a day the newest, sent first, stands.
    const sorted = parsed.output.data.toReversed().sort((a, b) => a.timestamp - b.timestamp);
    const newestMs = sorted.at(-1)?.timestamp ?? 0;
    // A day that is unreadable is missing like those that were never published.
    const byDay = new Map(
      sorted.flatMap(({ timestamp, value }) =>
        value === null ? [] : [[Math.floor(timestamp / DAY_MS) * DAY_MS, value] as const],
      ),
    );
    // Of a day that has not begun nobody can know the value.
    if (byDay.size === 0 || newestMs > receivedAtMs + MAX_AHEAD_MS) {
      throw new UpstreamError('alternative_me', 'bad_response');
    }
    return [...byDay].map(([dayMs, value]) => ({ dayMs, value }));
  },
} as const satisfies IndexArchive;
