/** Keeps what this node stored in Redis there: never run out, never replaced by something else, while it leads. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { KeyForm, RedisSteps, StoredJson } from '../redis/steps.ts';

/** What a keeper is made of. */
export interface KeyKeeperDeps {
  readonly steps: Pick<RedisSteps, 'touch'>;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
}

/** The keeper of the document's key. */
export interface KeyKeeper {
  /** A version was stored. */
  saved(version: StoredJson): void;
  /** What a renewal found under the key: written again at once when it cannot be the version last stored. */
  note(form: KeyForm): void;
  close(): void;
}

/** The document is written again this often in its time to live, so that three failures in a row are survived. */
const TOUCHES_PER_LIFE = 4;

/** @param snapshotTtlS time to live of the document in Redis */
export function createKeyKeeper(
  { steps, clock, log }: KeyKeeperDeps,
  snapshotTtlS: number,
): KeyKeeper {
  /** The position last answered `ok`; `null` before, and once another one was found to be stored. */
  let stored: (StoredJson & { readonly bytes: number }) | null = null;
  let timer: Timer | null = null;
  let isTouching = false;
  /** A touch failed: the next renewal, the first sign that Redis answers again, is the time for another. */
  let isOverdue = false;
  let isClosed = false;

  const arm = () => {
    timer?.cancel();
    timer = clock.after((snapshotTtlS * 1000) / TOUCHES_PER_LIFE, () => void touch());
  };
  const touch = async () => {
    if (stored === null || isTouching || isClosed) return;
    const touched = stored;
    isTouching = true;
    try {
      const isOurs = await steps.touch(touched);
      isOverdue = false;
      if (!isOurs && stored === touched) stored = null;
    } catch (err) {
      isOverdue = true;
      log.warn({ err }, 'the document was not written again; trying again');
    }
    isTouching = false;
    if (stored !== null && !isClosed) arm();
  };

  return {
    saved(version) {
      stored = { ...version, bytes: Buffer.byteLength(version.json) };
      isOverdue = false;
      if (!isClosed) arm();
    },
    note({ type, bytes }) {
      if (stored === null) return;
      if (isOverdue || type !== 'string' || bytes !== stored.bytes) void touch();
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
