/** A page of the past: which one to ask an archive for, and what it answered, in the words of the history. */

import type { SourceId } from '../../contract/index.ts';
import type { CandleSpanWanted, PastAnswer } from '../history/past.ts';
import { bucketOf } from '../history/tiers.ts';
import type { Candle, CandleArchive, CandlePage, IndexArchive } from '../sources/source.ts';

/** The newest part of what is wanted that the archive has and tells at once; `null` when it has none of that. */
export function pageOf(
  archive: CandleArchive,
  { symbol, intervalS: wantedS, fromS, toS }: CandleSpanWanted,
  nowS: number,
): CandlePage | null {
  const { intervalsS, maxCandles, newestOnly } = archive;
  const intervalS = intervalsS.find((length) => length <= wantedS && isFor(length, wantedS));
  if (intervalS === undefined || !archive.hasCoin(symbol)) return null;
  const reachS =
    newestOnly === null
      ? Number.NEGATIVE_INFINITY
      : bucketOf(nowS, intervalS) - (newestOnly - 1) * intervalS;
  const endS = Math.min(toS, bucketOf(nowS, intervalS) + intervalS);
  const beginS = Math.max(fromS, reachS, endS - maxCandles * intervalS);
  return beginS < endS ? { symbol, intervalS, fromMs: beginS * 1000, toMs: endS * 1000 } : null;
}

/** Five minutes may come as minutes; all else comes as it is wanted. */
const isFor = (intervalS: number, wantedS: number) =>
  wantedS === 300 ? intervalS <= 300 : intervalS === wantedS;

/**
 * @param page what was asked for; `null` where all comes at once
 * @throws UpstreamError `bad_response`
 */
export function answerOf(
  source: SourceId,
  past: CandleArchive | IndexArchive,
  page: CandlePage | null,
  body: unknown,
  receivedAtMs: number,
): PastAnswer {
  if (past.gives === 'fng') {
    const days = past
      .read(body, receivedAtMs)
      .map(({ dayMs, value }) => ({ time: dayMs / 1000, value }));
    return { kind: 'fng', source, days };
  }
  if (page === null) throw new TypeError('candles come by the page');
  const { symbol, intervalS, fromMs, toMs } = page;
  return {
    kind: 'candles',
    ...{ source, symbol, intervalS },
    fromS: fromMs / 1000,
    toS: toMs / 1000,
    candles: past.read(body, page, receivedAtMs).map(toPastCandle),
    receivedAtS: Math.floor(receivedAtMs / 1000),
  };
}

const toPastCandle = ([t, open, high, low, close, volume]: Candle) => ({
  time: t / 1000,
  ...{ open, high, low, close, volume },
});
