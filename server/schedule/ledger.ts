/** What is remembered of upstreams beyond a term: pauses they asked for, and how often they were called. */

import type { SourceId } from '../../contract/index.ts';
import type { BudgetId } from '../store/store.ts';
import type { CallsAt } from './minute-window.ts';

/**
 * Longest pause that is kept or passed on, ms: as long as an upstream's own `Retry-After` is believed. What is longer was
 * not written by a node, and would silence an upstream for good.
 */
export const MAX_PAUSE_MS = 3 * 24 * 3_600_000;

/** One route of one upstream. */
export interface BudgetedRoute {
  readonly upstream: SourceId;
  readonly route: string;
}

/** Calls that are about to be made. */
export interface Spending {
  readonly upstream: SourceId;
  /** How many at once; 0 for one that is left out. */
  readonly calls: number;
  /** Shortest time the upstream allows from these calls to the next, ms; 0 when it names none. */
  readonly minCallIntervalMs: number;
}

/** Calls of one upstream, in UTC. */
export interface CallCount {
  readonly today: number;
  readonly thisMonth: number;
}

/**
 * Duties of a ledger, one for all terms of a process:
 * - it never throws, and only `catchUp` takes time;
 * - a pause, {@link MAX_PAUSE_MS} at most, is never shortened, whoever asks for it and whatever the wall clock does;
 * - what a node has learned itself counts on, also when it is alone or nobody else can be asked.
 */
export interface Ledger {
  /** Takes over what other nodes have left word of. Before a term's first round; resolves within a step's deadline. */
  catchUp(upstreams: readonly BudgetId[]): Promise<void>;
  /** From when on a route may be called, ms on the monotonic clock. */
  allowedAtMs(task: BudgetedRoute): number;
  /** Takes note of calls right before they are made: a leader that ends in the middle leaves word of them. */
  spend(spendings: readonly Spending[]): void;
  /** The upstream asked to be left alone: by every node. */
  pause(upstream: BudgetId, forMs: number): void;
  /** How much longer it is to be left alone as a whole, ms. */
  pauseMs(upstream: BudgetId): number;
  /** A route refuses this node (its address, its region): others may be answered, so they are not told. */
  refused(task: BudgetedRoute, forMs: number): void;
  /** Of all nodes, as far as this one knows. */
  calls(upstream: BudgetId): CallCount;
  /**
   * Calls of the last minute, oldest first: of this process, and of those before it as far as it knows, which count as
   * made together when the last of them was.
   */
  lastMinute(upstream: BudgetId): readonly CallsAt[];
}
