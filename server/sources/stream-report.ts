/** What a stream is doing, told when it changes. */

import type { SourceState } from '../../contract/index.ts';
import type { TimedFailure } from './stream-backoff.ts';

/** What a stream is doing. */
export interface StreamReport {
  readonly state: Extract<SourceState, 'ok' | 'failing' | 'blocked' | 'rate_limited'>;
  /** Why it is not `ok`; the first of those with one code in a row. */
  readonly error: TimedFailure | null;
}

/** Keeps what is known of a stream, and says it when it is news. */
export interface StreamReporter {
  /** A connection has brought its first price. */
  began(): void;
  /**
   * A connection has ended.
   * @param wasLatest whether there is none after it
   */
  ended(failure: TimedFailure, wasLatest: boolean): void;
  /** Says what is news. @param isServing whether any connection brings prices */
  update(isServing: boolean): void;
}

const SERVING: StreamReport = { state: 'ok', error: null };

/** @param say told on changes only, and nothing before the first price or the first failure */
export function createStreamReporter(say: (report: StreamReport) => void): StreamReporter {
  /** What is wrong while nothing brings prices; `null` when nothing is known to be. */
  let trouble: StreamReport | null = null;
  let told: StreamReport | null = null;
  return {
    began() {
      trouble = null;
    },
    ended(error, wasLatest) {
      // When an old connection ends, the failures of those that were to take its place say more.
      if (!wasLatest && trouble !== null) return;
      trouble = { state: stateOf(error), error };
    },
    update(isServing) {
      const report = isServing ? SERVING : trouble;
      if (report === null || (told !== null && isSame(report, told))) return;
      told = report;
      say(report);
    },
  };
}

/** A state follows from its error; the same refusal once more, half an hour later, is no news. */
const isSame = (a: StreamReport, b: StreamReport): boolean => a.error?.code === b.error?.code;

const stateOf = ({ code }: TimedFailure): StreamReport['state'] =>
  code === 'blocked' || code === 'rate_limited' ? code : 'failing';
