/** Notices that Redis has been silent for long. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { RedisPresence } from '../redis/steps.ts';

/** A watch over the silence. */
export interface Silence {
  /** Counts from now, towards a length drawn anew. */
  begin(): void;
  end(): void;
}

/** Silence of Redis after which a node goes on alone, ms. */
export const SOLO_AFTER_MS = 30_000;
/** Added at random, so that not all nodes ask the upstreams at the same moment. */
export const SOLO_SPREAD_MS = 15_000;
/** Between two looks. */
const LOOK_EVERY_MS = 1000;

/**
 * Silence is counted in looks, so that a process that stood still blames nobody for it.
 * @param random in [0, 1)
 * @param tooLong called once for each `begin()`
 */
export function createSilence(
  presence: Pick<RedisPresence, 'answeredAtMs'>,
  clock: Clock,
  random: () => number,
  tooLong: () => void,
): Silence {
  let timer: Timer | null = null;
  let silentMs = 0;
  let lookedAtMs = 0;
  let enoughMs = 0;

  const look = () => {
    const nowMs = clock.monotonic();
    const hasAnswered = presence.answeredAtMs() >= lookedAtMs;
    silentMs = hasAnswered ? 0 : silentMs + Math.min(nowMs - lookedAtMs, 2 * LOOK_EVERY_MS);
    lookedAtMs = nowMs;
    if (silentMs >= enoughMs) tooLong();
    else timer = clock.after(LOOK_EVERY_MS, look);
  };
  return {
    begin() {
      timer?.cancel();
      silentMs = 0;
      lookedAtMs = clock.monotonic();
      enoughMs = SOLO_AFTER_MS + random() * SOLO_SPREAD_MS;
      timer = clock.after(LOOK_EVERY_MS, look);
    },
    end: () => timer?.cancel(),
  };
}
