/** Schemas for the numbers in an upstream's answer: in range, or missing; never a guess. */

import {
  check,
  fallback,
  finite,
  type GenericSchema,
  nullable,
  number,
  pipe,
  regex,
  string,
  transform,
} from 'valibot';
import { isAccepted, type NumberKind } from '../../contract/index.ts';

/** A decimal number as exchanges write it: no spaces, no separators, no exponent, no sign but a minus, no `0x`. */
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** A number (never a text) in the range of its kind. The answer is worth nothing without it. */
export const figure = (kind: NumberKind) =>
  pipe(
    number(),
    check((value) => isAccepted(kind, value)),
  );

/** The answer stands without this: missing, mistyped or out of range reads as `null`. */
export const orNull = <T>(schema: GenericSchema<unknown, T>) => fallback(nullable(schema), null);

/** As {@link figure}, but the answer stands without it. */
export const figureOrNull = (kind: NumberKind) => orNull(figure(kind));

/** A text that is a decimal number, where the upstream's contract says text. `Number` alone would read `""` as 0. */
export const decimalText = () => pipe(string(), regex(DECIMAL), transform(Number), finite());
