/** What the server says of itself and of the time. Pure. */

import type { HelloFrame } from '../contract/frames.ts';
import type { Snapshot } from './snapshot.ts';

/** Between polls until `hello` says otherwise; seconds. */
export const DEFAULT_POLL_INTERVAL_S = 30;

/** Least and most seconds between polls: below it would be a flood, above it the page would look dead. */
export const POLL_INTERVAL_MIN_S = 1;
/** See {@link POLL_INTERVAL_MIN_S}. */
export const POLL_INTERVAL_MAX_S = 600;

/** A `Date` header is exact to the second and a round trip late: a smaller difference does not move the clock. */
export const DATE_TOLERANCE_MS = 2_000;

/**
 * The parts of the snapshot that `hello` sets. A time that cannot be read leaves the clock as it is.
 * @param nowMs the local wall clock when the frame came, ms since 1970
 */
export function readHello(hello: HelloFrame, nowMs: number): Partial<Snapshot> {
  const clockOffsetMs = Date.parse(hello.server_time) - nowMs;
  return {
    appVersion: hello.app_version,
    degraded: hello.degraded,
    ...(Number.isFinite(clockOffsetMs) && { clockOffsetMs }),
  };
}

/** Seconds between polls that `hello` asks for, brought within the limits; the default when that is no number. */
export const readPollIntervalS = (hello: HelloFrame): number =>
  Math.min(POLL_INTERVAL_MAX_S, Math.max(POLL_INTERVAL_MIN_S, hello.poll_interval_s)) ||
  DEFAULT_POLL_INTERVAL_S;

/**
 * The clock by the `Date` of an answer: taken only where it says something new, because it is coarser than `hello`.
 * @param serverTimeMs `NaN` when the answer has none
 * @param heldOffsetMs `null` when the server's time is not known yet
 */
export function readDate(
  serverTimeMs: number,
  heldOffsetMs: number | null,
  nowMs: number,
): Partial<Snapshot> {
  const clockOffsetMs = serverTimeMs - nowMs;
  const isNews =
    heldOffsetMs === null
      ? Number.isFinite(clockOffsetMs)
      : Math.abs(clockOffsetMs - heldOffsetMs) > DATE_TOLERANCE_MS;
  return isNews ? { clockOffsetMs } : {};
}
