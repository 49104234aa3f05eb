/** The deadlines of one connection: until it opens, until its first price, between two signs of life, until it is too old. */

import type { Clock, ErrorCode, Timer } from '../../contract/index.ts';
import { createWatchdog, type Watchdog } from './stream-watchdog.ts';

/** Counts from now. */
export interface StreamDeadlines {
  /** The handshake is over. */
  opened(): void;
  /** Something came that shows the connection to be of use. */
  heard(): void;
  /** Something came that could not be read. */
  garbled(): void;
  /** From its opening to the last sign of life, ms; 0 before. */
  livedForMs(): number;
  close(): void;
}

/** What the deadlines are. */
export interface StreamDeadlineOptions {
  /** From the first byte sent to the last of the server's consent, ms. */
  readonly handshakeTimeoutMs: number;
  /** Counted from the handshake, ms; `null` = may grow old. */
  readonly maxAgeMs: number | null;
}

/** Told when a deadline is over; each at most once. */
export interface StreamDeadlineListener {
  /** `bad_response` when things came and none could be read, else `timeout`. */
  overdue(code: ErrorCode): void;
  aged(): void;
}

/** A connection on which nothing of use comes for so long is dead, ms: tickers and heartbeats come every second or so. */
export const SILENCE_MS = 20_000;

/** Begins with the handshake's. */
export function createStreamDeadlines(
  clock: Clock,
  { handshakeTimeoutMs, maxAgeMs }: StreamDeadlineOptions,
  { overdue, aged }: StreamDeadlineListener,
): StreamDeadlines {
  const handshake = clock.after(handshakeTimeoutMs, () => overdue('timeout'));
  let openedAtMs: number | null = null;
  let heardAtMs: number | null = null;
  let watchdog: Watchdog | null = null;
  let age: Timer | null = null;
  /** Since the last sign of life something came that could not be read. */
  let isGarbled = false;
  return {
    opened() {
      handshake.cancel();
      openedAtMs = clock.monotonic();
      watchdog = createWatchdog(clock, SILENCE_MS, () =>
        overdue(isGarbled ? 'bad_response' : 'timeout'),
      );
      if (maxAgeMs !== null) age = clock.after(maxAgeMs, aged);
    },
    heard() {
      isGarbled = false;
      heardAtMs = clock.monotonic();
      watchdog?.heard();
    },
    garbled() {
      isGarbled = true;
    },
    livedForMs: () => (openedAtMs === null || heardAtMs === null ? 0 : heardAtMs - openedAtMs),
    close() {
      handshake.cancel();
      watchdog?.close();
      age?.cancel();
    },
  };
}
