/** Reads every recording in a folder, answers and frames of streams. What is neither is skipped with a word. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isObject, type Recording } from './recording.ts';
import { type RecordedFrame, readFrames } from './streams/recorded-frame.ts';

/** Bounds of what is read: far above any folder of recordings, far below what would make a machine swap. */
const MAX_FILES = 5000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_EXCHANGES = 1000;
const MAX_FRAMES = 200_000;

/** An answer in a file, and frames in lines. */
const ENDINGS = ['.json', '.jsonl'] as const;

/** What a folder holds. */
export interface FolderContent {
  readonly recordings: readonly Recording[];
  /** In the order of the files' names. */
  readonly frames: readonly RecordedFrame[];
  /** One line for each file that was left out. */
  readonly skipped: readonly string[];
}

/** @throws what reading the folder throws, e.g. `ENOENT` */
export function readFolder(folder: string): FolderContent {
  const recordings: Recording[] = [];
  const frames: RecordedFrame[] = [];
  const skipped: string[] = [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ENDINGS.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length > MAX_FILES) skipped.push(`files after the first ${MAX_FILES}`);
  for (const path of files.slice(0, MAX_FILES)) {
    const name = relative(folder, path);
    const problem = path.endsWith('.jsonl')
      ? put(readFrames(path, name), frames)
      : put(readRecordings(path, name), recordings);
    if (problem !== null) skipped.push(problem);
  }
  if (frames.length > MAX_FRAMES) skipped.push(`frames after the first ${MAX_FRAMES}`);
  return { recordings, frames: frames.slice(0, MAX_FRAMES), skipped };
}

/** @returns the line that came in the place of what was to be put */
function put<T>(read: readonly T[] | string, into: T[]): string | null {
  if (typeof read === 'string') return read;
  for (const found of read) into.push(found);
  return null;
}

/**
 * The recordings of one file: the body itself, or every successful exchange of a list.
 * @param name what the file is called in what is printed
 * @returns one line instead when it cannot be read
 */
export function readRecordings(path: string, name: string): readonly Recording[] | string {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return `${name}: larger than 16 MiB`;
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    const body: unknown = JSON.parse(text);
    if (isExchangeList(body)) return exchanges(body, name);
    return [{ file: name, item: null, text, body, headers: {}, request: null }];
  } catch (error) {
    return `${name}: ${error instanceof SyntaxError ? 'not JSON' : 'cannot be read'}`;
  }
}

/** One request with its answer, as recorders write them. */
interface Exchange {
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const isExchange = (item: unknown): item is Exchange =>
  isObject(item) &&
  typeof item.request === 'string' &&
  typeof item.status === 'number' &&
  isObject(item.headers) &&
  typeof item.body === 'string';

const isExchangeList = (body: unknown): body is readonly Exchange[] =>
  Array.isArray(body) && body.length > 0 && body.every(isExchange);

function exchanges(list: readonly Exchange[], file: string): readonly Recording[] {
  return list.slice(0, MAX_EXCHANGES).flatMap((exchange, item) => {
    const body = exchange.status === 200 ? parse(exchange.body) : undefined;
    if (body === undefined) return [];
    const headers = Object.entries(exchange.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
    );
    return [
      {
        file,
        item,
        text: exchange.body,
        body,
        headers: Object.fromEntries(headers),
        request: URL.canParse(exchange.request) ? new URL(exchange.request) : null,
      },
    ];
  });
}

/** An error page among the exchanges is not a recording. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
