/** CoinGecko's market-wide figures. */

import { replaceSeconds, toMinuteS } from './move-times.ts';
import { isObject, type RecordedRoute } from './recording.ts';

/** A whole answer counts in about 60 currencies; shortened ones that were seen have three at most. */
const MIN_CURRENCIES = 30;
/** Counters that every whole answer has. */
const COUNTERS = ['active_cryptocurrencies', 'markets'] as const;

export const globalRoute = {
  path: '/api/v3/global',
  variable: 'COINGECKO_BASE_URL',
  recognise({ body }) {
    const data = isObject(body) ? body.data : null;
    if (!isObject(data) || !isObject(data.total_market_cap)) return null;
    if (typeof data.total_market_cap.usd !== 'number') return null;
    const { total_market_cap, total_volume, market_cap_percentage, updated_at } = data;
    const isComplete =
      Object.keys(total_market_cap).length >= MIN_CURRENCIES &&
      isObject(total_volume) &&
      typeof total_volume.usd === 'number' &&
      isObject(market_cap_percentage) &&
      COUNTERS.every((counter) => typeof data[counter] === 'number');
    return { timeMs: typeof updated_at === 'number' ? updated_at * 1000 : null, isComplete };
  },
  body: ({ text }, { nowMs, asRecorded }) =>
    asRecorded ? text : replaceSeconds(text, 'updated_at', toMinuteS(nowMs)),
} as const satisfies RecordedRoute;
