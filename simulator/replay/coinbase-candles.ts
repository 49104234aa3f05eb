/** Coinbase Exchange's candles of BTC in US dollars: newest first, and bare numbers. */

import { moveRows } from './move-times.ts';
import {
  type CandleFormat,
  candlesOf,
  hasCandles,
  newestDayMs,
  rowTexts,
  shiftOf,
} from './recorded-candles.ts';
import type { RecordedRoute, Recording } from './recording.ts';

const OUR_PRODUCT = 'BTC-USD';
/** A name that speaks of another product is another recording, whatever its rows look like. */
const PRODUCT = /[A-Z0-9]{2,10}-[A-Z]{3,4}(?![A-Z])/;
/** A row: open time in seconds, low, high, open, close, volume. */
const ROW_ITEMS = 6;
/** No time in seconds has more: one in milliseconds is somebody else's. */
const MAX_SECONDS = 1e11;
/** Coinbase's own bound of an answer. */
const MAX_ROWS = 300;
const DAY = '86400';

/** Rows are their text, so that their digits stay. */
const FORMAT: CandleFormat<string> = {
  read(recording) {
    const { body, text } = recording;
    if (!isOurs(recording) || !Array.isArray(body) || !body.every(isRow)) return [];
    const rows = rowTexts(text);
    return body.map(([openS], i) => ({ openMs: openS * 1000, row: rows[i] ?? '' })).toReversed();
  },
  move: (row, byMs) => moveRows(row, byMs / 1000),
};

export const coinbaseCandlesRoute = {
  path: `/products/${OUR_PRODUCT}/candles`,
  variable: 'COINBASE_BASE_URL',
  recognise(recording) {
    const timeMs = newestDayMs(FORMAT, recording);
    return timeMs === null ? null : { timeMs, isComplete: true };
  },
  adds: (recording) => hasCandles(FORMAT, recording),
  body(recording, serving) {
    const { query } = serving;
    const granularity = query.get('granularity') ?? DAY;
    const [startMs, endMs] = [timeOf(query.get('start')), timeOf(query.get('end'))];
    if (granularity === DAY && startMs === null && endMs === null) {
      return moveRows(recording.text, shiftOf(FORMAT, recording, serving) / 1000);
    }
    const intervalMs = Number(granularity) * 1000;
    const rows = candlesOf(FORMAT, recording, { intervalMs, serving })
      .filter(({ openMs }) => openMs >= (startMs ?? openMs) && openMs <= (endMs ?? openMs))
      .map(({ row }) => row);
    return `[${rows.slice(-MAX_ROWS).toReversed().join(',')}]`;
  },
} as const satisfies RecordedRoute;

function isRow(row: unknown): row is readonly [openS: number, ...rest: number[]] {
  if (!Array.isArray(row) || row.length !== ROW_ITEMS) return false;
  const [openS] = row;
  const areNumbers = row.every((item) => typeof item === 'number');
  return areNumbers && Number.isSafeInteger(openS) && openS < MAX_SECONDS;
}

/** ISO 8601, or seconds since 1970; ms since 1970, `null` for neither. */
function timeOf(text: string | null): number | null {
  const ms = /^\d{1,11}$/.test(text ?? '') ? Number(text) * 1000 : Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : ms;
}

/** A recorded request names the product in its path, which is compared already. */
const isOurs = ({ file, request }: Recording): boolean =>
  request !== null || (file.split('/').at(-1)?.match(PRODUCT)?.[0] ?? OUR_PRODUCT) === OUR_PRODUCT;
