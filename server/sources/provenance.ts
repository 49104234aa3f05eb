/** Where a polled reading comes from and how old it is: one rule for every route. */

import type { SourceId } from '../../contract/index.ts';
import type { Reading, Receipt } from './source.ts';

/** How far an upstream's time may be ahead of receipt and still count, ms; more is a clock gone wrong. */
export const MAX_AHEAD_MS = 60_000;

/** The first block was mined on 3 January 2009; a smaller number is no time of a market figure. */
const FIRST_BLOCK_MS = Date.UTC(2009, 0, 3);

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
  const asOfMs = Math.min(eventTimeMs ?? receivedAtMs - ageS * 1000, receivedAtMs);
  return { source, connection: route, eventTimeMs, asOfMs, receivedAtMs, staleAfterS };
}

/** Unix seconds as ms; `null` for what is no whole number of seconds since the first block. */
export function unixSecondsToMs(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return null;
  const ms = value * 1000;
  return ms >= FIRST_BLOCK_MS ? ms : null;
}
