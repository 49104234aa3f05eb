/** Deletes rows that are over, a few at a time, so that no request waits for it. */

import {
  BTC_SERIES,
  type Clock,
  EARLIEST_MS,
  MAX_AHEAD_MS,
  type Timer,
} from '../../contract/index.ts';
import type { HistoryRows } from '../store/history-rows.ts';
import { createBelievedTime, type TimeBounds } from './believed-time.ts';
import { FIGURE_SERIES } from './series.ts';
import { TIERS, type Tier } from './tiers.ts';

/** How often it is looked for what is over, ms: ten rows of a series come due in between, in the finest tier. */
const EVERY_MS = 10 * 60_000;
/** Rows that one transaction deletes at most: some milliseconds. */
const MAX_PIECE = 500;
/** Between two pieces, ms: whatever else waits has its turn. */
const PAUSE_MS = 50;
/** So far back the newest row is looked for first, s: where it usually is. */
const FIRST_LOOK_S = 3600;
/** What a tier's newest row is looked for among, besides the candles: figures that are kept whatever is configured. */
const SURE_SERIES = [BTC_SERIES, ...Object.keys(FIGURE_SERIES)];

/** What is needed to compact. */
export interface CompactionDeps {
  readonly clock: Clock;
  readonly rows: Pick<HistoryRows, 'samples' | 'candles' | 'drop'>;
}

/** Compacts from its making to its closing. */
export interface Compaction {
  close(): void;
}

/**
 * Deletes what its tier keeps no longer, and what is of a time to come. Age is judged by the older of the time and the
 * tier's newest row, so that neither a clock that jumps nor days without any row delete what nothing has come after.
 */
export function startCompaction({ clock, rows }: CompactionDeps): Compaction {
  const newestS = Math.max(
    ...TIERS.map(({ intervalS }) => newestRowS(rows, intervalS, clock.now() / 1000) ?? 0),
  );
  const time = createBelievedTime(clock, newestS > 0 ? newestS * 1000 : null);
  let timer: Timer | null = null;

  // Ends: every piece but a tier's last deletes rows.
  const run = (left: readonly Tier[]) => {
    const [tier, ...others] = left;
    if (tier === undefined) {
      timer = clock.after(EVERY_MS, () => run(TIERS));
      return;
    }
    const dropped = dropPiece(rows, tier, time.now());
    timer = clock.after(PAUSE_MS, () => run(dropped < MAX_PIECE ? others : left));
  };
  run(TIERS);
  return { close: () => timer?.cancel() };
}

/** @returns how many rows were deleted; less than {@link MAX_PIECE} when nothing is left */
function dropPiece(
  rows: CompactionDeps['rows'],
  { intervalS, keepS }: Tier,
  { earliestMs, latestMs }: TimeBounds,
): number {
  const earliestS = Math.floor(earliestMs / 1000);
  const newestS = keepS === null ? null : newestRowS(rows, intervalS, earliestS);
  const beforeS = keepS === null || newestS === null ? 0 : Math.min(earliestS, newestS) - keepS;
  const aheadS = Math.floor((latestMs + MAX_AHEAD_MS) / 1000) + intervalS;
  return rows.drop(intervalS, beforeS, aheadS, MAX_PIECE);
}

/** When the newest row of a tier begins, seconds since 1970; looked for ever further back. `null` when there is none. */
function newestRowS(rows: CompactionDeps['rows'], intervalS: number, nowS: number): number | null {
  for (let backS = FIRST_LOOK_S; ; backS *= 2) {
    const span = { intervalS, fromS: Math.floor(nowS - backS), toS: Number.MAX_SAFE_INTEGER };
    const times = [
      rows.candles(span).at(-1)?.time,
      ...SURE_SERIES.map((series) => rows.samples({ ...span, series }).at(-1)?.time),
    ].flatMap((time) => time ?? []);
    if (times.length > 0) return Math.max(...times);
    if (span.fromS * 1000 < EARLIEST_MS) return null;
  }
}
