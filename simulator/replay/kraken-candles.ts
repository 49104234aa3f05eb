/** Kraken's daily candles of BTC in US dollars. */

import { areDaily, toToday } from './daily-rows.ts';
import { moveRows, moveSeconds } from './move-times.ts';
import { isObject, type RecordedRoute } from './recording.ts';

/** The pair, by the names that Kraken gives it in answers. */
const OUR_PAIRS = ['XXBTZUSD', 'XBTUSD'] as const;
/** A row: open time in seconds, seven more. */
const ROW_ITEMS = 8;
/** Where to ask from next; it stands beside the rows. */
const CURSOR = 'last';

export const krakenCandlesRoute = {
  path: '/0/public/OHLC',
  variable: 'KRAKEN_BASE_URL',
  about: { pair: 'XBTUSD', interval: '1440' },
  recognise({ body }) {
    const opens = opensOf(body);
    const newestMs = opens.at(-1);
    return newestMs === undefined || !areDaily(opens)
      ? null
      : { timeMs: newestMs, isComplete: true };
  },
  body({ text, body }, { nowMs, asRecorded }) {
    const newestMs = opensOf(body).at(-1);
    if (asRecorded || newestMs === undefined) return text;
    const byS = toToday(newestMs, nowMs) / 1000;
    return moveSeconds(moveRows(text, byS), CURSOR, byS);
  },
} as const satisfies RecordedRoute;

/** When each candle opened, ms since 1970, oldest first. */
function opensOf(body: unknown): readonly number[] {
  const result = isObject(body) && isObject(body.result) ? body.result : {};
  const rows = OUR_PAIRS.map((pair) => result[pair]).find(Array.isArray) ?? [];
  return rows.every(isRow) ? rows.map(([openS]) => openS * 1000) : [];
}

const isRow = (row: unknown): row is readonly [openS: number, ...rest: unknown[]] =>
  Array.isArray(row) && row.length === ROW_ITEMS && Number.isSafeInteger(row[0]);
