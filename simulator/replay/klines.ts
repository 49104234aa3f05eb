/** Binance's daily candles of BTC. Amounts are strings, so parsing loses nothing. */

import { areDaily, toToday } from './daily-rows.ts';
import type { RecordedRoute, Recording } from './recording.ts';

/** A row of Binance's: open time, eleven more. */
const ROW_ITEMS = 12;
const CLOSE_TIME = 6;
/** Binance's own bounds of `limit`. */
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1000;
/** A name that speaks of another pair is another recording, whatever its rows look like. */
const PAIR = /[A-Z0-9]{2,10}(?:USDT|USDC|USD|BTC|EUR)(?![A-Z])/;
const OUR_PAIR = 'BTCUSDT';

type Row = readonly [openTimeMs: number, ...rest: unknown[]];

export const klinesRoute = {
  path: '/api/v3/klines',
  variable: 'BINANCE_BASE_URL',
  about: { symbol: OUR_PAIR, interval: '1d' },
  recognise(recording) {
    const rows = rowsOf(recording.body);
    const newest = rows.at(-1);
    if (!newest || !isOurPair(recording) || !areDaily(rows.map(([open]) => open))) return null;
    return { timeMs: newest[0], isComplete: true };
  },
  body({ body }, { query, nowMs, asRecorded }) {
    const rows = rowsOf(body);
    const newest = rows.at(-1);
    const shiftMs = asRecorded || !newest ? 0 : toToday(newest[0], nowMs);
    const served = rows.slice(-limitOf(query)).map((row) =>
      // The two times of a row; everything else is as recorded.
      row.map((item, i) =>
        (i === 0 || i === CLOSE_TIME) && typeof item === 'number' ? item + shiftMs : item,
      ),
    );
    return JSON.stringify(served);
  },
} as const satisfies RecordedRoute;

const rowsOf = (body: unknown): readonly Row[] =>
  Array.isArray(body) && body.every(isRow) ? body : [];

const isRow = (row: unknown): row is Row =>
  Array.isArray(row) && row.length === ROW_ITEMS && Number.isSafeInteger(row[0]);

function isOurPair({ file, request }: Recording): boolean {
  const asked = request?.searchParams.get('symbol');
  const named = file.split('/').at(-1)?.match(PAIR)?.[0];
  return (asked ?? named ?? OUR_PAIR) === OUR_PAIR;
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, MAX_LIMIT) : DEFAULT_LIMIT;
}
