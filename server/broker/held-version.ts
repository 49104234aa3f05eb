/** The newest version a node holds, and its listeners: what every broker has in common. */

import {
  comparePositions,
  type DashboardDocument,
  NO_POSITION,
  type Position,
} from '../../contract/index.ts';
import type { BrokerEvent, Version } from './broker.ts';

/** What is needed of a log. */
export interface BrokerLog {
  error(fields: object, message: string): void;
}

/** Keeps the newest version and delivers events. */
export interface HeldVersion {
  get(): Version;
  /** Takes a version unless it is not newer than the one held. @returns whether it was taken */
  take(version: Version): boolean;
  subscribe(listener: (event: BrokerEvent) => void): () => void;
  tell(event: BrokerEvent): void;
  /** Ends every subscription; nothing is taken afterwards. */
  close(): void;
}

/** @param empty the document before any term */
export function createHeldVersion(empty: DashboardDocument, log: BrokerLog): HeldVersion {
  const listeners = new Set<(event: BrokerEvent) => void>();
  let isClosed = false;
  let held: Version = {
    ...NO_POSITION,
    patch: null,
    document: empty,
    whole: true,
    json: JSON.stringify(empty),
  };

  const tell = (event: BrokerEvent) => {
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        log.error({ err: error, event: event.type }, 'a listener of the broker failed');
      }
    }
  };

  return {
    get: () => held,
    take(version) {
      if (isClosed || comparePositions(version, held) <= 0) return false;
      const consecutive = version.patch !== null && follows(version, held);
      held = version;
      tell({ type: 'version', version, consecutive });
      return true;
    },
    subscribe(listener) {
      // A wrapper, so that one function subscribed twice is two subscriptions.
      const own = (event: BrokerEvent) => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    tell,
    close() {
      isClosed = true;
      listeners.clear();
    },
  };
}

const follows = (next: Position, last: Position): boolean =>
  next.epoch === last.epoch && next.seq === last.seq + 1;
