/** CoinMarketCap's latest global metrics. */

import { moveIsoTimes } from './move-times.ts';
import { isObject, type JsonObject, type RecordedRoute } from './recording.ts';

export const coinmarketcapGlobalRoute = {
  path: '/v1/global-metrics/quotes/latest',
  variable: 'CMC_BASE_URL',
  secret: 'CMC_API_KEY=replay',
  recognise({ body }) {
    const dollars = dollarsOf(body);
    if (typeof dollars?.total_market_cap !== 'number') return null;
    const isComplete = typeof dollars.total_volume_24h === 'number';
    return { timeMs: timeOf(dollars.last_updated), isComplete };
  },
  body({ text, body }, { nowMs, asRecorded }) {
    // The envelope says when the answer was made, a minute or two after its figures.
    const answeredMs = timeOf(objectAt(body, 'status')?.timestamp);
    const newestMs = Math.max(answeredMs ?? 0, timeOf(dollarsOf(body)?.last_updated) ?? 0);
    return asRecorded || newestMs === 0 ? text : moveIsoTimes(text, nowMs - newestMs);
  },
} as const satisfies RecordedRoute;

/** The sums, which stand by currency. */
const dollarsOf = (body: unknown): JsonObject | null =>
  objectAt(objectAt(objectAt(body, 'data'), 'quote'), 'USD');

function objectAt(value: unknown, key: string): JsonObject | null {
  const found = isObject(value) ? value[key] : null;
  return isObject(found) ? found : null;
}

function timeOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
