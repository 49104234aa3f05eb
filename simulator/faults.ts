/** Faults on demand: what a route does instead of answering well, and how often. */

import * as v from 'valibot';

/** Slowest answer: longer than any deadline of the server, short enough for a forgotten one to end. */
const MAX_DELAY_MS = 120_000;
/** Largest body: far above any cap, and sent as a stream. */
const MAX_HUGE_BYTES = 1_073_741_824;
const MAX_HEADERS = 20;
const MAX_TIMES = 1_000_000;

const whole = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const headerName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/), v.toLowerCase());
const headerValue = v.pipe(v.string(), v.regex(/^[\t\x20-\x7e]{0,1000}$/));

/** Keys that say what the body is; at most one of them. */
const BODY_KEYS = [
  'body',
  'malformed',
  'html',
  'hugeBytes',
  'gzipBombBytes',
  'redirectTo',
  'reset',
] as const;

/** What may go wrong with a route. Unknown keys are refused, so that a typing error is not a fault that never shows. */
export const FaultSchema = v.pipe(
  v.strictObject({
    /** Instead of the route's own status. */
    status: v.optional(whole(200, 599)),
    /** Added to the route's own headers, or in their place. */
    headers: v.optional(
      v.pipe(
        v.record(headerName, headerValue),
        v.check((headers) => Object.keys(headers).length <= MAX_HEADERS, 'too many headers'),
      ),
    ),
    /** Instead of the route's own body: text as it is, anything else as JSON. */
    body: v.optional(v.unknown()),
    /** Milliseconds before the first byte. */
    delayMs: v.optional(whole(0, MAX_DELAY_MS)),
    /** The headers at once, the body at this rate. */
    dripBytesPerS: v.optional(whole(1, MAX_HUGE_BYTES)),
    /** `Location` of a redirect, 302 unless `status` says otherwise. */
    redirectTo: v.optional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,2000}$/))),
    /** A valid JSON body of exactly this many bytes, without `Content-Length`. */
    hugeBytes: v.optional(whole(16, MAX_HUGE_BYTES)),
    /** The same, sent as gzip: small on the wire, this large when inflated. */
    gzipBombBytes: v.optional(whole(16, MAX_HUGE_BYTES)),
    /** The first half of the route's own body, sent as if it were whole. */
    malformed: v.optional(v.literal(true)),
    /** A challenge page in HTML. */
    html: v.optional(v.literal(true)),
    /** The connection is reset instead of an answer. */
    reset: v.optional(v.literal(true)),
    /** The connection is closed after this many bytes of the body. */
    cutAfterBytes: v.optional(whole(0, MAX_HUGE_BYTES)),
    /** For so many requests; without it until it is taken away. */
    times: v.optional(whole(1, MAX_TIMES)),
  }),
  v.check(
    (fault) => BODY_KEYS.filter((key) => fault[key] !== undefined).length <= 1,
    `at most one of ${BODY_KEYS.join(', ')}`,
  ),
  v.check(
    (fault) => Object.keys(fault).some((key) => key !== 'times'),
    'a fault has to do something',
  ),
);

/** See {@link FaultSchema}. */
export type Fault = v.InferOutput<typeof FaultSchema>;

/** The faults of a process, by route. */
export interface Faults {
  /** `null` takes a route's fault away. */
  set(changes: Readonly<Record<string, Fault | null>>): void;
  clear(): void;
  /** The fault of a request that has just come in, counted. `null`: answer well. */
  take(route: string): Fault | null;
  /** What is set, with the `times` that are left. */
  all(): Readonly<Record<string, Fault>>;
}

export function createFaults(): Faults {
  const faults = new Map<string, Fault>();
  return {
    set(changes) {
      for (const [route, fault] of Object.entries(changes)) {
        if (fault) faults.set(route, fault);
        else faults.delete(route);
      }
    },
    clear: () => faults.clear(),
    take(route) {
      const fault = faults.get(route);
      if (!fault) return null;
      if (fault.times === 1) faults.delete(route);
      else if (fault.times) faults.set(route, { ...fault, times: fault.times - 1 });
      return fault;
    },
    all: () => Object.fromEntries(faults),
  };
}
