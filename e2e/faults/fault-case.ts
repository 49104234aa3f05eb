/** What a case of a fault is: something done to real processes, and what must hold then. */

/** One row. */
export interface FaultCase {
  /** Which of the things that must hold, and which part of it: `3.2`. No two cases share one. */
  readonly id: string;
  /** What is done, and what must hold then, with the limits. */
  readonly required: string;
  /** How long it may take altogether, clean-up apart; default {@link CASE_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** @throws when something could not be measured: the row then has no measured value, and fails */
  run(scope: FaultScope): Promise<Measured>;
}

/** What was found. */
export interface Measured {
  /** The values themselves, with units, also of a case that passes. */
  readonly measured: string;
  readonly pass: boolean;
}

/** What a case is given. */
export interface FaultScope {
  /** Whether this is the long run; the short one repeats less often. */
  readonly isFull: boolean;
  /** Has `action` called when the case is over, however it ends; the last one added is the first called. */
  cleanUp(action: CleanUp): void;
  /** Has what `text` says written down if the case does not hold, before anything is cleaned up. */
  explain(text: () => string): void;
}

/** Undoes something; a promise is waited for. */
export type CleanUp = () => unknown;

/** Most faults heal within a minute. */
export const CASE_TIMEOUT_MS = 120_000;
