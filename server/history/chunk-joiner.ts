/** Reads what other nodes wrote of the history, and joins it with this node's rows. */

import type { Clock } from '../../contract/index.ts';
import type { HistorySteps } from '../redis/steps.ts';
import type { HistoryRows } from '../store/history-rows.ts';
import { type ChunkPlace, type ChunkRows, isOver, readChunk, readChunkName } from './chunks.ts';

/** What one sync reads at most; the next one goes on. */
const MAX_CHUNKS = 500;
/** As above: some seconds on a slow line. */
const MAX_BYTES = 4_000_000;
/** Rows that are kept in one go: some milliseconds in which no request is answered. */
const ROWS_AT_ONCE = 400;

/** What a joiner is made of. */
export interface ChunkJoinerDeps {
  readonly steps: Pick<HistorySteps, 'readHistoryChunk'>;
  readonly rows: Pick<HistoryRows, 'keepSamples' | 'keepCandles'>;
  readonly clock: Pick<Clock, 'now'>;
  /** What is read: chunks of other series are left alone. */
  readonly series: ReadonlySet<string>;
  readonly log: { warn(fields: object, message: string): void };
  /** Lets others have their turn. */
  readonly breathe: () => Promise<void>;
  /** Once aborted, no row is kept any more. */
  readonly signal: AbortSignal;
}

/** What became of the chunks in an index. */
export interface Joined {
  /** Those that were known, and are named no more. */
  readonly lost: readonly string[];
  /** Those that were read. */
  readonly names: readonly string[];
  /** Those that are named but not there. */
  readonly missing: readonly string[];
  /** `false`: some are left for the next time. */
  readonly isDone: boolean;
}

/** Joins chunks. */
export interface ChunkJoiner {
  /**
   * Digests by name of the chunks whose rows this node has all of, and of those that cannot be read at all: these may be
   * replaced. Whoever writes one says so here.
   */
  readonly known: Map<string, string>;
  /** @throws as the steps do */
  join(index: ReadonlyMap<string, string>): Promise<Joined>;
}

/** @see ChunkJoiner */
export function createChunkJoiner(deps: ChunkJoinerDeps): ChunkJoiner {
  const { steps, rows, clock, series, log, breathe, signal } = deps;
  const known = new Map<string, string>();
  /** Digests by name of those of which rows were left out. */
  const partly = new Map<string, string>();
  /** Those of them with rows of a time to come: read again until it has. */
  const ahead = new Set<string>();

  const isNews = ({ name }: ChunkPlace, digest: string) =>
    known.get(name) !== digest && (partly.get(name) !== digest || ahead.has(name));
  const drop = (name: string) => {
    known.delete(name);
    partly.delete(name);
    ahead.delete(name);
  };
  const keep = async (chunk: ChunkRows) => {
    for (let from = 0; from < chunk.rows.length; from += ROWS_AT_ONCE) {
      if (signal.aborted) return;
      const to = from + ROWS_AT_ONCE;
      if (chunk.kind === 'samples') rows.keepSamples(chunk.rows.slice(from, to), chunk.keeps);
      else rows.keepCandles(chunk.rows.slice(from, to));
      await breathe();
    }
  };
  /** @returns whether it could be read */
  const take = async (place: ChunkPlace, digest: string, json: string): Promise<boolean> => {
    const chunk = readChunk(place, json, clock.now() / 1000);
    await breathe();
    if (chunk !== null) await keep(chunk);
    drop(place.name);
    const isPart = chunk !== null && !chunk.isWhole;
    (isPart ? partly : known).set(place.name, digest);
    if (chunk?.isAhead) ahead.add(place.name);
    return chunk !== null;
  };
  const forget = (index: ReadonlyMap<string, string>): readonly string[] => {
    const lost = [...known.keys(), ...partly.keys()].filter((name) => !index.has(name));
    for (const name of lost) drop(name);
    return lost;
  };

  return {
    known,
    async join(index) {
      const lost = forget(index);
      const news = [...index].flatMap(([name, digest]) => {
        const place = readChunkName(name);
        const isOurs = place !== null && series.has(place.series) && isNews(place, digest);
        return isOurs && !isOver(place, clock.now() / 1000) ? [{ place, digest }] : [];
      });
      // Those that reach furthest first: a few of days and hours are most of what charts draw.
      news.sort((a, b) => b.place.toS - a.place.toS);
      const [names, missing, unreadable]: [string[], string[], string[]] = [[], [], []];
      let bytes = 0;
      for (const { place, digest } of news.slice(0, MAX_CHUNKS)) {
        if (bytes >= MAX_BYTES || signal.aborted) break;
        const json = await steps.readHistoryChunk(place.name);
        names.push(place.name);
        if (json === null) missing.push(place.name);
        else {
          bytes += json.length;
          if (!(await take(place, digest, json))) unreadable.push(place.name);
        }
      }
      if (unreadable.length > 0) {
        const fields = { chunks: unreadable.length, first: unreadable[0] };
        log.warn(fields, 'chunks of the history in Redis cannot be read, and are left out');
      }
      return { lost, names, missing, isDone: names.length === news.length };
    },
  };
}
