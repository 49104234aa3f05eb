/** Gives versions their position and saves them one at a time; what changes meanwhile is conflated. */

import {
  type Clock,
  type DashboardDocument,
  NO_POSITION,
  type Patch,
  type Position,
  type Timer,
} from '../../contract/index.ts';
import { diff } from './diff.ts';

/** What is saved: structurally the broker's new version. */
export interface Save extends Position {
  readonly patch: Patch | null;
  readonly document: DashboardDocument;
  readonly whole: boolean;
}

/** What a publisher is made of. */
export interface PublisherDeps {
  readonly clock: Clock;
  /**
   * Stores a version and tells every node.
   * @throws when it is not known whether it was stored
   */
  readonly save: (version: Save) => Promise<'ok' | 'not_leader' | 'behind'>;
  /** The lease is not ours any more; nothing is saved from now on. */
  readonly onNotLeader: () => void;
  readonly log: {
    debug(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** One term's publisher. */
export interface Publisher {
  /** The newest version; replaces one that was offered and not yet sent. */
  offer(document: DashboardDocument, whole: boolean): void;
  /** Saves the last version anew, whole, under the next position: what is stored is not what was saved. */
  repeat(): void;
  /** Resolves with the position at which everything offered so far is stored, or with the last one after `close`. */
  settled(): Promise<Position>;
  /** The highest `seq` that was given to a version, sent or being sent; 0 before the first. */
  lastSeq(): number;
  close(): void;
}

/** Pause before saving anew after a save whose answer is unknown: Redis may be refusing at once. Doubled each time. */
const RETRY_BASE_MS = 250;
/** Longest: figures are to move soon after Redis is well, and a lease that is not renewed ends the term in seconds. */
const RETRY_CAP_MS = 2000;

/** @param epoch the term's; `seq` starts at 1 with the first offer */
export function createPublisher(deps: PublisherDeps, epoch: number): Publisher {
  const { clock, save, onNotLeader, log } = deps;
  let seq = 0;
  /** The version every node is known to hold; `null` before the first and after an unanswered save. */
  let stored: DashboardDocument | null = null;
  let storedPosition: Position = NO_POSITION;
  let pending: { document: DashboardDocument; whole: boolean } | null = null;
  let isSaving = false;
  let isClosed = false;
  const waiters = createWaiters();
  const retries = createRetries(clock, () => void sendPending());

  const sendPending = async () => {
    if (isSaving || isClosed || retries.isPlanned() || pending === null) return;
    const { document, whole } = pending;
    const patch = stored === null ? null : diff(stored, document);
    pending = null;
    if (stored !== null && patch === null && !whole) return waiters.settle(storedPosition);
    isSaving = true;
    seq += 1;
    const position = { epoch, seq };
    const answer = await attempt({ ...position, document, patch: stored && (patch ?? {}), whole });
    isSaving = false;
    if (isClosed) return;
    if (answer === 'not_leader') return stop(onNotLeader);
    if (answer === 'ok') {
      stored = document;
      storedPosition = position;
    }
    if (answer !== 'unknown') {
      retries.reset();
      // `behind` only ever answers a save that came too late: what is stored is newer.
      if (pending === null) waiters.settle(storedPosition);
      return void sendPending();
    }
    // The seq is spent, and what the nodes hold is not known: the next version goes out whole, without waiting for a change.
    stored = null;
    pending ??= { document, whole: true };
    retries.plan();
  };

  const attempt = async (version: Save) => {
    try {
      return await save({ ...version, whole: version.whole || version.patch === null });
    } catch (err) {
      // Said once for an outage: the tries go on every two seconds.
      const level = retries.areUnderWay() ? 'debug' : 'warn';
      if (!isClosed) log[level]({ err, epoch, seq }, 'a save was not answered; saving anew');
      return 'unknown' as const;
    }
  };

  const stop = (then: () => void) => {
    isClosed = true;
    pending = null;
    retries.cancel();
    waiters.settle(storedPosition);
    then();
  };

  return {
    offer(document, whole) {
      if (isClosed) return;
      pending = { document, whole: whole || (pending?.whole ?? false) };
      void sendPending();
    },
    repeat() {
      // A save under way, or one that is tried anew, stores what there is to store.
      if (isClosed || isSaving || stored === null) return;
      pending = { document: stored, whole: true };
      void sendPending();
    },
    settled() {
      if (isClosed || (!isSaving && pending === null)) return Promise.resolve(storedPosition);
      return waiters.join();
    },
    lastSeq: () => seq,
    close: () => stop(() => {}),
  };
}

/** Those who wait until everything offered is stored. */
function createWaiters() {
  let waiters: ((position: Position) => void)[] = [];
  return {
    join: () => new Promise<Position>((resolve) => waiters.push(resolve)),
    settle(position: Position) {
      const settled = waiters;
      waiters = [];
      for (const waiter of settled) waiter(position);
    },
  };
}

/** The pauses after saves whose answer is unknown: longer with each in a row. */
function createRetries(clock: Clock, run: () => void) {
  let unanswered = 0;
  let timer: Timer | null = null;
  return {
    isPlanned: () => timer !== null,
    /** Whether the last save was not answered either. */
    areUnderWay: () => unanswered > 0,
    plan() {
      timer = clock.after(Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** unanswered), () => {
        timer = null;
        run();
      });
      unanswered += 1;
    },
    reset() {
      unanswered = 0;
    },
    cancel: () => timer?.cancel(),
  };
}
