/** Coinbase Exchange's daily candles of BTC in US dollars: newest first, and bare numbers. */

import { areDaily, toToday } from './daily-rows.ts';
import { moveRows } from './move-times.ts';
import type { RecordedRoute, Recording } from './recording.ts';

const OUR_PRODUCT = 'BTC-USD';
/** A name that speaks of another product is another recording, whatever its rows look like. */
const PRODUCT = /[A-Z0-9]{2,10}-[A-Z]{3,4}(?![A-Z])/;
/** A row: open time in seconds, low, high, open, close, volume. */
const ROW_ITEMS = 6;
/** No time in seconds has more: one in milliseconds is somebody else's. */
const MAX_SECONDS = 1e11;

export const coinbaseCandlesRoute = {
  path: `/products/${OUR_PRODUCT}/candles`,
  variable: 'COINBASE_BASE_URL',
  about: { granularity: '86400' },
  recognise(recording) {
    const opens = opensOf(recording.body);
    const newestMs = opens.at(-1);
    if (newestMs === undefined || !isOurs(recording) || !areDaily(opens)) return null;
    return { timeMs: newestMs, isComplete: true };
  },
  body({ text, body }, { nowMs, asRecorded }) {
    const newestMs = opensOf(body).at(-1);
    return asRecorded || newestMs === undefined
      ? text
      : moveRows(text, toToday(newestMs, nowMs) / 1000);
  },
} as const satisfies RecordedRoute;

/** When each candle opened, ms since 1970, oldest first. */
const opensOf = (body: unknown): readonly number[] =>
  Array.isArray(body) && body.every(isRow) ? body.map(([openS]) => openS * 1000).toReversed() : [];

function isRow(row: unknown): row is readonly [openS: number, ...rest: number[]] {
  if (!Array.isArray(row) || row.length !== ROW_ITEMS) return false;
  const [openS] = row;
  const areNumbers = row.every((item) => typeof item === 'number');
  return areNumbers && Number.isSafeInteger(openS) && openS < MAX_SECONDS;
}

/** A recorded request names the product in its path, which is compared already. */
const isOurs = ({ file, request }: Recording): boolean =>
  request !== null || (file.split('/').at(-1)?.match(PRODUCT)?.[0] ?? OUR_PRODUCT) === OUR_PRODUCT;
