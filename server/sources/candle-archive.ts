/** What an exchange's past candles are written as: how a page is asked for, and which answers are one. */

import type { GenericSchema } from 'valibot';
import { safeParse } from 'valibot';
import { MAX_AHEAD_MS, type SourceId } from '../../contract/index.ts';
import { inOrder } from './candles.ts';
import type { Candle, CandleArchive, CandlePage } from './source.ts';
import { UpstreamError, type UpstreamRequest } from './upstream.ts';

/** What differs from exchange to exchange; the rest is as in {@link CandleArchive}. */
export interface CandleArchiveDefinition
  extends Omit<CandleArchive, 'gives' | 'intervalsS' | 'request' | 'read'> {
  readonly source: SourceId;
  /** Lengths of its candles in seconds, finest first, and what the exchange calls them. */
  readonly intervals: ReadonlyMap<number, string>;
  /** @param interval what the exchange calls the page's */
  readonly request: (page: CandlePage, interval: string) => UpstreamRequest;
  /** Of an answer, none of whose rows is of another length. Rows may be none, in any order, and of any time. */
  readonly schema: (intervalMs: number) => GenericSchema<unknown, readonly Candle[]>;
}

/** Makes an archive of the requests and the schema of an exchange. */
export function defineCandleArchive(definition: CandleArchiveDefinition): CandleArchive {
  const { source, intervals, request, schema, ...rest } = definition;
  return {
    ...rest,
    gives: 'candles',
    intervalsS: [...intervals.keys()],
    request(page) {
      const { intervalS, fromMs, toMs } = page;
      const interval = intervals.get(intervalS);
      // Cut short by one exchange, refused by the next: whoever asks has to know what he gets.
      const fits = toMs - fromMs <= rest.maxCandles * intervalS * 1000;
      if (interval === undefined || !fits) throw new RangeError(`no page of ${source}`);
      return request(page, interval);
    },
    read(body, page, receivedAtMs) {
      // One fault is enough: a list of a million would take gigabytes to write down.
      const parsed = safeParse(schema(page.intervalS * 1000), body, { abortEarly: true });
      if (!parsed.success || !isBelieved(parsed.output, page, receivedAtMs)) {
        throw new UpstreamError(source, 'bad_response');
      }
      // Exchanges send candles beside those that were asked for: Coinbase says so, Kraken sends the open one always.
      return inOrder(parsed.output).filter(([openMs]) => isWithin(openMs, page));
    },
  };
}

const isWithin = (openMs: number, { fromMs, toMs }: CandlePage): boolean =>
  openMs >= fromMs && openMs < toMs;

/**
 * Whether rows that are right each by itself are an answer. A span of the past may have been without a trade, or before
 * there was a market; of one that is not over, silence would be kept as a gap that another exchange could fill.
 */
function isBelieved(sent: readonly Candle[], page: CandlePage, receivedAtMs: number): boolean {
  if (sent.length === 0) return page.toMs <= receivedAtMs;
  return sent.every((candle) => isSound(candle) && candle[0] <= receivedAtMs + MAX_AHEAD_MS);
}

/**
 * Opening and closing price lie between lowest and highest: in every recorded candle they do. Where they do not, columns
 * have changed places, and nobody knows which of the numbers is which, in this row or in the others.
 */
const isSound = ([, open, high, low, close]: Candle): boolean =>
  low <= Math.min(open, close) && high >= Math.max(open, close);
