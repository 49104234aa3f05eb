/** What a recording is: one answer that an upstream once gave, and what a route needs to know to serve it again. */

/** An answer found in a file. */
export interface Recording {
  /** Path relative to the folder. */
  readonly file: string;
  /** Place in a list of exchanges, from 0; `null` when the file is the body itself. */
  readonly item: number | null;
  /** The body as it is written, so that its digits can be sent as they are. */
  readonly text: string;
  /** The body, parsed. */
  readonly body: unknown;
  /** Recorded headers, names in lower case; empty for a bare body. */
  readonly headers: Readonly<Record<string, string>>;
  /** What was asked, where that was recorded. */
  readonly request: URL | null;
}

/** What a route makes of a recording that answers it. */
export interface Recognised {
  /** The time inside the body, ms since 1970; `null` when it has none. */
  readonly timeMs: number | null;
  /** `false`: parts of the body are missing. Served only when it is asked for by name. */
  readonly isComplete: boolean;
  /** Less than what the server asks for: served only where nothing longer was recorded. */
  readonly isShort?: boolean;
}

/** How a recording is served. */
export interface Serving {
  readonly query: URLSearchParams;
  /** Wall clock, ms since 1970. */
  readonly nowMs: number;
  /** `false`: times are moved so that the recording looks as if it had just been made. */
  readonly asRecorded: boolean;
  /** What else was recorded and belongs to the same series; see {@link RecordedRoute.adds}. */
  readonly added: readonly Recording[];
}

/** A route that can be replayed: one plain object in one file. */
export interface RecordedRoute {
  readonly path: string;
  /** What tells it apart from others with the same path, where there are any. */
  readonly name?: string;
  /** The variable that points the server at this upstream. */
  readonly variable: string;
  /** A secret without which the server does not ask, as `NAME=value`. */
  readonly secret?: string;
  /** What the answer is about: a request that names something else for one of these parameters gets 404. */
  readonly about?: Readonly<Record<string, string>>;
  /** `null`: not an answer to what the server asks of this route. */
  recognise(recording: Recording): Recognised | null;
  /** Whether a recording that is not the one served adds to a series of which that is a part. */
  adds?(recording: Recording): boolean;
  /** The body. Figures keep their digits; only times change. */
  body(recording: Recording, serving: Serving): string;
}

/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is a JSON object. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
