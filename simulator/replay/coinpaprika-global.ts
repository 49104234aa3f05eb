/** CoinPaprika's market-wide figures. */

import { replaceSeconds, toMinuteS } from './move-times.ts';
import { isObject, type RecordedRoute } from './recording.ts';

/** What every whole answer has beside the market's value. */
const FIGURES = ['volume_24h_usd', 'bitcoin_dominance_percentage'] as const;

export const coinpaprikaGlobalRoute = {
  path: '/v1/global',
  variable: 'COINPAPRIKA_BASE_URL',
  recognise({ body }) {
    if (!isObject(body) || typeof body.market_cap_usd !== 'number') return null;
    const { last_updated } = body;
    const isComplete = FIGURES.every((figure) => typeof body[figure] === 'number');
    return { timeMs: typeof last_updated === 'number' ? last_updated * 1000 : null, isComplete };
  },
  body: ({ text }, { nowMs, asRecorded }) =>
    asRecorded ? text : replaceSeconds(text, 'last_updated', toMinuteS(nowMs)),
} as const satisfies RecordedRoute;
