/** CoinGecko's price of BTC in US dollars. */

import { isObject, type RecordedRoute, replaceSeconds, toMinuteS } from './recording.ts';

export const simplePriceRoute = {
  path: '/api/v3/simple/price',
  variable: 'COINGECKO_BASE_URL',
  about: { vs_currencies: 'usd' },
  recognise({ body }) {
    // The server asks for one coin in one currency; answers about others were to another question.
    if (!isObject(body) || Object.keys(body).join() !== 'bitcoin') return null;
    const { bitcoin } = body;
    if (!isObject(bitcoin) || typeof bitcoin.usd !== 'number') return null;
    const at = bitcoin.last_updated_at;
    return { timeMs: typeof at === 'number' ? at * 1000 : null, isComplete: true };
  },
  body: ({ text }, { nowMs, asRecorded }) =>
    asRecorded ? text : replaceSeconds(text, 'last_updated_at', toMinuteS(nowMs)),
} as const satisfies RecordedRoute;
