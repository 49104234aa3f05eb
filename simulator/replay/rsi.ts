/** TAAPI's RSI: one number, in the body itself or in a record around it. */

import { isObject, type RecordedRoute } from './recording.ts';

export const rsiRoute = {
  path: '/rsi',
  variable: 'TAAPI_BASE_URL',
  secret: 'TAAPI_SECRET=replay',
  about: { symbol: 'BTC/USDT', interval: '1d' },
  recognise: ({ body }) => (rsiOf(body) === null ? null : { timeMs: null, isComplete: true }),
  // The value says nothing of its time, so there is none to move.
  body: ({ body }) => JSON.stringify({ value: rsiOf(body) }),
} as const satisfies RecordedRoute;

function rsiOf(body: unknown): number | null {
  if (!isObject(body)) return null;
  if (isObject(body.response)) return rsiOf(body.response);
  const isAlone = Object.keys(body).join() === 'value';
  const { value } = body;
  // Any number that stands alone could be a `value`; an RSI lies between 0 and 100.
  return isAlone && typeof value === 'number' && value >= 0 && value <= 100 ? value : null;
}
