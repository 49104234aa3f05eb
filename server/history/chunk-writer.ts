/** What the leader writes of its history: the chunks that have changed, and at first all that differ. */

import type { Clock } from '../../contract/index.ts';
import type { HistoryChunk, HistorySteps } from '../redis/steps.ts';
import type { HistoryRows } from '../store/history-rows.ts';
import {
  CANDLES,
  type ChunkPlace,
  candlesChunk,
  isOver,
  readChunkName,
  samplesChunk,
} from './chunks.ts';
import type { DueChunks } from './due-chunks.ts';
import { DAY_S } from './tiers.ts';

/** How long the copy outlives the last leader, seconds: over a week in which nothing ran. */
export const HISTORY_TTL_S = 8 * DAY_S;

/** What one sync looks through at most; the next one goes on. */
const MAX_CHUNKS = 500;
/** Of removed ones likewise. */
const MAX_REMOVED = 500;
/** What one step writes, or one chunk: a moment on any line, for the lease is renewed on the same connection. */
const MAX_STEP_BYTES = 128_000;

/** What a writer is made of. */
export interface ChunkWriterDeps {
  readonly steps: Pick<HistorySteps, 'writeHistory'>;
  readonly rows: Pick<HistoryRows, 'samples' | 'candles'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly due: Pick<DueChunks, 'add' | 'now' | 'take'>;
  /** Asked before every step. */
  readonly isLeader: () => boolean;
  /** Lets others have their turn. */
  readonly breathe: () => Promise<void>;
  /** Once aborted, no row is read any more. */
  readonly signal: AbortSignal;
}

/** Writes chunks. */
export interface ChunkWriter {
  /**
   * Writes what is due and differs, removes what is over, lets all of it live on.
   * @param index what Redis has. A chunk there is replaced only when its digest is known
   * @param known digests by name of the chunks this node has all rows of; those that are written are added
   * @returns `false` when something is left for the next time
   * @throws as the step does
   */
  write(index: ReadonlyMap<string, string>, known: Map<string, string>): Promise<boolean>;
}

/** @see ChunkWriter */
export function createChunkWriter(deps: ChunkWriterDeps): ChunkWriter {
  const { steps, rows, clock, due, isLeader, breathe, signal } = deps;
  const nowS = () => clock.now() / 1000;
  const chunkOf = (place: ChunkPlace): HistoryChunk | null =>
    place.series === CANDLES
      ? candlesChunk(place, rows.candles(place), nowS())
      : samplesChunk(place, rows.samples(place), nowS());
  /** What Redis does not have like this; `null` when there is nothing to write. */
  const differing = async (
    place: ChunkPlace,
    index: ReadonlyMap<string, string>,
    known: ReadonlyMap<string, string>,
  ): Promise<HistoryChunk | null> => {
    const there = index.get(place.name);
    // What others wrote is joined first; until then it stays due.
    if (signal.aborted || (there !== undefined && known.get(place.name) !== there)) return null;
    due.take(place);
    const chunk = chunkOf(place);
    await breathe();
    return chunk?.digest === there ? null : chunk;
  };
  const send = async (
    batch: readonly HistoryChunk[],
    removed: readonly string[],
    known: Map<string, string>,
  ) => {
    let isWritten = false;
    try {
      if (signal.aborted || !isLeader()) return;
      await steps.writeHistory(batch, removed, HISTORY_TTL_S);
      isWritten = true;
    } finally {
      for (const { name, digest } of batch) {
        if (isWritten) known.set(name, digest);
        else due.add(name);
      }
    }
  };

  return {
    async write(index, known) {
      // Also without a chunk: all of it is to live on.
      await send([], overIn(index, nowS()), known);
      const places = due.now();
      let batch: HistoryChunk[] = [];
      for (const place of places.slice(0, MAX_CHUNKS)) {
        const chunk = await differing(place, index, known);
        if (chunk === null) continue;
        if (batch.length > 0 && bytesOf([...batch, chunk]) > MAX_STEP_BYTES) {
          await send(batch, [], known);
          batch = [];
        }
        batch.push(chunk);
      }
      if (batch.length > 0) await send(batch, [], known);
      return places.length <= MAX_CHUNKS;
    },
  };
}

/**
 * The chunks that nobody keeps rows of any more. Of each interval the newest chunk tells what time it is at the latest, so
 * that a leader whose clock is ahead removes nothing.
 */
function overIn(index: ReadonlyMap<string, string>, nowS: number): readonly string[] {
  const places = [...index.keys()].flatMap((name) => readChunkName(name) ?? []);
  const newestS = new Map<number, number>();
  for (const { intervalS, toS } of places) {
    newestS.set(intervalS, Math.max(toS, newestS.get(intervalS) ?? toS));
  }
  return places
    .filter((place) => isOver(place, Math.min(nowS, newestS.get(place.intervalS) ?? nowS)))
    .slice(0, MAX_REMOVED)
    .map(({ name }) => name);
}

const bytesOf = (chunks: readonly HistoryChunk[]): number =>
  chunks.reduce((sum, { json }) => sum + json.length, 0);
