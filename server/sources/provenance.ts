/** Where a polled reading comes from and how old it is: one rule for every route. */

import { maxValue, minValue, number, optional, pipe, transform, union } from 'valibot';
import { EARLIEST_MS, MAX_AHEAD_MS, type SourceId } from '../../contract/index.ts';
import { decimalText } from './figure.ts';
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

/** The last moment a `Date` can hold, ms since 1970; what lies beyond is no time. */
const LAST_MS = 8.64e15;

/** Unix seconds, with or without a fraction, as ms; nothing before {@link EARLIEST_MS}. */
export const unixSeconds = () =>
  pipe(
    number(),
    transform((seconds) => Math.floor(seconds * 1000)),
    minValue(EARLIEST_MS),
    maxValue(LAST_MS),
  );

/**
 * An upstream's own time as it sends it, in unix seconds, as a number or in digits: ms since 1970. It may be missing;
 * one that is there but cannot be read refuses the answer, for nobody knows how old its figures are.
 */
export const sentTime = () => optional(pipe(union([number(), decimalText()]), unixSeconds()));
