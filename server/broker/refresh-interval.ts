/** At most one refresh per interval, counted in memory from the start of the last round. */

import type { Clock } from '../../contract/index.ts';
import type { RefreshClaim } from './broker.ts';

/** The interval between refreshes of a node that is on its own. */
export interface RefreshInterval {
  /** Grants once per interval; the grant itself begins one, so that a second claim before the round is not granted too. */
  claim(): RefreshClaim;
  /** A round starts: the interval counts from here. */
  start(): void;
}

/** @param lengthMs shortest time between two refresh rounds */
export function createRefreshInterval(clock: Clock, lengthMs: number): RefreshInterval {
  let beganAtMs = Number.NEGATIVE_INFINITY;
  const start = () => {
    beganAtMs = clock.monotonic();
  };
  return {
    claim() {
      const retryAfterMs = beganAtMs + lengthMs - clock.monotonic();
      if (retryAfterMs > 0) return { granted: false, retryAfterMs };
      start();
      return { granted: true };
    },
    start,
  };
}
