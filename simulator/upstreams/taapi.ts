/** TAAPI: indicators computed elsewhere. https://taapi.io/documentation/ */

import { json, type SimulatedUpstream } from './upstream.ts';

const UNAUTHENTICATED =
  'You are not authenticated to query this endpoint! Please check your secret key.';

/** The one question that is simulated, besides the secret. */
const EXPECTED = { exchange: 'binance', symbol: 'BTC/USDT', interval: '1d' } as const;

const TOO_MANY = 'You have exceeded your request limit (TAAPI.IO rate-limit)!';

export const taapi = {
  id: 'taapi',
  variable: 'TAAPI_BASE_URL',
  routes: [
    {
      path: '/rsi',
      answer({ query }, market) {
        if (!query.get('secret')) return json({ message: UNAUTHENTICATED, statusCode: 401 }, 401);
        const wrong = Object.entries(EXPECTED).find(([name, value]) => query.get(name) !== value);
        if (wrong) return json({ errors: [`${wrong[0]} must be ${wrong[1]} here`] }, 400);
        return json({ value: market.figures().rsi_14_taapi });
      },
    },
  ],
  // The status is left out of the text where the answer does not have it either.
  refuse: ({ refusesWith200 }) =>
    refusesWith200 ? json({ error: TOO_MANY }) : json({ error: `429: ${TOO_MANY}` }, 429),
} as const satisfies SimulatedUpstream;
