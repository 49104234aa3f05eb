/** CoinGecko's prices of coins in US dollars, BTC among them. */

import { moveSeconds, toMinuteS } from './move-times.ts';
import { isObject, type JsonObject, type RecordedRoute } from './recording.ts';

const TIME = 'last_updated_at';

export const simplePriceRoute = {
  path: '/api/v3/simple/price',
  variable: 'COINGECKO_BASE_URL',
  about: { vs_currencies: 'usd' },
  recognise({ body }) {
    const coins = coinsOf(body);
    return coins.length === 0 ? null : { timeMs: newestMs(coins), isComplete: true };
  },
  body({ text, body }, { nowMs, asRecorded }) {
    const newest = newestMs(coinsOf(body));
    if (asRecorded || newest === null) return text;
    // The newest is of this minute, the others as much older as they were.
    return moveSeconds(text, TIME, toMinuteS(nowMs) - newest / 1000);
  },
} as const satisfies RecordedRoute;

/** The coins, if all of them have a price in dollars and BTC is one: otherwise something else was asked. */
function coinsOf(body: unknown): readonly JsonObject[] {
  if (!isObject(body) || !('bitcoin' in body)) return [];
  const coins = Object.values(body).filter(isObject);
  const arePriced = coins.every(({ usd }) => typeof usd === 'number');
  return arePriced && coins.length === Object.keys(body).length ? coins : [];
}

function newestMs(coins: readonly JsonObject[]): number | null {
  const times = coins.flatMap((coin) => (typeof coin[TIME] === 'number' ? coin[TIME] : []));
  return times.length === 0 ? null : Math.max(...times) * 1000;
}
