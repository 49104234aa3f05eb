/** So many in any span of time, and no more. */

import type { Clock } from '../../contract/index.ts';
import type { Rate } from './exchange.ts';

/** Lets through what is within the rate. */
export interface RateGate {
  /** Counts one; `false`: it is one too many. What is refused counts too, as with whoever punishes a storm. */
  pass(): boolean;
}

export function createRateGate({ count, perMs }: Rate, clock: Clock): RateGate {
  /** The newest `count` times, oldest first. */
  const times: number[] = [];
  return {
    pass() {
      const nowMs = clock.monotonic();
      times.push(nowMs);
      if (times.length <= count) return true;
      const oldest = times.shift() ?? nowMs;
      return nowMs - oldest >= perMs;
    },
  };
}
