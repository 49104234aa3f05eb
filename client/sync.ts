/** Asks for the whole document after a gap, again and again until it arrives. */

import type { Clock, Timer } from '../contract/clock.ts';

/** Between two requests. */
export const SYNC_EVERY_MS = 2_000;

/**
 * Requests without an answer before the connection is given up: 30 s, the time a server bears with a slow client.
 * A new connection begins with the whole document anyway.
 */
export const SYNC_MAX_REQUESTS = 15;

/** What asking needs. */
export interface SyncDeps {
  readonly clock: Clock;
  /** Sends one request. */
  request(): void;
  /** {@link SYNC_MAX_REQUESTS} went unanswered. */
  giveUp(): void;
}

/** The asking, one at a time. */
export interface Sync {
  /** Begins to ask, at once; does nothing while it is already asking. */
  start(): void;
  /** The document arrived, or nobody is there to be asked. */
  stop(): void;
}

/** @returns nothing is asked until `start` */
export function createSync({ clock, request, giveUp }: SyncDeps): Sync {
  let timer: Timer | null = null;
  const ask = (requests: number) => {
    if (requests === SYNC_MAX_REQUESTS) {
      timer = null;
      giveUp();
      return;
    }
    timer = clock.after(SYNC_EVERY_MS, () => ask(requests + 1));
    request();
  };
  return {
    start() {
      if (timer === null) ask(0);
    },
    stop() {
      timer?.cancel();
      timer = null;
    },
  };
}
