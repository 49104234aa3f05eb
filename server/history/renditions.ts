/** Answers the charts' requests: each answer is made once a minute, for everybody who asks. */

import {
  type Clock,
  coinSeries,
  HISTORY_SERIES,
  type HistorySeries,
} from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import { answerTo, writeBody } from './answers.ts';
import type { History, Rendition } from './history.ts';
import type { Sampler } from './sampler.ts';
import { MINUTE_S } from './tiers.ts';
import type { WatchedRows } from './watched-rows.ts';

/** An answer is made anew after so long, ms: the finest interval that is kept. */
const MINUTE_MS = MINUTE_S * 1000;
/**
 * An answer outlasts rows that are filled in by so long, ms: a year comes in hundreds of pieces, and each would be all
 * charts made anew, for as many as ask.
 */
const FILLED_AFTER_MS = 2000;
/** While rows of the past come in, an answer is good for so long at most, s. */
const FILLING_GOOD_FOR_S = 5;

/** What a history is made of. */
export interface HistoryDeps {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Its document has the last point of `rsi_14`. */
  readonly broker: Pick<Broker, 'held'>;
  readonly rows: WatchedRows;
  /** The configured ones; their order is that of the columns of `sparklines`. */
  readonly coins: readonly string[];
  readonly sampler: Pick<Sampler, 'flush' | 'isWriting'>;
  /** Whether the past is being filled: answers are soon outdated then. */
  readonly isFilling: () => boolean;
}

interface Made {
  readonly rendition: Rendition;
  readonly minute: number;
  /** On the monotonic clock. */
  readonly atMs: number;
  readonly rowsVersion: number;
}

/** @see History */
export function createHistory(deps: HistoryDeps): History {
  const { clock, broker, rows, coins, sampler, isFilling } = deps;
  const series: ReadonlySet<string> = new Set([...HISTORY_SERIES, ...coins.map(coinSeries)]);
  /** One at most of each query there can be: series that {@link History.has}, ranges, formats. */
  const made = new Map<string, Made>();
  let rowsVersion = 0;
  const noteChange = () => {
    // What is sampled waits for the next minute; what others keep is often a whole chart.
    if (!sampler.isWriting()) rowsVersion++;
  };
  rows.watch({ samples: noteChange, candles: noteChange });

  const goodForS = () => {
    const leftS = Math.ceil((MINUTE_MS - (clock.now() % MINUTE_MS)) / 1000);
    return isFilling() ? Math.min(leftS, FILLING_GOOD_FOR_S) : leftS;
  };
  const minuteNow = () => Math.floor(clock.now() / MINUTE_MS);
  const isGood = ({ minute, rowsVersion: madeOf, atMs }: Made) =>
    minute === minuteNow() &&
    (madeOf === rowsVersion || clock.monotonic() - atMs < FILLED_AFTER_MS);
  return {
    has: (name): name is HistorySeries => series.has(name),
    render(query) {
      const key = `${query.series} ${query.range} ${query.format}`;
      const before = made.get(key);
      if (before !== undefined && isGood(before)) return before.rendition;
      sampler.flush();
      const nowS = Math.floor(clock.now() / 1000);
      const { document } = broker.held();
      const body = writeBody(answerTo(query, { rows, document, coins, nowS }), query.format);
      // The same object while it says the same: it has been compressed already.
      const rendition = before?.rendition.body === body ? before.rendition : { body, goodForS };
      made.set(key, { rendition, minute: minuteNow(), atMs: clock.monotonic(), rowsVersion });
      return rendition;
    },
  };
}
