/** Reads the document's key when messages may have been missed, and lifts the term when this node is ahead of it. */

import {
  type Clock,
  comparePositions,
  isNoPosition,
  type Position,
  type Timer,
} from '../../contract/index.ts';
import type { RedisSteps, StoredJson } from '../redis/steps.ts';
import type { Version } from './broker.ts';

/** What a reader is made of. */
export interface KeyReaderDeps {
  readonly steps: Pick<RedisSteps, 'read' | 'raise'>;
  readonly clock: Clock;
  readonly log: { debug(fields: object, message: string): void };
}

/** What a reader finds, and what it may do about it. */
export interface KeyReaderDuties {
  /** Something is stored; whether it is newer or can be read at all is for the taker to see. */
  take(stored: StoredJson): void;
  /** Whether this node goes by the others now: while it does not, nothing is read, taken or lifted. */
  isAllowed(): boolean;
}

/** The reader of the document's key. */
export interface KeyReader {
  /** Reads; joins the read under way, and reads once more after it. One that fails is tried again until it succeeds. */
  read(): void;
  /** A position was named by another node: one that is newer is read; one of an earlier term may have to be lifted. */
  compare(named: Position): void;
  close(): void;
}

/** Between a read that failed and the next, ms; doubled each time. Without a leader nothing on the channel asks again. */
const RETRY_BASE_MS = 500;
/** Longest: a connection that is made anew asks by itself. */
const RETRY_CAP_MS = 8000;

/** @param held the newest version this node holds */
export function createKeyReader(
  { steps, clock, log }: KeyReaderDeps,
  held: () => Version,
  { take, isAllowed }: KeyReaderDuties,
): KeyReader {
  let isReading = false;
  let isWanted = false;
  let isClosed = false;
  let retryAfterMs = RETRY_BASE_MS;
  let retry: Timer | null = null;

  const readOnce = async () => {
    const { term, stored } = await steps.read();
    if (isClosed || !isAllowed()) return;
    if (stored !== null) take(stored);
    const { epoch, seq, json } = held();
    if (isNoPosition({ epoch, seq })) return;
    if (stored === null || epoch > term) await steps.raise({ epoch, seq, json });
  };
  const read = async () => {
    isWanted = true;
    if (isReading || isClosed || !isAllowed()) return;
    isReading = true;
    while (isWanted && !isClosed) {
      isWanted = false;
      retry?.cancel();
      try {
        await readOnce();
        retryAfterMs = RETRY_BASE_MS;
      } catch (err) {
        log.debug({ err }, 'the key could not be read, or the term not be lifted; trying again');
        readLater();
      }
    }
    isReading = false;
  };
  const readLater = () => {
    if (isClosed) return;
    retry?.cancel();
    retry = clock.after(retryAfterMs, () => void read());
    retryAfterMs = Math.min(2 * retryAfterMs, RETRY_CAP_MS);
  };

  return {
    read: () => void read(),
    compare(named) {
      if (comparePositions(named, held()) > 0 || named.epoch < held().epoch) void read();
    },
    close() {
      isClosed = true;
      retry?.cancel();
    },
  };
}
