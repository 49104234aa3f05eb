/** What was asked: every request to an upstream, newest last, and how often each route and each upstream was asked. */

import type { SourceId } from '../contract/index.ts';

/** One request. Nothing is hidden: the secrets that come here are the tests' own. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** Parameters as sent, `secret` too; of a repeated one the last. */
  readonly query: Readonly<Record<string, string>>;
  readonly user_agent: string | null;
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string;
}

/** The log as `GET /_sim/requests` gives it. */
export interface RequestLogView {
  /** Requests since the log was last emptied. */
  readonly total: number;
  /** By route; paths that no upstream has count as `unknown`. */
  readonly counts: Readonly<Record<string, number>>;
  /** By upstream. */
  readonly upstreams: { readonly [id in SourceId]?: number };
  /** The newest {@link MAX_LOGGED}, oldest first. */
  readonly requests: readonly LoggedRequest[];
}

/** Requests kept; the counters go on. */
export const MAX_LOGGED = 1000;

/** A route, and whose it is. */
export interface AskedRoute {
  readonly route: string;
  readonly upstream: SourceId;
}

/** Keeps what was asked. */
export interface RequestLog {
  /** @param asked `null` for a path that no upstream has */
  add(asked: AskedRoute | null, request: LoggedRequest): void;
  clear(): void;
  view(): RequestLogView;
}

export function createRequestLog(): RequestLog {
  let requests: LoggedRequest[] = [];
  let counts: Record<string, number> = {};
  let upstreams: { [id in SourceId]?: number } = {};
  let total = 0;
  return {
    add(asked, request) {
      const key = asked?.route ?? 'unknown';
      total += 1;
      if (asked) upstreams[asked.upstream] = (upstreams[asked.upstream] ?? 0) + 1;
      counts[key] = (counts[key] ?? 0) + 1;
      requests.push(request);
      if (requests.length > MAX_LOGGED) requests.shift();
    },
    clear() {
      requests = [];
      counts = {};
      upstreams = {};
      total = 0;
    },
    view: () => ({
      total,
      counts: { ...counts },
      upstreams: { ...upstreams },
      requests: [...requests],
    }),
  };
}
