/** TAAPI: indicators computed elsewhere. https://taapi.io/documentation/ */

import { json, type SimulatedUpstream } from './upstream.ts';

const UNAUTHENTICATED =
  'You are not authenticated to query this endpoint! Please check your secret key.';

/** The one question that is simulated, besides the secret. */
const EXPECTED = { exchange: 'binance', symbol: 'BTC/USDT', interval: '1d' } as const;

export const taapi = {
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
} as const satisfies SimulatedUpstream;
