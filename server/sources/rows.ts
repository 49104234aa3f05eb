/** The schema of a list in an upstream's answer, judged by its length before anything in it is read. */

import { array, custom, type GenericSchema, pipe } from 'valibot';

/**
 * A list of at least `min` and at most `max` items. The length comes first: an answer of a million items is refused
 * for the price of one look.
 */
export const rows = <T>(item: GenericSchema<unknown, T>, min: number, max: number) =>
  pipe(
    custom<unknown[]>(
      (value) => Array.isArray(value) && value.length >= min && value.length <= max,
    ),
    array(item),
  );
