/** A series goes on with the live figure: its newest point moves without asking the server. */

import {
  HISTORY_RANGES,
  type HistoryBody,
  type SourceId,
  toWireTime,
} from '../../contract/index.ts';
import type { HistoryRow } from './read-history.ts';

/** A live figure at its own time. */
export interface LivePoint {
  readonly value: number;
  readonly source: SourceId;
  /** ms since 1970. */
  readonly asOfMs: number;
}

/**
 * The series with the point as its newest; the same object when that changes nothing. A series without rows waits for
 * the server: one point is no line. A candle is of one exchange, so another's price does not move it; and it begins only
 * right after the one before: whoever saw no more of an interval than its end does not know its open.
 */
export function follow(body: HistoryBody, { value, source, asOfMs }: LivePoint): HistoryBody {
  const { interval_s: intervalS } = body;
  const last = body.rows.at(-1);
  const time = Math.floor(asOfMs / 1000 / intervalS) * intervalS;
  if (!last || time < last[0]) return body;
  const isCandle = body.series === 'btc_candles';
  if (isCandle && (source !== body.source || time > last[0] + intervalS)) return body;
  const isOpen = time === last[0];
  const row = isCandle ? candle(isOpen ? last : null, time, value) : ([time, value] as const);
  const asOf = toWireTime(asOfMs);
  if (isOpen && asOf === body.as_of && row.every((cell, at) => cell === last[at])) return body;
  const { durationS } = HISTORY_RANGES[body.range];
  const before = isOpen ? body.rows.slice(0, -1) : body.rows;
  return {
    ...body,
    source,
    sources: body.sources.includes(source) ? body.sources : [...body.sources, source],
    as_of: asOf,
    rows: [...before.filter(([at]) => at > time - durationS), row],
  };
}

/** Its volume is not known here: dashes until the server says it. */
function candle(held: HistoryRow | null, time: number, price: number): HistoryRow {
  if (held === null) return [time, price, price, price, price, null];
  const [, open = null, high = null, low = null, , volume = null] = held;
  return [time, open, Math.max(high ?? price, price), Math.min(low ?? price, price), price, volume];
}
