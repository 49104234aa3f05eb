/** The one caller of upstreams: deadline over the whole body, capped body, no redirects, typed failures. */

import type { ErrorCode, SourceId } from '../../contract/index.ts';

/** A GET request to an upstream; the base URL is the configuration's. */
export interface UpstreamRequest {
  /** Absolute path, e.g. `/api/v3/global`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A successful answer: status 200 and a body that is JSON. */
export interface UpstreamAnswer {
  /** The parsed body; nothing is known of its shape. */
  readonly body: unknown;
  /** Wall clock when the last byte had arrived, ms since 1970. */
  readonly receivedAtMs: number;
  /** The `Age` header in seconds, 0 without one. */
  readonly ageS: number;
}

/** Sends a request and checks everything about the answer but its shape. */
export interface Upstream {
  /** @throws UpstreamError for every failure, and for nothing else */
  get(source: SourceId, baseUrl: string, request: UpstreamRequest): Promise<UpstreamAnswer>;
}

/** An expected failure of an upstream. Carries no URL, no key and no text of the upstream's. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  constructor(
    readonly source: SourceId,
    readonly code: ErrorCode,
    /** Wall clock before which the upstream asked not to be called, ms since 1970; `null` when it named none. */
    readonly retryAtMs: number | null = null,
    /** HTTP status, for the log; `null` when there was no answer. */
    readonly status: number | null = null,
  ) {
    super(`${source}: ${code}`);
  }
}
