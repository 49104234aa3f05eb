/** Binance's candles of BTC. Amounts are strings, so parsing loses nothing. */

import {
  type CandleFormat,
  candlesOf,
  hasCandles,
  newestDayMs,
  type RecordedCandle,
} from './recorded-candles.ts';
import type { RecordedRoute, Recording } from './recording.ts';

/** A row of Binance's: open time, eleven more. */
const ROW_ITEMS = 12;
const CLOSE_TIME = 6;
/** Binance's own bounds of `limit`. */
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1000;
/** What Binance calls the lengths of candles, ms. */
const INTERVALS: ReadonlyMap<string | null, number> = new Map([
  ['1m', 60_000],
  ['5m', 300_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['4h', 14_400_000],
  ['1d', 86_400_000],
]);
/** A name that speaks of another pair is another recording, whatever its rows look like. */
const PAIR = /[A-Z0-9]{2,10}(?:USDT|USDC|USD|BTC|EUR)(?![A-Z])/;
const OUR_PAIR = 'BTCUSDT';

type Row = readonly [openTimeMs: number, ...rest: unknown[]];

const FORMAT: CandleFormat<Row> = {
  read(recording) {
    const { body } = recording;
    if (!isOurPair(recording) || !Array.isArray(body) || !body.every(isRow)) return [];
    return body.map((row) => ({ openMs: row[0], row }));
  },
  // The two times of a row; everything else is as recorded.
  move: ([openMs, ...rest], byMs) => [
    openMs + byMs,
    ...rest.map((item, i) =>
      i + 1 === CLOSE_TIME && typeof item === 'number' ? item + byMs : item,
    ),
  ],
};

export const klinesRoute = {
  path: '/api/v3/klines',
  variable: 'BINANCE_BASE_URL',
  about: { symbol: OUR_PAIR },
  recognise(recording) {
    const timeMs = newestDayMs(FORMAT, recording);
    return timeMs === null ? null : { timeMs, isComplete: true };
  },
  adds: (recording) => hasCandles(FORMAT, recording),
  body(recording, serving) {
    const intervalMs = INTERVALS.get(serving.query.get('interval') ?? '1d');
    const candles =
      intervalMs === undefined ? [] : candlesOf(FORMAT, recording, { intervalMs, serving });
    return JSON.stringify(pageOf(candles, serving.query).map(({ row }) => row));
  },
} as const satisfies RecordedRoute;

/** From the start that is given the oldest, else the newest; both times are those of candles that are meant. */
function pageOf(
  candles: readonly RecordedCandle<Row>[],
  query: URLSearchParams,
): readonly RecordedCandle<Row>[] {
  const [startMs, endMs] = ['startTime', 'endTime'].map((name) => wholeOf(query, name));
  const within = candles.filter(
    ({ openMs }) => openMs >= (startMs ?? openMs) && openMs <= (endMs ?? openMs),
  );
  const limit = Math.min(wholeOf(query, 'limit') || DEFAULT_LIMIT, MAX_LIMIT);
  return typeof startMs === 'number' ? within.slice(0, limit) : within.slice(-limit);
}

const isRow = (row: unknown): row is Row =>
  Array.isArray(row) && row.length === ROW_ITEMS && Number.isSafeInteger(row[0]);

function isOurPair({ file, request }: Recording): boolean {
  const asked = request?.searchParams.get('symbol');
  const named = file.split('/').at(-1)?.match(PAIR)?.[0];
  return (asked ?? named ?? OUR_PAIR) === OUR_PAIR;
}

function wholeOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name) ?? '';
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}
