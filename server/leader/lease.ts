/** Who may fetch and publish: one node at a time. */

import { type DashboardDocument, MIN_EPOCH, type Position } from '../../contract/index.ts';

/** A document with its position. */
export interface PositionedDocument extends Position {
  readonly document: DashboardDocument;
}

/** What happens to a lease. */
export type LeaseEvent =
  /**
   * It is ours: a term begins with this epoch; `stored` is what was stored at that moment. `nodes` share what the
   * upstreams allow: 1 for who asks them on behalf of all, else as many as are believed to ask for themselves.
   */
  | {
      readonly type: 'gained';
      readonly epoch: number;
      readonly stored: PositionedDocument | null;
      readonly nodes: number;
    }
  /** It is no longer ours: no call and no save from now on. */
  | { readonly type: 'lost' };

/**
 * Duties of a lease:
 * - `isHeld()` answers synchronously and never says yes after the lease may have run out;
 * - `gained` and `lost` alternate, beginning with `gained`; each `gained` has an epoch above every one before;
 * - `lost` is told before anybody else can have been told `gained`.
 */
export interface Lease {
  /** Asked right before every upstream call and every save. */
  isHeld(): boolean;
  /** Begins to try for it. */
  start(): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: LeaseEvent) => void): () => void;
  /** Begins a new term with the same lease: a save was answered `not_leader`, or somebody else writes in this term. */
  renewTerm(): void;
  /**
   * Gives it up for others to have: this node asks in vain where another may be answered. It is taken back when nobody
   * has taken it two seconds later.
   * @param forMs how long others go first
   */
  standBack(forMs: number): void;
  /** Gives it up, if held, so that another node need not wait, and stops trying. */
  close(): Promise<void>;
}

/** Highest random addition to an epoch, so that two terms begun in one millisecond differ. */
export const EPOCH_JITTER = 65_535;

/**
 * The epoch of a new term: above everything stored or seen, and not below the clock, nor below the lowest epoch that
 * other nodes believe, whatever the clock says.
 * @param seen the highest epoch this node knows of
 * @param random in [0, 1)
 */
export const nextEpoch = (seen: number, nowMs: number, random: number): number =>
  Math.max(seen, nowMs, MIN_EPOCH) + 1 + Math.floor(random * (EPOCH_JITTER + 1));
