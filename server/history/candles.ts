/** What is known of each exchange's candles: those it gave, and where they end too early, those made of its finer ones. */

import { type DashboardDocument, EXCHANGES, type SourceId } from '../../contract/index.ts';
import type { CandleRow, CandleSpan, HistoryRows } from '../store/history-rows.ts';
import { hasCome } from './sound-row.ts';
import { bucketOf, TIERS } from './tiers.ts';

/** What candles are read from. */
export type CandleReader = Pick<HistoryRows, 'candles'>;

/** What of the document says which exchanges are set aside. */
export type Trusted = Pick<DashboardDocument, 'sources'>;

/** Candles as they are kept now; read for one answer. */
export interface Candles {
  /** Reads what is kept of a span, at once: what is asked for below lies in it, or is made of what does. */
  read(span: CandleSpan): void;
  /** An exchange's candle as it gave it. */
  given(source: SourceId, intervalS: number, time: number): CandleRow | null;
  /**
   * An exchange's candle as far as it can be known. One that was open when it was asked for, or has not been asked for, is
   * made of finer ones of the same exchange when those reach further: at 00:00 yesterday's is complete at once.
   */
  known(source: SourceId, intervalS: number, time: number): CandleRow | null;
  /**
   * The candle of the first exchange, in order of preference, that gave it to its end; else of the first whose can be made
   * to its end; else the one that is known furthest. One of an exchange that is set aside only where no other's is known to
   * its end, and where the interval has not ended, only where there is no other's: its price now is what is doubted.
   */
  best(intervalS: number, time: number): CandleRow | null;
}

/** Whether a candle is known to its end. */
export const isClosed = ({ time, intervalS, asOfS }: CandleRow): boolean =>
  asOfS >= time + intervalS;

/** Exchanges, one of them first, then in order of preference; those that are set aside come last, that one too. */
export function byTrust(document: Trusted, first: SourceId | null): readonly SourceId[] {
  const rank = (id: SourceId) => (isAside(document, id) ? 2 : Number(id !== first));
  return EXCHANGES.toSorted((a, b) => rank(a) - rank(b));
}

const isAside = ({ sources }: Trusted, id: SourceId): boolean => sources[id]?.state === 'set_aside';

/** @param nowS seconds since 1970; of a time to come there is none */
export function openCandles(rows: CandleReader, document: Trusted, nowS: number): Candles {
  const { read, readParts, given } = openKept(rows, nowS);
  const known = (source: SourceId, intervalS: number, time: number): CandleRow | null => {
    const own = given(source, intervalS, time);
    if (own !== null && isClosed(own)) return own;
    const made = mergeCandles(partsOf(source, intervalS, time), intervalS);
    return own === null || (made !== null && made.asOfS > own.asOfS) ? made : own;
  };
  /** Finer candles from the interval's beginning to the first that is missing or not complete: what follows is a gap. */
  const partsOf = (source: SourceId, intervalS: number, time: number): readonly CandleRow[] => {
    const parts: CandleRow[] = [];
    const finer = TIERS.findLast((tier) => tier.intervalS < intervalS);
    const isKept = finer !== undefined && (finer.keepS === null || time >= nowS - finer.keepS);
    if (!isKept || time > nowS) return parts;
    readParts({ intervalS: finer.intervalS, fromS: time, toS: time + intervalS });
    for (let at = time; at < time + intervalS; at += finer.intervalS) {
      const part = known(source, finer.intervalS, at);
      if (part === null) break;
      parts.push(part);
      if (!isClosed(part)) break;
    }
    return parts;
  };
  const bestOf = (exchanges: readonly SourceId[], intervalS: number, time: number) => {
    const all = exchanges.flatMap((source) => given(source, intervalS, time) ?? []);
    let best = all.find(isClosed) ?? null;
    for (const source of exchanges) {
      if (best !== null && isClosed(best)) return best;
      const candle = known(source, intervalS, time);
      if (candle !== null && candle.asOfS > (best?.asOfS ?? 0)) best = candle;
    }
    return best;
  };
  const aside = EXCHANGES.filter((id) => isAside(document, id));
  const trusted = EXCHANGES.filter((id) => !isAside(document, id));
  return {
    read,
    given,
    known,
    best(intervalS, time) {
      const best = bestOf(trusted, intervalS, time);
      if (best !== null && (isClosed(best) || time + intervalS > nowS)) return best;
      const doubted = bestOf(aside, intervalS, time);
      return best !== null && (doubted === null || !isClosed(doubted)) ? best : doubted;
    },
  };
}

/** What was read so far: the spans that are asked about, and of what else the parts were, each once. */
function openKept(rows: CandleReader, nowS: number) {
  /** By interval, then by when they opened. */
  const kept = new Map(TIERS.map(({ intervalS }) => [intervalS, new Map<number, CandleRow[]>()]));
  const spans: CandleSpan[] = [];
  const parts = new Set<string>();
  const load = (span: CandleSpan) => {
    const rowsByTime = Map.groupBy(rows.candles(span), ({ time }) => time);
    for (const [time, some] of rowsByTime) {
      const come = some.filter((row) => hasCome(row, nowS));
      kept.get(span.intervalS)?.set(time, come);
    }
  };
  return {
    read(span: CandleSpan) {
      spans.push(span);
      load(span);
    },
    readParts(span: CandleSpan) {
      const { intervalS, fromS, toS } = span;
      const key = `${intervalS} ${fromS} ${toS}`;
      const isRead = (one: CandleSpan) =>
        one.intervalS === intervalS && one.fromS <= fromS && toS <= one.toS;
      if (parts.has(key) || spans.some(isRead)) return;
      parts.add(key);
      load(span);
    },
    given: (source: SourceId, intervalS: number, time: number): CandleRow | null =>
      kept
        .get(intervalS)
        ?.get(time)
        ?.find((row) => row.source === source) ?? null,
  };
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
