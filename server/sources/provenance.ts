/** Where a polled reading comes from and how old it is: one rule for every route. */

import { EARLIEST_MS, MAX_AHEAD_MS, type SourceId } from '../../contract/index.ts';
import type { Reading, Receipt } from './source.ts';

/** What every reading says of itself. */
export type Provenance = Pick<
  Reading,
  'source' | 'connection' | 'eventTimeMs' | 'asOfMs' | 'receivedAtMs' | 'staleAfterS'
>;

/**
 * @param route the polled route; within it readings are ordered by their event time
 * @param upstreamMs the upstream's own time of the value, ms since 1970; `null` when it sent none
 * @param staleAfterS seconds
 */
export function provenance(
  source: SourceId,
  route: string,
  upstreamMs: number | null,
  { receivedAtMs, ageS }: Receipt,
  staleAfterS: number,
): Provenance {
  const counts = upstreamMs !== null && upstreamMs <= receivedAtMs + MAX_AHEAD_MS;
  const eventTimeMs = counts ? upstreamMs : null;
  // An `Age` of decades says no more than that the answer is old.
  const bySentAge = Math.max(receivedAtMs - ageS * 1000, EARLIEST_MS);
  const asOfMs = Math.min(eventTimeMs ?? bySentAge, receivedAtMs);
  return { source, connection: route, eventTimeMs, asOfMs, receivedAtMs, staleAfterS };
}

/** Unix seconds as ms; `null` for what is no whole number of seconds since {@link EARLIEST_MS}. */
export function unixSecondsToMs(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return null;
  const ms = value * 1000;
  return ms >= EARLIEST_MS ? ms : null;
}
