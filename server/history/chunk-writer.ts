/** What the leader writes of its history: the chunks that have changed, and at first all that differ. */

import type { Clock } from '../../contract/index.ts';
import type { HistorySteps, ReplacingChunk } from '../redis/steps.ts';
import type { HistoryRows, SampleRow } from '../store/history-rows.ts';
import {
  CANDLES,
  type ChunkPlace,
  candlesChunk,
  isOver,
  readChunkName,
  samplesChunk,
} from './chunks.ts';
import type { DueChunks } from './due-chunks.ts';
import { hasCome } from './sound-row.ts';
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
   * What is not written, for whatever reason, stays due.
   * @param index what Redis has. A chunk there is replaced only when its digest is known, and while it lies there
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
  /** Names of those that were taken out of what is due, and do not lie in Redis yet. */
  const taken = new Set<string>();
  /** What Redis does not have like this; `null` when there is nothing to write. */
  const take = async (place: ChunkPlace, replaces: string | null) => {
    due.take(place);
    taken.add(place.name);
    const { chunk, isWhole } = chunkOf(rows, place, nowS());
    await breathe();
    // What is of a time to come by this clock can lie in the other too: it stays due until it has come, or is deleted.
    if (replaces !== null && !isWhole) return null;
    if (chunk !== null && chunk.digest !== replaces) return { ...chunk, replaces };
    taken.delete(place.name);
    return null;
  };
  const send = async (
    batch: readonly ReplacingChunk[],
    removed: readonly string[],
    known: Map<string, string>,
  ) => {
    if (signal.aborted || !isLeader()) return;
    const left = new Set(await steps.writeHistory(batch, removed, HISTORY_TTL_S));
    for (const { name, digest } of batch.filter((chunk) => !left.has(chunk.name))) {
      known.set(name, digest);
      taken.delete(name);
    }
  };

  return {
    async write(index, known) {
      try {
        // Also without a chunk: all of it is to live on.
        await send([], overIn(index, nowS()), known);
        // What others wrote is joined first, and whole; until then it stays due.
        const isFree = ({ name }: ChunkPlace) =>
          !index.has(name) || known.get(name) === index.get(name);
        const places = due.now().filter(isFree);
        let batch: ReplacingChunk[] = [];
        for (const place of places.slice(0, MAX_CHUNKS)) {
          if (signal.aborted) break;
          const chunk = await take(place, index.get(place.name) ?? null);
          if (chunk === null) continue;
          if (batch.length > 0 && bytesOf([...batch, chunk]) > MAX_STEP_BYTES) {
            await send(batch, [], known);
            batch = [];
          }
          batch.push(chunk);
        }
        if (batch.length > 0) await send(batch, [], known);
        return places.length <= MAX_CHUNKS;
      } finally {
        for (const name of taken) due.add(name);
        taken.clear();
      }
    },
  };
}

function chunkOf(rows: ChunkWriterDeps['rows'], place: ChunkPlace, nowS: number) {
  const isWhole = (all: readonly Pick<SampleRow, 'asOfS'>[]) =>
    all.every((one) => hasCome(one, nowS));
  if (place.series === CANDLES) {
    const candles = rows.candles(place);
    return { chunk: candlesChunk(place, candles, nowS), isWhole: isWhole(candles) };
  }
  const samples = rows.samples(place);
  return { chunk: samplesChunk(place, samples, nowS), isWhole: isWhole(samples) };
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

const bytesOf = (chunks: readonly ReplacingChunk[]): number =>
  chunks.reduce((sum, { json }) => sum + json.length, 0);
