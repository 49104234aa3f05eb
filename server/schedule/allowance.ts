/** What the limits of an upstream leave of calls, by what the ledger has counted. */

import type { Clock, SourceId } from '../../contract/index.ts';
import type { Ledger } from './ledger.ts';
import { callsLeftThisMinute, callsThisMinuteFromMs } from './minute-window.ts';
import { callsFromMs, callsLeft } from './plan.ts';
import type { Limits } from './schedule.ts';

/** Of one upstream. */
export interface Allowance {
  /** How many calls may be made now; may be `Infinity`, or below 0. */
  calls(): number;
  /** From when on one may be made, on the monotonic clock. */
  fromMs(): number;
}

/** @see Allowance */
export function createAllowance(
  clock: Clock,
  ledger: Pick<Ledger, 'calls' | 'lastMinute'>,
  upstream: SourceId,
  limits: Limits,
): Allowance {
  const { perMinute = Infinity } = limits;
  return {
    calls: () =>
      Math.min(
        callsLeftThisMinute(perMinute, ledger.lastMinute(upstream), clock.monotonic()),
        callsLeft(limits, ledger.calls(upstream), clock.now()),
      ),
    fromMs() {
      const now = clock.now();
      const waitMs = callsFromMs(limits, ledger.calls(upstream), now) - now;
      return Math.max(
        callsThisMinuteFromMs(perMinute, ledger.lastMinute(upstream), clock.monotonic()),
        clock.monotonic() + waitMs,
      );
    },
  };
}
