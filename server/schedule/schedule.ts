/** When to ask: rounds at start and every interval, never two at once, each upstream within what it allows, stand-ins when they are needed. */

import type { ErrorCode, SourceId, SourceState } from '../../contract/index.ts';

/** The result of one call to one upstream; `R` is whatever a success brings. */
export type CallResult<R> =
  | { readonly ok: true; readonly readings: readonly R[]; readonly receivedAtMs: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly retryAtMs: number | null };

/** How often an upstream may be called; what is left out is not limited. */
export interface Limits {
  /** Shortest time from one round's calls of the upstream to the next, ms. */
  readonly minCallIntervalMs?: number;
  readonly perMinute?: number;
  /** Per day, in UTC. */
  readonly perDay?: number;
  /** Per calendar month, in UTC. */
  readonly perMonth?: number;
}

/** One call that a round makes: one route of one upstream. */
export interface RoundTask<R> {
  readonly upstream: SourceId;
  readonly route: string;
  /** Of the upstream as a whole: all its tasks have the same. */
  readonly limits?: Limits;
  /** For one that is asked at moments of its own, by `ask`: it is not wanted before the next of them, ms since 1970. */
  dueAtMs?(): number;
  /** Tasks of one chain stand in for each other; those before a task in the list come before it. */
  readonly chain?: string;
  /**
   * Asked by `ask` alone, for the past and not for what is shown: rounds leave it out and their rhythm makes no room for
   * it. How it does is nothing to say of its upstream, but that it is refused or told to wait.
   */
  readonly isBackground?: boolean;
  /**
   * Whether its answer is needed now. Asked when a round begins, and again whenever a task before it in its chain has
   * failed, may not be called, or has not answered for a while. Default: when there is none before it, or all have not.
   * @param betterFailed that no task before it in its chain has answered in this round, or is still expected to
   */
  isWanted?(betterFailed: boolean): boolean;
  /** Never rejects for an expected failure. */
  call(): Promise<CallResult<R>>;
}

/** How a round ended: `failed` = no call succeeded. `changed` and `unchanged` are the feed's to tell apart. */
export type RoundResult = 'answered' | 'failed';

/** What a source is doing after a round; becomes its entry in the document. */
export interface SourceReport {
  /** Of its worst route, of those that are wanted. */
  readonly state: SourceState;
  readonly lastSuccessAtMs: number | null;
  /** The first moment at which a wanted route will be asked, ms since 1970; `null` while none is wanted. */
  readonly nextAttemptAtMs: number | null;
  readonly error: { readonly code: ErrorCode; readonly atMs: number } | null;
}

/** Where a round's results go. */
export interface RoundListener<R> {
  /** A round begins; calls follow. */
  started(): void;
  /** An upstream answered. Called as soon as it did, so that a slow one delays nobody. */
  readings(readings: readonly R[]): void;
  /**
   * What every source is doing, once at the end of the round, before `ended`.
   * @param postponed when those are asked that this term has wanted to ask and not been allowed to yet, ms since 1970;
   *   `null` for those that it has not wanted to ask
   */
  reports(
    reports: ReadonlyMap<SourceId, SourceReport>,
    postponed: ReadonlyMap<SourceId, number | null>,
  ): void;
  /** @param hasCalled `false` when no upstream could be called: the result says nothing of them then */
  ended(result: RoundResult, hasCalled: boolean): void;
}

/**
 * Duties of a schedule:
 * - one round at `start()`, or as long after it as is asked for, then one every interval, counted on the monotonic clock; rounds never overlap;
 * - every wanted route but those in the background is called once per round: all at once, but for those that stand in for others; none of an
 *   upstream that may not be called now, and none that is under way already: its answer is waited for;
 * - `mayCall()` (the lease) is asked right before every call;
 * - after `close()` nothing is called and nothing reaches the listener.
 */
export interface Schedule<R> {
  start(): void;
  /** An extra round now; joins the one under way if there is one. Resolves when it has ended. */
  refresh(): Promise<RoundResult>;
  /**
   * Asks some of the schedule's tasks now, outside of rounds, by the same rules. The listener hears readings and, if
   * anything was called that there is something to say of, reports. Resolves when what was asked has been answered: `failed` also when nothing was.
   */
  ask(tasks: readonly RoundTask<R>[]): Promise<RoundResult>;
  /** How long until a task may be asked outside of rounds, as far as is known, ms; `Infinity`: only a round can tell. */
  freeInMs(task: RoundTask<R>): number;
  /** How far apart an upstream's rounds are for good, whole seconds: the interval, or longer where its limits are narrower. */
  intervalS(upstream: SourceId): number;
  close(): void;
}
