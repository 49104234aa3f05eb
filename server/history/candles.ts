/** What is known of each exchange's candles: those it gave, and where they end too early, those made of its finer ones. */

import type { SourceId } from '../../contract/index.ts';
import type { CandleRow, CandleSpan, HistoryRows } from '../store/history-rows.ts';
import { hasCome } from './points.ts';
import { bucketOf, TIERS } from './tiers.ts';

/** One exchange's candles by when they opened. */
export type Candles = ReadonlyMap<number, CandleRow>;

/** Candles by exchange. */
export type ExchangeCandles = ReadonlyMap<SourceId, Candles>;

/** What candles are read from. */
export type CandleReader = Pick<HistoryRows, 'candles'>;

/** Whether a candle is known to its end. */
export const isClosed = ({ time, intervalS, asOfS }: CandleRow): boolean =>
  asOfS >= time + intervalS;

/** The candles of a tier as they are kept; of a time to come none. */
export function givenCandles(
  rows: CandleReader,
  span: CandleSpan,
  nowS: number,
  exchanges: readonly SourceId[],
): ExchangeCandles {
  const given = new Map(exchanges.map((source) => [source, new Map<number, CandleRow>()]));
  for (const row of rows.candles(span)) {
    if (hasCome(row, nowS)) given.get(row.source)?.set(row.time, row);
  }
  return given;
}

/**
 * The candles of a tier as far as they can be known. One that was open when it was asked for, or has not been asked for,
 * is made of finer ones of the same exchange when those reach further: at 00:00 yesterday's is complete at once.
 * @param exchanges whose; best first
 * @param decisive finer ones are looked for only where the candle of one of these is not complete
 */
export function knownCandles(
  rows: CandleReader,
  span: CandleSpan,
  nowS: number,
  exchanges: readonly SourceId[],
  decisive: readonly SourceId[] = exchanges,
): ExchangeCandles {
  const given = givenCandles(rows, span, nowS, exchanges);
  const finerSpan = finerSpanOf(given, span, nowS, decisive);
  if (finerSpan === null) return given;
  const finer = knownCandles(rows, finerSpan, nowS, exchanges);
  const finish = (candles: Candles, parts: Candles): Candles => {
    const finished = new Map(candles);
    for (let time = finerSpan.fromS; time < finerSpan.toS; time += span.intervalS) {
      const own = candles.get(time);
      if (own !== undefined && isClosed(own)) continue;
      const made = mergeCandles(
        firstParts(parts, finerSpan.intervalS, time, span.intervalS),
        span.intervalS,
      );
      if (made === null) continue;
      if (own === undefined || made.asOfS > own.asOfS) finished.set(time, made);
    }
    return finished;
  };
  return new Map(
    exchanges.map((source) => [
      source,
      finish(given.get(source) ?? new Map(), finer.get(source) ?? new Map()),
    ]),
  );
}

/** @param parts candles of one exchange within one interval, oldest first; `null` when there are none */
export function mergeCandles(parts: readonly CandleRow[], intervalS: number): CandleRow | null {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    intervalS,
    time: bucketOf(first.time, intervalS),
    open: first.open,
    high: Math.max(...parts.map(({ high }) => high)),
    low: Math.min(...parts.map(({ low }) => low)),
    close: last.close,
    volume: parts.reduce((sum, { volume }) => sum + volume, 0),
    source: last.source,
    asOfS: last.asOfS,
  };
}

/**
 * From the first candle of a decisive exchange that is not complete to the last one, in the tier below and no further back
 * than that is kept; `null` when there is nothing to look for.
 */
function finerSpanOf(
  given: ExchangeCandles,
  { intervalS, fromS, toS }: CandleSpan,
  nowS: number,
  decisive: readonly SourceId[],
): CandleSpan | null {
  const finer = TIERS.findLast((tier) => tier.intervalS < intervalS);
  if (finer === undefined) return null;
  let first: number | null = null;
  let last = fromS;
  const keptFromS = bucketOf(nowS - (finer.keepS ?? nowS), intervalS);
  for (let time = Math.max(fromS, keptFromS); time < toS; time += intervalS) {
    const isComplete = decisive.every((source) => {
      const candle = given.get(source)?.get(time);
      return candle !== undefined && isClosed(candle);
    });
    if (isComplete) continue;
    first ??= time;
    last = time;
  }
  return first === null
    ? null
    : { intervalS: finer.intervalS, fromS: first, toS: last + intervalS };
}

/** The parts of an interval from its beginning to the first one that is missing, or not complete: what follows is a gap. */
function firstParts(
  parts: Candles,
  partS: number,
  timeS: number,
  intervalS: number,
): readonly CandleRow[] {
  const found: CandleRow[] = [];
  for (let time = timeS; time < timeS + intervalS; time += partS) {
    const part = parts.get(time);
    if (part === undefined) break;
    found.push(part);
    if (!isClosed(part)) break;
  }
  return found;
}
