/** Kraken's candles of BTC in US dollars. */

import { moveRows, moveSeconds } from './move-times.ts';
import {
  type CandleFormat,
  candlesOf,
  hasCandles,
  newestDayMs,
  rowTexts,
  shiftOf,
} from './recorded-candles.ts';
import { isObject, type RecordedRoute } from './recording.ts';

/** The pair, by the names that Kraken gives it in answers. */
const OUR_PAIRS = ['XXBTZUSD', 'XBTUSD'] as const;
/** A row: open time in seconds, seven more. */
const ROW_ITEMS = 8;
/** Where to ask from next; it stands beside the rows. */
const CURSOR = 'last';
/** Kraken's own bound of an answer. */
const MAX_ROWS = 720;
const DAY = '1440';

/** Rows are their text, as the other exchange's without strings. */
const FORMAT: CandleFormat<string> = {
  read({ body, text }) {
    const result = isObject(body) && isObject(body.result) ? body.result : {};
    const rows = OUR_PAIRS.map((pair) => result[pair]).find(Array.isArray) ?? [];
    if (!rows.every(isRow)) return [];
    const texts = rowTexts(text);
    return rows.map(([openS], i) => ({ openMs: openS * 1000, row: texts[i] ?? '' }));
  },
  move: (row, byMs) => moveRows(row, byMs / 1000),
};

export const krakenCandlesRoute = {
  path: '/0/public/OHLC',
  variable: 'KRAKEN_BASE_URL',
  about: { pair: 'XBTUSD' },
  recognise(recording) {
    const timeMs = newestDayMs(FORMAT, recording);
    return timeMs === null ? null : { timeMs, isComplete: true };
  },
  adds: (recording) => hasCandles(FORMAT, recording),
  body(recording, serving) {
    const { query } = serving;
    const minutes = query.get('interval') ?? DAY;
    if (minutes === DAY && !query.has('since')) {
      const byS = shiftOf(FORMAT, recording, serving) / 1000;
      return moveSeconds(moveRows(recording.text, byS), CURSOR, byS);
    }
    const sinceMs = Number(query.get('since') ?? 0) * 1000;
    const intervalMs = Number(minutes) * 60_000;
    const candles = candlesOf(FORMAT, recording, { intervalMs, serving }).slice(-MAX_ROWS);
    const rows = candles.filter(({ openMs }) => openMs > sinceMs).map(({ row }) => row);
    const last = (candles.at(-2)?.openMs ?? 0) / 1000;
    return `{"error":[],"result":{"${OUR_PAIRS[0]}":[${rows.join(',')}],"${CURSOR}":${last}}}`;
  },
} as const satisfies RecordedRoute;

const isRow = (row: unknown): row is readonly [openS: number, ...rest: unknown[]] =>
  Array.isArray(row) && row.length === ROW_ITEMS && Number.isSafeInteger(row[0]);
