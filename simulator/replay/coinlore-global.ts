/** CoinLore's market-wide figures: one object in a list, without a time. */

import { isObject, type RecordedRoute } from './recording.ts';

/** What every whole answer has beside the market's value. */
const FIGURES = ['total_volume', 'btc_d', 'eth_d'] as const;

export const coinloreGlobalRoute = {
  path: '/api/global/',
  variable: 'COINLORE_BASE_URL',
  recognise({ body }) {
    const [market, ...more]: readonly unknown[] = Array.isArray(body) ? body : [];
    if (!isObject(market) || more.length > 0) return null;
    if (typeof market.total_mcap !== 'number') return null;
    return { timeMs: null, isComplete: FIGURES.every((figure) => figure in market) };
  },
  body: ({ text }) => text,
} as const satisfies RecordedRoute;
