/** Keeps the newest document and tells every node; what each broker owes the rest of the server. */

import type { DashboardDocument, Degraded, Patch, Position } from '../../contract/index.ts';

/** A version of the document, as the leader publishes it. */
export interface NewVersion extends Position {
  /** From `seq − 1`; `null` with a term's first version and after an unanswered save. */
  readonly patch: Patch | null;
  readonly document: DashboardDocument;
  /** `true`: sockets get the whole document even where they could take the patch. */
  readonly whole: boolean;
}

/** A version as every node holds it. */
export interface Version extends NewVersion {
  /** The document's JSON, the leader's bytes on every node. */
  readonly json: string;
}

/** Answer to a save: `ok` stored · `not_leader` the lease is not ours · `behind` a newer one is stored. */
export type PublishAnswer = 'ok' | 'not_leader' | 'behind';

/** How a round ended, as waiters are told: with a new figure, without, or with no source answering. */
export type RoundOutcome = 'changed' | 'unchanged' | 'failed';

/** Answer to a claim: whoever is granted rings for a round, whoever is not waits `retryAfterMs`. */
export type RefreshClaim =
  | { readonly granted: true }
  | { readonly granted: false; readonly retryAfterMs: number };

/** What a node hears. */
export type BrokerEvent =
  /** A newer document is held. `consecutive`: it follows the last one held without a gap, its patch applies. */
  | { readonly type: 'version'; readonly version: Version; readonly consecutive: boolean }
  /** The leader lives, holds this position and counts this many nodes. */
  | { readonly type: 'heartbeat'; readonly position: Position; readonly nodes: number }
  /** A leader stood down; the lease can be had. */
  | { readonly type: 'lease_free' }
  /** Somebody was granted a refresh; the leader runs a round. */
  | { readonly type: 'refresh_wanted' }
  /** What is stored is not what was saved last; the leader saves the document anew. */
  | { readonly type: 'save_wanted' }
  /** A round ended with the document at this position. */
  | { readonly type: 'round_ended'; readonly position: Position; readonly outcome: RoundOutcome }
  /** This node's own conditions changed (`redis_away`, `solo`, `store_in_memory`). */
  | { readonly type: 'conditions'; readonly conditions: readonly Degraded[] };

/**
 * Duties of a broker:
 * - `held()` answers from memory, at once, always: requests are never made to wait or to fail by what is behind it;
 * - listeners hear every newer version exactly once, in order of position; one that is not newer is dropped;
 * - a listener added in the same synchronous block as a `held()` misses nothing in between;
 * - the publisher hears its own versions the same way as every other node;
 * - a listener that throws stops neither the others nor the broker;
 * - `publish`, `heartbeat`, `wantRefresh` and `endRound` are the leader's or a waiter's words to all nodes.
 */
export interface Broker {
  /** The newest version held; at position `(0, 0)` with every figure `null` before any. */
  held(): Version;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: BrokerEvent) => void): () => void;
  /**
   * Stores a version and tells every node.
   * @throws when it is not known whether the version was stored; its `seq` must not be used again
   */
  publish(version: NewVersion): Promise<PublishAnswer>;
  /** The leader's sign of life, with the position it holds. */
  heartbeat(position: Position): Promise<void>;
  /** Asks for the right to ring for a round: one per `REFRESH_MIN_INTERVAL_SECONDS` among all nodes. */
  claimRefresh(): Promise<RefreshClaim>;
  /** Rings for a round; follows a granted claim. */
  wantRefresh(): Promise<void>;
  /** The leader says that a round starts: the interval between refreshes counts from here. */
  roundStarted(): Promise<void>;
  /** The leader says that a round ended; told again for some seconds where it may be lost, for others wait for it. */
  endRound(position: Position, outcome: RoundOutcome): Promise<void>;
  /** What keeps this node from its best, `figures_stale` excepted (that is judged by whoever shows figures). */
  conditions(): readonly Degraded[];
  /** Ends every subscription; nothing is delivered afterwards. */
  close(): Promise<void>;
}
