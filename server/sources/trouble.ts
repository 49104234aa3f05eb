/** What is wrong with somebody who is asked again and again: logged once, and once more when it is over. */

import type { Clock, ErrorCode } from '../../contract/index.ts';

/** What is needed of a log: fields first, as pino has it. */
export interface TroubleLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What is logged of a failure. */
export interface TroubleFields {
  readonly code: ErrorCode;
  readonly [field: string]: unknown;
}

/** The troubles of one stream or route. */
export interface Trouble {
  /** A warning the first time since all was well, for each code; the same again is for debugging. */
  failed(fields: TroubleFields, message: string): void;
  /**
   * All is well; not worth a word unless it was not.
   * @param message goes on with how long it took
   * @param sinceMs on the monotonic clock; now, where that is not known better
   */
  over(fields: object, message: string, sinceMs?: number): void;
}

/** Of nobody who has failed yet. */
export function createTrouble(clock: Clock, log: TroubleLog): Trouble {
  const said = new Set<ErrorCode>();
  let beganAtMs: number | null = null;
  return {
    failed(fields, message) {
      beganAtMs ??= clock.monotonic();
      log[said.has(fields.code) ? 'debug' : 'warn'](fields, message);
      said.add(fields.code);
    },
    over(fields, message, sinceMs = clock.monotonic()) {
      if (beganAtMs === null) return;
      const tookS = Math.round(Math.max(0, sinceMs - beganAtMs) / 1000);
      log.info(fields, `${message} again after ${tookS} s`);
      beganAtMs = null;
      said.clear();
    },
  };
}
