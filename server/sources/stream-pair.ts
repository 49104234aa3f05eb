/** The connections of one stream, two at most: the newest, and the one before it until the newest brings the same coins. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { CoinReading } from './source.ts';
import type { StreamConnection } from './stream-connection.ts';

/** A coin's readings come from one of the two only: from the newest as soon as that has brought a price of it. */
export interface StreamPair {
  /** Whether any of them brings prices. */
  isServing(): boolean;
  isLatest(connection: StreamConnection): boolean;
  /** There is a newest again. */
  add(connection: StreamConnection): void;
  /** The newest has brought its first price: what it does not bring soon it never will. */
  began(): void;
  /** Of what a connection brought, what counts. Call {@link StreamPair.settle} when it was passed on. */
  counting(from: StreamConnection, readings: readonly CoinReading[]): readonly CoinReading[];
  /** Ends the old one if the newest brings all of its coins. */
  settle(): void;
  /** Makes the newest the old one; one that is still there as such is ended. */
  turnOver(): void;
  /** A connection has ended by itself. */
  gone(connection: StreamConnection): void;
  /** Ends both; nobody is told. */
  close(): void;
}

/** How long the coins of the old connection are waited for on the newest, ms from that one's first price. */
export const HANDOVER_MS = 10_000;

/** @param retired told that an old connection was ended here */
export function createStreamPair(
  clock: Clock,
  retired: (connection: StreamConnection) => void,
): StreamPair {
  let latest: StreamConnection | null = null;
  let old: StreamConnection | null = null;
  let deadline: Timer | null = null;

  const retire = (): void => {
    const ending = old;
    if (ending === null) return;
    old = null;
    deadline?.cancel();
    ending.terminate();
    retired(ending);
  };

  return {
    // An old one has brought prices, or it would have been ended at once.
    isServing: () => old !== null || (latest !== null && latest.symbols.size > 0),
    isLatest: (connection) => connection === latest,
    add(connection) {
      latest = connection;
    },
    began() {
      if (old !== null) deadline = clock.after(HANDOVER_MS, retire);
    },
    counting: (from, readings) =>
      from === old ? readings.filter(({ symbol }) => !latest?.symbols.has(symbol)) : readings,
    settle() {
      if (latest !== null && old?.symbols.isSubsetOf(latest.symbols)) retire();
    },
    turnOver() {
      retire();
      old = latest;
      latest = null;
    },
    gone(connection) {
      if (connection === latest) latest = null;
      if (connection === old) old = null;
      // Nothing is handed over any more, in either case.
      deadline?.cancel();
    },
    close() {
      deadline?.cancel();
      latest?.terminate();
      old?.terminate();
    },
  };
}
