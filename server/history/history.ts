/** Series for the charts: sampled while the server runs, filled from the exchanges' past, answered by range. */

import type { HistoryFormat, HistoryRange, HistorySeries } from '../../contract/index.ts';

/** What somebody asks for; checked. */
export interface HistoryQuery {
  readonly series: HistorySeries;
  readonly range: HistoryRange;
  readonly format: HistoryFormat;
}

/** An answer, rendered. The same object for everybody who asks until it is made anew. */
export interface Rendition {
  readonly body: string;
  /** So much longer it is good, whole seconds ≥ 1: to the end of the minute, and less while the past is being filled. */
  goodForS(): number;
}

/** What answers requests. Duties: never throws, never waits for anything but the store's own file. */
export interface History {
  /** Whether a series can be asked for: of coins, those that are configured. */
  has(series: string): series is HistorySeries;
  /**
   * The answer to a query. Made once a minute, and anew every other second at most when rows were filled in: the minute is
   * the finest interval that is kept, so nothing newer is missed for longer.
   */
  render(query: HistoryQuery): Rendition;
}
