/** Faults of streams on demand: what goes wrong with every connection to an exchange until it is taken away. */

import * as v from 'valibot';
import { ABNORMAL } from './exchange.ts';

/** Slowest frame: longer than any watchdog. */
const MAX_DELAY_MS = 120_000;
/** Furthest that an exchange's clock is off: ten years either way. */
const MAX_SKEW_MS = 10 * 366 * 86_400_000;
/** Coins that an exchange takes off its list. */
const MAX_UNLISTED = 100;
/** Frames that are put on a connection at once. */
const MAX_INJECTED = 1000;

const whole = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** Codes that a closing handshake may carry, and 1006 for none. */
export const CloseCodeSchema = v.pipe(
  v.number(),
  v.integer(),
  v.check(
    (code) =>
      (code >= 1000 && code <= 1014 && ![1004, 1005].includes(code)) ||
      (code >= 3000 && code <= 4999),
    'is no close code',
  ),
);

/** What may be wrong with an exchange's streams. Unknown keys are refused, so that a typing error is not a fault that never shows. */
export const StreamFaultsSchema = v.strictObject({
  /** Connections open and are pinged, and nothing else is ever heard on them, nor on those that are open. */
  silent: v.optional(v.boolean()),
  /** No protocol pings, and nobody is cut for missing pongs. */
  noPings: v.optional(v.boolean()),
  /** Every connection is closed so long after it opened, to the second. */
  cutEveryMs: v.optional(whole(1000, 86_400_000)),
  /** With what it is closed then; 1006, the default, = without a closing handshake. */
  cutCode: v.optional(CloseCodeSchema),
  /** Handshakes are refused with this status. */
  refuse: v.optional(v.picklist([403, 404, 429, 451, 500, 503])),
  /** `Retry-After` of such a refusal, seconds. */
  retryAfterS: v.optional(whole(0, 86_400)),
  /** Handshakes are never answered. */
  frozen: v.optional(v.boolean()),
  /** Of every two prices of a coin the later one comes first. */
  outOfOrder: v.optional(v.boolean()),
  /** Every price comes twice. */
  repeat: v.optional(v.boolean()),
  /** The exchange's clock is so far ahead, or behind. */
  skewMs: v.optional(whole(-MAX_SKEW_MS, MAX_SKEW_MS)),
  /** Everything comes so much later than its time says. */
  delayMs: v.optional(whole(0, MAX_DELAY_MS)),
  /** Only the first half of every frame comes. */
  malformed: v.optional(v.boolean()),
  /** Symbols that the exchange does not list. */
  unlisted: v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_UNLISTED))),
});

/** See {@link StreamFaultsSchema}. */
export type StreamFaults = v.InferOutput<typeof StreamFaultsSchema>;

/** What happens once, now, to every connection that is open. */
export const StreamActionSchema = v.variant('do', [
  /** Closed, without a closing handshake unless there is a code. */
  v.strictObject({ do: v.literal('cut'), code: v.optional(CloseCodeSchema, ABNORMAL) }),
  /** Told that the exchange goes down, where it tells, and closed a second later. */
  v.strictObject({ do: v.literal('shutdown') }),
  /** These frames, as they are, whatever else is wrong: texts, or bytes as base64. */
  v.strictObject({
    do: v.literal('inject'),
    frames: v.pipe(
      v.array(v.union([v.string(), v.strictObject({ base64: v.pipe(v.string(), v.base64()) })])),
      v.maxLength(MAX_INJECTED),
    ),
  }),
]);

/** See {@link StreamActionSchema}. */
export type StreamAction = v.InferInput<typeof StreamActionSchema>;
