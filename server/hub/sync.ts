/** Answers `sync`: at once, or at the end of the second after the last answer. */

import type { Clock, Timer } from '../../contract/index.ts';

/** Time between two answers to one socket: a client that asks in a loop gets one document a second. */
export const SYNC_INTERVAL_MS = 1_000;

/** What is kept of a socket that asks. */
export interface SyncState {
  /** When it was last answered, on the monotonic clock. */
  syncedAtMs: number;
  /** The answer that waits; one at most, later questions share it. */
  waitingSync: Timer | null;
}

/** Takes the questions of all sockets. */
export interface SyncDesk<S> {
  newState(): SyncState;
  /** Answers now or at the end of the second; no question is lost. */
  wanted(socket: S): void;
  /** The socket is closed. */
  forget(socket: S): void;
}

/** @param answer sends the whole document of the moment */
export function createSyncDesk<S extends { readonly data: SyncState }>(
  clock: Clock,
  answer: (socket: S) => void,
): SyncDesk<S> {
  const answerNow = (socket: S) => {
    socket.data.waitingSync = null;
    socket.data.syncedAtMs = clock.monotonic();
    answer(socket);
  };
  return {
    newState: () => ({ syncedAtMs: Number.NEGATIVE_INFINITY, waitingSync: null }),
    wanted(socket) {
      const { data } = socket;
      if (data.waitingSync !== null) return;
      const dueInMs = data.syncedAtMs + SYNC_INTERVAL_MS - clock.monotonic();
      if (dueInMs <= 0) answerNow(socket);
      else data.waitingSync = clock.after(dueInMs, () => answerNow(socket));
    },
    forget(socket) {
      socket.data.waitingSync?.cancel();
      socket.data.waitingSync = null;
    },
  };
}
