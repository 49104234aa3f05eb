/** What Redis does for the nodes: each step is one, whole or not at all. */

import type { Position } from '../../contract/index.ts';

/** A document as it lies in Redis. */
export interface StoredJson extends Position {
  readonly json: string;
}

/** What a node brings when it tries for the lease. */
export interface LeaseRequest {
  /** How long the lease lives without renewal, ms. */
  readonly ttlMs: number;
  /** This node's wall clock, ms since 1970, and no epoch is before it: at least the lowest there can be. */
  readonly nowMs: number;
  /** The highest epoch this node knows of. */
  readonly seenEpoch: number;
  /** Put on top of the highest epoch known to either side; at least 1. */
  readonly addition: number;
}

/** Answer to {@link RedisSteps.acquire}: the lease with its term, or how long another node's still lives. */
export type AcquireAnswer =
  | { readonly taken: true; readonly epoch: number; readonly stored: StoredJson | null }
  | { readonly taken: false; readonly remainingMs: number };

/** What lies under the document's key, and the position that is stored with it: `(0, 0)` where none is. */
export interface KeyForm extends Position {
  /** Redis' own word: `string`, `none`, … */
  readonly type: string;
  /** Length of a string, else 0. */
  readonly bytes: number;
}

/** The document's key and the term's, read together. */
export interface KeyContent {
  /** The highest epoch given out or raised; 0 when there is none. */
  readonly term: number;
  /** `null` when none is stored. Whether it can be read is for the reader to see. */
  readonly stored: StoredJson | null;
}

/**
 * Duties of the steps:
 * - each is answered within {@link STEP_TIMEOUT_MS} or rejects;
 * - one that rejected may still be executed later, so each is safe to come late.
 */
export interface RedisSteps {
  /**
   * Takes the lease if it is free or already this node's, and begins a term.
   * @param late hears the answer when it comes after the deadline; must not throw
   * @throws NoAnswerError when it may have taken the lease, or may yet
   */
  acquire(request: LeaseRequest, late?: (answer: AcquireAnswer) => void): Promise<AcquireAnswer>;
  /** Renews the lease; answers what lies under the document's key. */
  renew(epoch: number, ttlMs: number): Promise<KeyForm | 'not_leader'>;
  /** Gives the lease up, if it is this node's and the term is still `epoch`, and publishes `message`. */
  release(epoch: number, message: string): Promise<void>;
  /** Stores a version and publishes `message`. */
  save(version: StoredJson, message: string): Promise<'ok' | 'not_leader' | 'behind'>;
  /** Writes the document at its position again. @returns whether that position is the stored one */
  touch(version: StoredJson): Promise<boolean>;
  /** Lifts the term to a position this node holds; stores its document where none is. */
  raise(version: StoredJson): Promise<void>;
  read(): Promise<KeyContent>;
  /**
   * @param claim names this claim: one whose answer was lost is made again under the same name
   * @returns 0 when granted, else the ms that remain of the interval
   */
  claimRefresh(intervalMs: number, claim: string): Promise<number>;
  /** A round starts: the interval between refreshes counts from here. */
  startRefreshInterval(intervalMs: number): Promise<void>;
  publish(message: string): Promise<void>;
  /** How many nodes are subscribed to the channel. */
  countNodes(): Promise<number>;
}

/** The day and the month that calls are counted in, in UTC. */
export interface CountedPeriod {
  /** `2026-11-23` */
  readonly day: string;
  /** `2026-11` */
  readonly month: string;
}

/** What all nodes know of an upstream. */
export interface BudgetNote {
  /** How much longer nobody is to call it, ms; 0 = not at all. */
  readonly pauseMs: number;
  /** Calls of the day that was asked for. */
  readonly today: number;
  /** Calls of the month that was asked for. */
  readonly thisMonth: number;
  /** Calls of the minute before the last one. */
  readonly lastMinute: number;
  /** How much longer they are noted, ms: a minute from the last one. */
  readonly lastMinuteForMs: number;
}

/** What a node adds to it. */
export interface BudgetAddition {
  readonly upstream: string;
  /** As above; a pause that is noted already is never shortened. */
  readonly pauseMs: number;
  readonly calls: number;
  /** Calls of the last minute, these and those that were noted before included. */
  readonly lastMinute: number;
}

/** What upstreams allow the nodes together; the duties are those of {@link RedisSteps}. */
export interface BudgetSteps {
  /** @returns one note for each upstream, in their order */
  readBudgets(upstreams: readonly string[], period: CountedPeriod): Promise<readonly BudgetNote[]>;
  /** @param maxPauseMs a noted pause that is longer was not written by a node, and is replaced */
  writeBudgets(
    additions: readonly BudgetAddition[],
    period: CountedPeriod,
    maxPauseMs: number,
  ): Promise<void>;
}

/** What of the history is written and read at once. */
export interface HistoryChunk {
  /** Says of what, and from when on, it has the rows. */
  readonly name: string;
  /** Changes with the content. */
  readonly digest: string;
  readonly json: string;
}

/** A chunk, and which one it takes the place of. */
export interface ReplacingChunk extends HistoryChunk {
  /** Digest of the chunk of that name that the writer has all rows of; `null` = it knows of none. */
  readonly replaces: string | null;
}

/** The leader's copy of the history; the duties are those of {@link RedisSteps}. */
export interface HistorySteps {
  /** The chunks there are, with their digests; none when Redis is empty, or has lost some. */
  readHistoryIndex(): Promise<ReadonlyMap<string, string>>;
  /** @returns `null` where it is no more, or longer than {@link MAX_CHUNK_BYTES} */
  readHistoryChunk(name: string): Promise<string | null>;
  /**
   * Writes chunks and their digests, removes others, and lets all of it live for `ttlS` from now. What nodes did not leave
   * so is replaced.
   * @param removed names of chunks that are over
   * @returns the names of those that were not written: where another chunk lies than the one that is to be replaced, or one
   *   is longer than {@link MAX_CHUNK_BYTES}
   */
  writeHistory(
    chunks: readonly ReplacingChunk[],
    removed: readonly string[],
    ttlS: number,
  ): Promise<readonly string[]>;
}

/** Longest chunk that is written or read, bytes: several times what one is. */
export const MAX_CHUNK_BYTES = 256_000;

/** Most chunks there are: several times those of fifty coins. More were not written by nodes, and count as none. */
export const MAX_HISTORY_CHUNKS = 10_000;

/** A step was sent and not answered in time: it may have been executed, or may be later. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Deadline of every step, ms: a frozen Redis must not hold the leader past a third of its lease. */
export const STEP_TIMEOUT_MS = 1500;

/** Longest document that is read, bytes: hundreds of times what one is. */
export const MAX_DOCUMENT_BYTES = 1_000_000;

/** Whether Redis answers, and can be written to. */
export interface RedisPresence {
  /**
   * When a step that writes was last answered without an error, ms on the monotonic clock; at first, when the link was
   * made. One that only reads is answered by a full Redis and by a replica too.
   */
  answeredAtMs(): number;
  /** Called when Redis goes away and when it is back. @returns a function that ends it */
  onAway(listener: (isAway: boolean) => void): () => void;
  /** Called when a connection stands: a good moment to try again. @returns a function that ends it */
  onConnected(listener: () => void): () => void;
}

/** The channel on which the nodes hear each other, kept alive by whoever implements it. */
export interface RedisChannel {
  /**
   * @param listener hears every message, and `null` whenever the subscription was just made or found deaf: messages
   *   may have been missed, so the key is to be read
   * @returns a function that ends it
   */
  subscribe(listener: (message: string | null) => void): () => void;
  close(): Promise<void>;
}
