/** Recordings of a test's own. */

import type { RecordedRoute, Recording } from './recording.ts';

/** A recording of `text`, as if it had been read from a file. */
export const recording = (text: string, rest: Partial<Recording> = {}): Recording => ({
  file: 'recording.json',
  item: null,
  text,
  body: JSON.parse(text),
  headers: {},
  request: null,
  ...rest,
});

/** What a route sends for a recording at a moment. */
export const served = (
  route: RecordedRoute,
  from: Recording,
  nowMs: number,
  { query = '', asRecorded = false, added = [] as readonly Recording[] } = {},
): string => route.body(from, { query: new URLSearchParams(query), nowMs, asRecorded, added });
