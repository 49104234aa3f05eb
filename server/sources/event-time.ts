/** Schemas for the time of an event in a stream: ms since 1970, never before there was a market. */

import { isoTimestamp, minValue, number, pipe, safeInteger, string, transform } from 'valibot';
import { EARLIEST_MS } from '../../contract/index.ts';

/** Unix time in ms, as a whole number. */
export const epochMs = () => pipe(number(), safeInteger(), minValue(EARLIEST_MS));

/** ISO 8601 with a zone and up to nine decimals; what is smaller than a millisecond is cut off. */
export const isoTime = () =>
  pipe(
    string(),
    isoTimestamp(),
    transform((text) => Date.parse(text)),
    safeInteger(),
    minValue(EARLIEST_MS),
  );
