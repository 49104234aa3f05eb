/** How many calls a limit per minute leaves, whatever minute is looked at. Pure. */

/** Calls that were made together. */
export interface CallsAt {
  /** On the monotonic clock. */
  readonly atMs: number;
  readonly calls: number;
}

/** A minute, ms. */
export const MINUTE_MS = 60_000;

/** How many calls those are. */
export const sumOf = (made: readonly CallsAt[]): number =>
  made.reduce((sum, { calls }) => sum + calls, 0);

/** @param made oldest first; what is a minute old or older counts no more */
export function callsLeftThisMinute(
  perMinute: number,
  made: readonly CallsAt[],
  nowMs: number,
): number {
  const recent = made.filter(({ atMs }) => nowMs - atMs < MINUTE_MS);
  return perMinute - sumOf(recent);
}

/** When the next call may be made, on the monotonic clock: `nowMs` itself, or later. */
export function callsThisMinuteFromMs(
  perMinute: number,
  made: readonly CallsAt[],
  nowMs: number,
): number {
  const moments = [nowMs, ...made.map(({ atMs }) => atMs + MINUTE_MS)];
  const free = moments.find((ms) => ms >= nowMs && callsLeftThisMinute(perMinute, made, ms) > 0);
  return free ?? nowMs + MINUTE_MS;
}
