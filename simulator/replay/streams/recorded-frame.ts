/** A recorded frame, and the files that hold them: one JSON object a line, with the frame's own text in `raw`. */

import { readFileSync, statSync } from 'node:fs';
import { isObject, type Recording } from '../recording.ts';

/** One frame as it was on the wire. */
export interface RecordedFrame {
  /** Path relative to the folder. */
  readonly file: string;
  readonly text: string;
  /** ms since 1970; `null` when that was not recorded. */
  readonly receivedAtMs: number | null;
}

/** Bounds of what is read: an hour of an exchange, far below what would make a machine swap. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_LINES = 50_000;

/**
 * The frames of a file of lines.
 * @param name what the file is called in what is printed
 * @returns one line instead when there are none
 */
export function readFrames(path: string, name: string): readonly RecordedFrame[] | string {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return `${name}: larger than 16 MiB`;
    const lines = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split('\n', MAX_LINES);
    const frames = lines.flatMap((line) => readLine(line, name) ?? []);
    return frames.length > 0 ? frames : `${name}: no line holds a frame`;
  } catch {
    return `${name}: cannot be read`;
  }
}

function readLine(line: string, file: string): RecordedFrame | null {
  const told = parseOrNull(line);
  if (!isObject(told) || typeof told.raw !== 'string') return null;
  const { raw, received_at_s } = told;
  const receivedAtMs = typeof received_at_s === 'number' ? received_at_s * 1000 : null;
  return { file, text: raw, receivedAtMs };
}

/** A body that is a frame: some record each in a file of its own. */
export const frameOf = ({ file, text }: Recording): RecordedFrame => ({
  file,
  text,
  receivedAtMs: null,
});

/** The JSON of a text; `null` when it is none. */
export function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
