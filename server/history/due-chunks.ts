/** Which chunks the leader has to compare with those in Redis, and when: what has changed, and at first all. */

import type { Clock } from '../../contract/index.ts';
import type { SampleRow } from '../store/history-rows.ts';
import { CANDLES, type ChunkPlace, chunkAt, chunksOf, isOver, readChunkName } from './chunks.ts';
import { ruleOf } from './series.ts';
import type { WatchedRows } from './watched-rows.ts';

/**
 * A price of an interval that has not ended changes with every sample; it is written when the interval ends, at the latest
 * after so long, seconds. Otherwise all of the newest chunks would be written and read by everybody every minute.
 */
const OPEN_WAITS_S = 900;
/** So often all is compared anew, ms: against rows that went by unheard, and a clock that was wrong. */
const COMPARE_EVERY_MS = 3_600_000;

/** What it is made of. */
export interface DueChunksDeps {
  readonly rows: Pick<WatchedRows, 'watch'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Chunks of others are never due. */
  readonly series: ReadonlySet<string>;
}

/** Listens to the rows while this node leads. */
export interface DueChunks {
  /** This node leads: all chunks are due, if it did not lead before or that was long ago. */
  lead(): void;
  /** It does not: nothing is due. */
  follow(): void;
  /** Makes a chunk due by its name. Of one that is over, or that nobody knows, nothing happens. */
  add(name: string): void;
  /** Those that are due now. */
  now(): readonly ChunkPlace[];
  /** It is about to be compared. What changes from here on makes it due again. */
  take(place: ChunkPlace): void;
  close(): void;
}

/** @see DueChunks */
export function createDueChunks({ rows, clock, series }: DueChunksDeps): DueChunks {
  /** By name, and when, seconds since 1970. */
  const due = new Map<string, { readonly place: ChunkPlace; readonly atS: number }>();
  /** On the monotonic clock; `null` while this node does not lead. */
  let comparedAtMs: number | null = null;

  const nowS = () => clock.now() / 1000;
  const mark = (place: ChunkPlace | null, atS: number) => {
    if (place === null || !series.has(place.series) || isOver(place, nowS())) return;
    const before = due.get(place.name)?.atS ?? atS;
    due.set(place.name, { place, atS: Math.min(atS, before) });
  };
  const leave = rows.watch({
    samples(changed) {
      if (comparedAtMs === null) return;
      for (const row of changed) {
        mark(chunkAt(row.series, row.intervalS, row.time), sampleDueS(row, nowS()));
      }
    },
    candles(changed) {
      if (comparedAtMs === null) return;
      for (const { intervalS, time } of changed) mark(chunkAt(CANDLES, intervalS, time), nowS());
    },
  });

  return {
    lead() {
      const nowMs = clock.monotonic();
      if (comparedAtMs !== null && nowMs - comparedAtMs < COMPARE_EVERY_MS) return;
      comparedAtMs = nowMs;
      for (const one of series) for (const place of chunksOf(one, nowS())) mark(place, nowS());
    },
    follow() {
      comparedAtMs = null;
      due.clear();
    },
    add: (name) => mark(readChunkName(name), nowS()),
    now: () => [...due.values()].filter(({ atS }) => atS <= nowS()).map(({ place }) => place),
    take: ({ name }) => void due.delete(name),
    close: leave,
  };
}

/** When a changed row is to be written, seconds since 1970. */
function sampleDueS({ series, time, intervalS }: SampleRow, nowS: number): number {
  const isFinal = time + intervalS <= nowS || ruleOf(series)?.keeps === 'first';
  return isFinal ? nowS : Math.min(time + intervalS, nowS + OPEN_WAITS_S);
}
