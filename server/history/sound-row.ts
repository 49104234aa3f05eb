/** Which rows can have been kept: asked of all that upstreams, other nodes and files bring. Pure. */

import { EARLIEST_MS, EXCHANGES, isAccepted, MAX_AHEAD_MS } from '../../contract/index.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import { ruleOf } from './series.ts';
import { MINUTE_S, TIERS } from './tiers.ts';

/** Nothing was traded before, seconds since 1970. */
const EARLIEST_S = EARLIEST_MS / 1000;
/** The clock of the machine that wrote a row, and ours, are not one. */
const MAX_AHEAD_S = MAX_AHEAD_MS / 1000;

/** Whether something is of a time that has come; what is not, is of a clock that was ahead. */
export const hasCome = ({ asOfS }: { readonly asOfS: number }, nowS: number): boolean =>
  asOfS <= nowS + MAX_AHEAD_S;

/** Why a sample cannot have been kept, of whatever time it is; `null` for a sound one. Keys are those of the wire. */
export function whyNoSample(row: SampleRow): string | null {
  const rule = ruleOf(row.series);
  if (rule === null) return 'series is none that is kept';
  const reason = whyWrongTime(row, rule.finestS);
  return reason ?? (isAccepted(rule.kind, row.value) ? null : 'value is out of range');
}

/** Why a candle cannot have been kept; as above. */
export function whyNoCandle(row: CandleRow): string | null {
  const { open, high, low, close, volume, source } = row;
  const reason = whyWrongTime(row, MINUTE_S);
  if (reason !== null) return reason;
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

function whyWrongTime(
  { intervalS, time, asOfS }: Pick<SampleRow, 'intervalS' | 'time' | 'asOfS'>,
  finestS: number,
): string | null {
  if (intervalS < finestS || !TIERS.some((tier) => tier.intervalS === intervalS)) {
    const kept = TIERS.map((tier) => tier.intervalS).filter((length) => length >= finestS);
    return `interval_s must be one of ${kept.join(', ')}`;
  }
  if (time % intervalS !== 0) return 'time must be a multiple of interval_s';
  if (time < EARLIEST_S) return 'time lies before the first trade of any coin';
  const isInside = Number.isInteger(asOfS) && asOfS >= time && asOfS <= time + intervalS;
  return isInside ? null : 'as_of must lie between time and time + interval_s';
}
