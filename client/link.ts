/** Keeps a way to the server open: a WebSocket while one can be had, polling while none can, both for ever. */

import type { Timer } from '../contract/clock.ts';
import type { ServerFrame } from '../contract/frames.ts';
import {
  isSentAway,
  patientDelayMs,
  type Random,
  reconnectDelayMs,
  tryDelayMs,
} from './backoff.ts';
import { type Connection, type ConnectionDeps, openConnection } from './connection.ts';
import { createPolling, type Polled, type PollingDeps } from './poll.ts';
import type { Link } from './snapshot.ts';

/** Attempts to come back before polling begins: 8 s on average, 16 s at most, and what the attempts themselves take. */
export const MAX_ATTEMPTS = 5;

/** When a poll is answered after one that was not, the WebSocket is tried within this. */
export const RECOVERED_TRY_MS = 3_000;

/** What the link needs. */
export interface LinkDeps extends ConnectionDeps, PollingDeps {
  readonly random: Random;
}

/** What the link tells. */
export interface LinkEvents {
  /** A frame of the present connection; `isFirstUpdate` with the first whole document of it. */
  frame(frame: ServerFrame, isFirstUpdate: boolean): void;
  /** The connection is gone and another one is being tried for. */
  lost(link: Link): void;
  /** A poll has ended while no WebSocket delivers; `null` when it failed. */
  polled(link: Link, polled: Polled | null): void;
}

/** The link, from its creation until `close`. */
export interface LinkControl {
  /** Sends on the present connection, if there is one. */
  send(text: string): void;
  /** The present connection is of no use: begin another. */
  giveUp(): void;
  /** Polls now if polling is what keeps us up to date. */
  hurry(): void;
  close(): void;
}

/** Begins to connect at once. */
export function createLink(deps: LinkDeps, events: LinkEvents): LinkControl {
  const { clock, random } = deps;
  let connection: Connection | null = null;
  let retry: Timer | null = null;
  // Attempts that failed since a connection was last good; beyond MAX_ATTEMPTS we poll.
  let failures = 0;
  let pollingSinceMs: number | null = null;
  let hasPollFailed = false;
  let awayUntilMs = 0;

  const polling = createPolling(deps, (polled) => {
    if (polled && hasPollFailed) retryIn(random() * RECOVERED_TRY_MS);
    hasPollFailed = !polled;
    events.polled(
      polled ? { state: 'polling', intervalS: deps.intervalS() } : { state: 'offline' },
      polled,
    );
  });

  const retryIn = (delayMs: number) => {
    retry?.cancel();
    retry = clock.after(Math.max(delayMs, awayUntilMs - clock.monotonic()), connect);
  };
  const connect = () => {
    // An attempt still under way began before the network came back; it may hang where a new one does not.
    connection?.close();
    connection = openConnection(deps, { frame, ended });
  };
  const frame = (received: ServerFrame, isFirstUpdate: boolean) => {
    if (isFirstUpdate) {
      retry?.cancel();
      polling.stop();
      hasPollFailed = false;
    }
    events.frame(received, isFirstUpdate);
  };
  const ended = (closeCode: number | null, wasGood: boolean) => {
    connection = null;
    if (wasGood) {
      failures = 0;
      pollingSinceMs = null;
    }
    failures = Math.min(failures, MAX_ATTEMPTS) + 1;
    if (isSentAway(closeCode)) {
      // Whoever is sent away for a while is better served by polling than by waiting.
      failures = MAX_ATTEMPTS + 1;
      awayUntilMs = clock.monotonic() + patientDelayMs(random);
    }
    if (failures > MAX_ATTEMPTS) {
      pollingSinceMs ??= clock.monotonic();
      retryIn(tryDelayMs(clock.monotonic() - pollingSinceMs, random));
      // Then the answer of the next poll says how we stand.
      if (polling.isRunning()) return;
      polling.start();
    } else retryIn(reconnectDelayMs(failures, closeCode, random));
    const attempt = Math.min(failures, MAX_ATTEMPTS);
    events.lost({ state: 'reconnecting', attempt, max: MAX_ATTEMPTS });
  };

  connect();
  return {
    send: (text) => connection?.send(text),
    giveUp: () => connection?.giveUp(),
    hurry() {
      if (polling.isRunning()) polling.start();
    },
    close() {
      retry?.cancel();
      polling.stop();
      connection?.close();
      connection = null;
    },
  };
}
