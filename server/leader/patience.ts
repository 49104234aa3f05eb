/** How a pursuit of the lease lets others go first, and how soon it may try at the earliest. */

import type { Clock } from '../../contract/index.ts';

/** Followers try at the lease's end, spread over this, so that most find it taken by the first. */
const FOLLOW_SPREAD_MS = 200;
/** Who stands back leaves a free lease to others for so long. */
const STAND_BACK_MS = 2000;

/** The patience of one pursuit. */
export interface Patience {
  /** No try within `forMs` from now. */
  space(forMs: number): void;
  /** Others go first for `forMs`. */
  standBack(forMs: number): void;
  /**
   * A try was not answered. It may have taken the lease, and another one would prolong what nobody uses: no try until
   * that lease is over and the others have had their turn, and whatever is learned before then, they go first.
   */
  doubt(ttlMs: number): void;
  /** It is known again who has the lease. */
  endDoubt(): void;
  /** The lease is this node's: nobody else wanted it. */
  endAll(): void;
  /** From when the lease is free to a try at it, ms. @param unlessMs when others need not go first */
  afterFreeMs(unlessMs?: number): number;
  /** The wait for a try that is wanted in `delayMs`. */
  atLeast(delayMs: number): number;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** @param random in [0, 1) */
export function createPatience(clock: Pick<Clock, 'monotonic'>, random: () => number): Patience {
  let notBeforeMs = NEVER;
  let inDoubtUntilMs = NEVER;
  let standingBackUntilMs = NEVER;
  return {
    space(forMs) {
      notBeforeMs = clock.monotonic() + forMs;
    },
    standBack(forMs) {
      standingBackUntilMs = clock.monotonic() + forMs;
    },
    doubt(ttlMs) {
      inDoubtUntilMs = clock.monotonic() + ttlMs + FOLLOW_SPREAD_MS;
      standingBackUntilMs = Math.max(standingBackUntilMs, inDoubtUntilMs);
    },
    endDoubt() {
      inDoubtUntilMs = NEVER;
    },
    endAll() {
      inDoubtUntilMs = NEVER;
      standingBackUntilMs = NEVER;
    },
    afterFreeMs: (unlessMs = random() * FOLLOW_SPREAD_MS) =>
      clock.monotonic() < standingBackUntilMs ? STAND_BACK_MS : unlessMs,
    atLeast: (delayMs) =>
      Math.max(delayMs, Math.max(notBeforeMs, inDoubtUntilMs) - clock.monotonic()),
  };
}
