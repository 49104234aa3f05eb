/** The history in chunks: what of it the leader writes to Redis, and the others read, at once. Pure. */

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { EARLIEST_MS, EXCHANGES, SOURCE_IDS, type SourceId } from '../../contract/index.ts';
import type { HistoryChunk } from '../redis/steps.ts';
import type { CandleRow, Keeps, SampleRow } from '../store/history-rows.ts';
import { ruleOf } from './series.ts';
import { hasCome, whyNoCandle, whyNoSample } from './sound-row.ts';
import { bucketOf, DAY_S, FIVE_MINUTES_S, MINUTE_S, TIERS } from './tiers.ts';

/** Stands for BTC's candles, of all exchanges, where else a series does. */
export const CANDLES = 'candles';

/** What of the history a chunk has: of one series and interval, from `fromS` on and before `toS`. */
export interface ChunkPlace {
  /** `<series>:<intervalS>:<fromS>` */
  readonly name: string;
  /** A series that is kept, or {@link CANDLES}. */
  readonly series: string;
  readonly intervalS: number;
  readonly fromS: number;
  readonly toS: number;
}

/** What a chunk held. */
export type ChunkRows = (
  | { readonly kind: 'samples'; readonly keeps: Keeps; readonly rows: readonly SampleRow[] }
  | { readonly kind: 'candles'; readonly rows: readonly CandleRow[] }
) & {
  /** `false`: rows were left out; whoever wrote the chunk anew would take them from everybody. */
  readonly isWhole: boolean;
  /** Some of those are of a time to come, and may be read when it has. */
  readonly isAhead: boolean;
};

/**
 * How much time is in one chunk, by interval, seconds. At most 400 rows of a series: small enough that a row more a minute
 * may write all of it anew, and so many that years are a few dozen chunks.
 */
const SPAN_S: ReadonlyMap<number, number> = new Map([
  [MINUTE_S, DAY_S / 4],
  [FIVE_MINUTES_S, DAY_S],
  [3600, 15 * DAY_S],
  [DAY_S, 400 * DAY_S],
]);

/** The chunk that a moment's row is in; `null` for an interval that is none of the tiers'. */
export function chunkAt(series: string, intervalS: number, timeS: number): ChunkPlace | null {
  const spanS = SPAN_S.get(intervalS);
  if (spanS === undefined) return null;
  const fromS = bucketOf(timeS, spanS);
  const name = `${series}:${intervalS}:${fromS}`;
  return { name, series, intervalS, fromS, toS: fromS + spanS };
}

const NAME = /^(.{1,20}):(\d{1,5}):(\d{1,12})$/;

/** What a name says; `null` when no chunk of this version has it. */
export function readChunkName(name: string): ChunkPlace | null {
  const [, series = '', intervalS = '', fromS = ''] = NAME.exec(name) ?? [];
  if (series !== CANDLES && !isKept(series, Number(intervalS))) return null;
  const place = chunkAt(series, Number(intervalS), Number(fromS));
  return place?.name === name ? place : null;
}

const isKept = (series: string, intervalS: number): boolean => {
  const rule = ruleOf(series);
  return rule !== null && intervalS >= rule.finestS;
};

/** Whether all rows of a chunk are over by a moment, seconds since 1970. */
export function isOver({ intervalS, toS }: ChunkPlace, nowS: number): boolean {
  const keepS = TIERS.find((tier) => tier.intervalS === intervalS)?.keepS ?? null;
  return keepS !== null && toS <= nowS - keepS;
}

/** Every chunk of a series that is not over, up to the one that is being filled. */
export function chunksOf(series: string, nowS: number): readonly ChunkPlace[] {
  return TIERS.filter(({ intervalS }) => series === CANDLES || isKept(series, intervalS)).flatMap(
    ({ intervalS, keepS }) => {
      const places: ChunkPlace[] = [];
      const firstS = Math.max(EARLIEST_MS / 1000, nowS - (keepS ?? nowS));
      let place = chunkAt(series, intervalS, firstS);
      while (place !== null && place.fromS <= nowS) {
        places.push(place);
        place = chunkAt(series, intervalS, place.toS);
      }
      return places;
    },
  );
}

/** Names the format; a later one that this version cannot read has another number. */
const VERSION = 1;

/**
 * @param rows of that place, oldest first; the same rows are the same chunk on every node
 * @param nowS seconds since 1970: rows of a time to come are left out
 * @returns `null` when there are none
 */
export const samplesChunk = (place: ChunkPlace, rows: readonly SampleRow[], nowS: number) =>
  chunk(place, rows, nowS, ({ value }) => [value]);

/** As {@link samplesChunk}. */
export const candlesChunk = (place: ChunkPlace, rows: readonly CandleRow[], nowS: number) =>
  chunk(place, rows, nowS, ({ open, high, low, close, volume }) => [
    ...[open, high, low, close, volume],
  ]);

/** A row is: intervals since the chunk's beginning, its numbers, the source's place in a list, seconds to its own time. */
function chunk<T extends SampleRow | CandleRow>(
  { name, fromS, intervalS }: ChunkPlace,
  all: readonly T[],
  nowS: number,
  numbersOf: (row: T) => readonly number[],
): HistoryChunk | null {
  const rows = all.filter((one) => hasCome(one, nowS));
  if (rows.length === 0) return null;
  const sources = [...new Set(rows.map(({ source }) => source))];
  const indexOf = new Map(sources.map((source, index) => [source, index]));
  const json = JSON.stringify({
    version: VERSION,
    sources,
    rows: rows.map((row) => [
      (row.time - fromS) / intervalS,
      ...numbersOf(row),
      indexOf.get(row.source),
      row.asOfS - row.time,
    ]),
  });
  return { name, json, digest: createHash('sha256').update(json).digest('base64url').slice(0, 16) };
}

/** Longest list of sources that is looked at: several times those there are. */
const MAX_SOURCES = 50;

/** A list is measured before its items are looked at. */
const list = <T>(item: v.GenericSchema<unknown, T>, max: number) =>
  v.pipe(v.array(v.unknown()), v.maxLength(max), v.array(item));
const row = (length: number) => v.pipe(v.array(v.number()), v.length(length));
const body = (numbers: number, maxRows: number) =>
  v.object({
    version: v.literal(VERSION),
    sources: list(v.string(), MAX_SOURCES),
    rows: list(row(numbers + 3), maxRows),
  });

/**
 * Reads what a node wrote, checking every row: another program can have written it too.
 * @param nowS seconds since 1970
 * @returns `null` when it cannot be read. Rows of a time to come, and of sources that this version does not know, are left
 * out.
 */
export function readChunk(place: ChunkPlace, json: string, nowS: number): ChunkRows | null {
  const { series } = place;
  const maxRows = (place.toS - place.fromS) / place.intervalS;
  if (series === CANDLES) {
    const read = readBody(json, body(5, EXCHANGES.length * maxRows));
    const rows = read && rowsOf(read, place, EXCHANGES, candleOf);
    return read && rows && { kind: 'candles', ...taken(rows, read, nowS) };
  }
  const rule = ruleOf(series);
  if (rule === null) return null;
  const read = readBody(json, body(1, maxRows));
  const rows = read && rowsOf(read, place, SOURCE_IDS, sampleOf);
  return read && rows && { kind: 'samples', keeps: rule.keeps, ...taken(rows, read, nowS) };
}

type Body = v.InferOutput<ReturnType<typeof body>>;

function readBody(json: string, schema: ReturnType<typeof body>): Body | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(json), { abortEarly: true });
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

type Placed = Pick<SampleRow, 'series' | 'intervalS' | 'time' | 'source' | 'asOfS'>;

/** @returns `null` when one is wrong: columns may have changed places, and nobody knows in which of the others too */
function rowsOf<T>(
  { sources, rows }: Body,
  { series, fromS, toS, intervalS }: ChunkPlace,
  known: readonly SourceId[],
  read: (numbers: readonly number[], placed: Placed) => T | null,
): readonly T[] | null {
  const sourceAt = sources.map((name) => known.find((id) => id === name) ?? null);
  const all: T[] = [];
  for (const one of rows) {
    const [index = -1, sourceIndex = -1, aheadS = -1] = [one[0], one.at(-2), one.at(-1)];
    const source = sourceAt[sourceIndex];
    const time = fromS + index * intervalS;
    if (source === undefined || time < fromS || time >= toS) return null;
    // Whose it is says nothing of the numbers: an exchange stands for one that is not known.
    const placed = {
      series,
      intervalS,
      time,
      source: source ?? EXCHANGES[0],
      asOfS: time + aheadS,
    };
    const row = read(one.slice(1, -2), placed);
    if (row === null) return null;
    if (source !== null) all.push(row);
  }
  return all;
}

function sampleOf([value = Number.NaN]: readonly number[], placed: Placed): SampleRow | null {
  const row = { ...placed, value };
  return whyNoSample(row) === null ? row : null;
}

function candleOf(numbers: readonly number[], { series: _, ...placed }: Placed): CandleRow | null {
  const [open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN, volume = -1] =
    numbers;
  const row = { ...placed, open, high, low, close, volume };
  return whyNoCandle(row) === null ? row : null;
}

function taken<T extends Pick<SampleRow, 'asOfS'>>(known: readonly T[], read: Body, nowS: number) {
  const rows = known.filter((one) => hasCome(one, nowS));
  return {
    rows,
    isWhole: rows.length === read.rows.length,
    isAhead: rows.length < known.length,
  };
}
