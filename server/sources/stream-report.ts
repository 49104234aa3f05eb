/** What a stream is doing, told when it changes. */

import type { Clock, ErrorCode, SourceState } from '../../contract/index.ts';

/** What a stream is doing. */
export interface StreamReport {
  readonly state: Extract<SourceState, 'ok' | 'failing' | 'blocked' | 'rate_limited'>;
  /** Why it is not `ok`. */
  readonly error: ErrorCode | null;
  /** Wall clock of the next attempt, ms since 1970, where that was a minute away or more; earlier ones come and go. */
  readonly nextAttemptAtMs: number | null;
}

/** Keeps what is known of a stream, and says it when it is news. */
export interface StreamReporter {
  /** A connection has brought its first price. */
  began(): void;
  /**
   * A connection has ended.
   * @param waitMs until the next attempt, which this end was the reason for; `null` when others failed before it
   */
  ended(code: ErrorCode, waitMs: number | null): void;
  /** Says what is news. @param isServing whether any connection brings prices */
  update(isServing: boolean): void;
}

/** A shorter wait is not worth telling the time of, ms. */
const TOLD_WAIT_MS = 60_000;

const SERVING: StreamReport = { state: 'ok', error: null, nextAttemptAtMs: null };

/** @param say told on changes only, and nothing before the first price or the first failure */
export function createStreamReporter(
  clock: Clock,
  say: (report: StreamReport) => void,
): StreamReporter {
  /** What is wrong while nothing brings prices; `null` when nothing is known to be. */
  let trouble: StreamReport | null = null;
  let told: StreamReport | null = null;
  return {
    began() {
      trouble = null;
    },
    ended(code, waitMs) {
      // When an old connection ends, the failures of those that were to take its place say more.
      if (waitMs === null && trouble !== null) return;
      const isFar = waitMs !== null && waitMs >= TOLD_WAIT_MS;
      trouble = {
        state: code === 'blocked' || code === 'rate_limited' ? code : 'failing',
        error: code,
        nextAttemptAtMs: isFar ? clock.now() + waitMs : null,
      };
    },
    update(isServing) {
      const report = isServing ? SERVING : trouble;
      if (report === null || (told !== null && isSame(report, told))) return;
      told = report;
      say(report);
    },
  };
}

const isSame = (a: StreamReport, b: StreamReport): boolean =>
  a.state === b.state && a.error === b.error && a.nextAttemptAtMs === b.nextAttemptAtMs;
