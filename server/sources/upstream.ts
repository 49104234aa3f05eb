/** The one caller of upstreams: deadline over the whole body, capped body, no redirects, typed failures. */

import type { Clock, ErrorCode, SourceId } from '../../contract/index.ts';
import { readCapped } from './capped-body.ts';
import { retryAtMs } from './retry-after.ts';

/** A GET request to an upstream; the base URL is the configuration's. */
export interface UpstreamRequest {
  /** Absolute path, e.g. `/api/v3/global`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Decoded bytes of the longest answer that makes sense, where that is less than the caller's own cap. */
  readonly maxBodyBytes?: number;
  /**
   * What a JSON body means that is an error whatever its status says; `null` for a body that is none. Asked for
   * status 200 and for a status that says too little by itself (400, 402, 404, 422 …). Never throws.
   */
  readonly refusal?: (body: unknown) => ErrorCode | null;
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

/** Largest decoded body that is read: ten times the longest answer in use (2 500 daily candles, 0.5 MB). */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** `Age` counts as at most this many seconds (RFC 9111 §1.2.2), so that a time stays a time. */
const MAX_AGE_S = 2 ** 31;

/** "Payment required": what was free of charge is used up for this month, or the key is not paid for. */
const QUOTA_USED_UP = 402;

/** Wait after that, ms, where no time is named: rare enough for a month, often enough to see the next one begin. */
export const USED_UP_PAUSE_MS = 3_600_000;

/** What the caller of upstreams needs. */
export interface UpstreamOptions {
  /** The platform's `fetch`, or a stand-in. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  /** Says who is asking; several upstreams refuse an empty one. */
  readonly userAgent: string;
  /** For the whole call, from the first byte sent to the last byte of the body, ms. */
  readonly timeoutMs: number;
  /** Decoded bytes of any answer; {@link MAX_BODY_BYTES} by default. */
  readonly maxBodyBytes?: number;
}

/** What an HTTP status other than 200 means; also used for status numbers inside an upstream's error bodies. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403 || status === 451) return 'blocked';
  if (status === QUOTA_USED_UP || status === 418 || status === 429) return 'rate_limited';
  if (status === 408 || (status >= 500 && status <= 599)) return 'unavailable';
  return 'bad_response';
}

/** Makes the caller. Keeps nothing between calls. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { clock, timeoutMs } = options;
  return {
    async get(source, baseUrl, request) {
      const abort = new AbortController();
      const deadline = Promise.withResolvers<never>();
      const timer = clock.after(timeoutMs, () => {
        deadline.reject(new UpstreamError(source, 'timeout'));
        abort.abort();
      });
      try {
        const exchange = exchangeOnce(options, source, baseUrl, request, abort.signal);
        return await Promise.race([exchange, deadline.promise]);
      } finally {
        timer.cancel();
        // Frees the connection of an answer whose body was not wanted.
        abort.abort();
      }
    },
  };
}

async function exchangeOnce(
  { fetch, clock, userAgent, maxBodyBytes = MAX_BODY_BYTES }: UpstreamOptions,
  source: SourceId,
  baseUrl: string,
  request: UpstreamRequest,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const response = await orUnavailable(source, null, () =>
    fetch(urlOf(baseUrl, request), {
      // A redirect could lead the key in a header or in the query to another host.
      redirect: 'manual',
      // On a connection that is kept open a reset before the answer makes Bun send the request again by itself.
      keepalive: false,
      signal,
      headers: { ...request.headers, accept: 'application/json', 'user-agent': userAgent },
    }),
  );
  const { status, headers } = response;
  const fail = (code: ErrorCode): UpstreamError => {
    const namesATime = code === 'rate_limited' || status === 503;
    const named = namesATime ? retryAtMs(headers, clock.now()) : null;
    const isUsedUp = code === 'rate_limited' && status === QUOTA_USED_UP;
    return new UpstreamError(
      source,
      code,
      named ?? (isUsedUp ? clock.now() + USED_UP_PAUSE_MS : null),
      status,
    );
  };

  const code = status === 200 ? null : codeOfStatus(status);
  const saysTooLittle = code === 'bad_response' || status === QUOTA_USED_UP;
  if (code !== null && !(saysTooLittle && request.refusal)) throw fail(code);
  const maxBytes = Math.min(maxBodyBytes, request.maxBodyBytes ?? maxBodyBytes);
  const text = await orUnavailable(source, status, () => readCapped(response, maxBytes));
  const receivedAtMs = clock.now();
  if (text === null) throw fail(code ?? 'too_large');
  const parsed = parseJson(text);
  if (parsed === null) throw fail(code ?? 'bad_response');
  const refused = request.refusal?.(parsed.body) ?? code;
  if (refused !== null) throw fail(refused);
  return { body: parsed.body, receivedAtMs, ageS: ageS(headers) };
}

/** Runs a step of the exchange; whatever the network throws (its text may hold the URL) becomes `unavailable`. */
async function orUnavailable<T>(
  source: SourceId,
  status: number | null,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch {
    throw new UpstreamError(source, 'unavailable', null, status);
  }
}

function urlOf(baseUrl: string, { path, query }: UpstreamRequest): string {
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  return url.href;
}

function parseJson(text: string): { readonly body: unknown } | null {
  try {
    return { body: JSON.parse(text) };
  } catch {
    return null;
  }
}

function ageS(headers: Headers): number {
  const text = headers.get('age');
  return text !== null && /^\d+$/.test(text) ? Math.min(Number(text), MAX_AGE_S) : 0;
}
