/** Reads the document's key when messages may have been missed, and lifts the term when this node is ahead of it. */

import { type Clock, comparePositions, isNoPosition, type Position } from '../../contract/index.ts';
import type { RedisSteps, StoredJson } from '../redis/steps.ts';
import type { Version } from './broker.ts';

/** What a reader is made of. */
export interface KeyReaderDeps {
  readonly steps: Pick<RedisSteps, 'read' | 'raise'>;
  readonly clock: Clock;
  readonly log: {
    debug(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** What a reader finds, and what it may do about it. */
export interface KeyReaderDuties {
  /** Something is stored; whether it is newer or can be read at all is for the taker to see. */
  take(stored: StoredJson): void;
  /** Whether this node may lift the term now. */
  mayRaise(): boolean;
}

/** The reader of the document's key. */
export interface KeyReader {
  /** Reads; joins the read under way, and reads once more after it. A failed one is forgotten: the next word on the channel asks again. */
  read(): void;
  /** A position was named by another node: one that is newer is read, one of a term before the held one is lifted. */
  compare(named: Position): void;
  close(): void;
}

/** Shortest time between two lifts: each may end a term, and a heartbeat comes every five seconds. */
const RAISE_INTERVAL_MS = 1000;

/** @param held the newest version this node holds */
export function createKeyReader(
  { steps, clock, log }: KeyReaderDeps,
  held: () => Version,
  { take, mayRaise }: KeyReaderDuties,
): KeyReader {
  let isReading = false;
  let isWanted = false;
  let isClosed = false;
  let raisedAtMs = Number.NEGATIVE_INFINITY;

  const raise = () => {
    if (isClosed || !mayRaise() || isNoPosition(held())) return;
    if (clock.monotonic() - raisedAtMs < RAISE_INTERVAL_MS) return;
    raisedAtMs = clock.monotonic();
    const { epoch, seq, json } = held();
    steps
      .raise({ epoch, seq, json })
      .catch((err) => log.warn({ err, epoch }, 'the term could not be lifted to the one held'));
  };
  const readOnce = async () => {
    const { term, stored } = await steps.read();
    if (stored !== null) take(stored);
    if (stored === null || held().epoch > term) raise();
  };
  const read = async () => {
    isWanted = true;
    if (isReading || isClosed) return;
    isReading = true;
    while (isWanted && !isClosed) {
      isWanted = false;
      await readOnce().catch((err) => log.debug({ err }, 'the key could not be read'));
    }
    isReading = false;
  };

  return {
    read: () => void read(),
    compare(named) {
      if (comparePositions(named, held()) > 0) void read();
      else if (named.epoch < held().epoch) raise();
    },
    close() {
      isClosed = true;
    },
  };
}
