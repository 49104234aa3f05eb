/** Which rows are let out into a file and in from one: what the server itself could have kept. */

import { EARLIEST_MS, EXCHANGES, isAccepted, MAX_AHEAD_MS } from '../../contract/index.ts';
import { ruleOf } from '../history/series.ts';
import { TIERS } from '../history/tiers.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import type { MovedRow } from './moved-row.ts';

/** Nothing was traded before, seconds since 1970. */
const EARLIEST_S = EARLIEST_MS / 1000;
/** The clock of the machine that wrote a file, and ours, are not one. */
const MAX_AHEAD_S = MAX_AHEAD_MS / 1000;

/**
 * Why a row cannot have been kept by the server; `null` for a sound one.
 * @param nowS the clock, seconds since 1970: of what is to come nobody has figures
 */
export function whyUnsound(moved: MovedRow, nowS: number): string | null {
  const finestS = moved.kind === 'sample' ? ruleOf(moved.row.series)?.finestS : TIERS[0]?.intervalS;
  if (finestS === undefined) return 'series is none that is kept';
  return (
    whyWrongTime(moved.row, finestS, nowS) ??
    (moved.kind === 'sample' ? whyWrongValue(moved.row) : whyNoCandle(moved.row))
  );
}

function whyWrongTime(
  { intervalS, time, asOfS }: Pick<SampleRow, 'intervalS' | 'time' | 'asOfS'>,
  finestS: number,
  nowS: number,
): string | null {
  const intervals = TIERS.map((tier) => tier.intervalS).filter((kept) => kept >= finestS);
  if (!intervals.includes(intervalS)) return `interval_s must be one of ${intervals.join(', ')}`;
  if (time % intervalS !== 0) return 'time must be a multiple of interval_s';
  if (time < EARLIEST_S) return 'time lies before the first trade of any coin';
  if (asOfS < time || asOfS > time + intervalS) {
    return 'as_of must lie between time and time + interval_s';
  }
  return asOfS > nowS + MAX_AHEAD_S ? 'as_of lies in the future' : null;
}

function whyWrongValue({ series, value }: SampleRow): string | null {
  const kind = ruleOf(series)?.kind;
  return kind !== undefined && isAccepted(kind, value) ? null : 'value is out of range';
}

function whyNoCandle({ open, high, low, close, volume, source }: CandleRow): string | null {
  if (!EXCHANGES.some((exchange) => exchange === source)) {
    return `source must be one of ${EXCHANGES.join(', ')}`;
  }
  if (![open, high, low, close].every((price) => isAccepted('price', price))) {
    return 'open, high, low or close is out of range';
  }
  if (high < Math.max(open, close)) return 'high lies below open or close';
  if (low > Math.min(open, close)) return 'low lies above open or close';
  // Nothing traded in an interval is a volume of 0.
  return volume === 0 || isAccepted('amount', volume) ? null : 'volume is out of range';
}
