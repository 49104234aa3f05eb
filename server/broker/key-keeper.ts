/** Keeps what this node stored in Redis there: never run out, never replaced by something else, while it leads. */

import { type Clock, comparePositions, type Timer } from '../../contract/index.ts';
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
  /**
   * What a renewal found under the key: written again at once when it cannot be the version last stored. When an earlier
   * position lies there (a failover has lost the last save), the document is saved anew: an earlier one is not put back
   * under a later position.
   */
  note(form: KeyForm): void;
  close(): void;
}

/** The document is written again this often in its time to live, so that three failures in a row are survived. */
const TOUCHES_PER_LIFE = 4;

/**
 * @param snapshotTtlS time to live of the document in Redis
 * @param wantSave has the leader save anew
 */
export function createKeyKeeper(
  { steps, clock, log }: KeyKeeperDeps,
  snapshotTtlS: number,
  wantSave: () => void,
): KeyKeeper {
  /** The version last answered `ok`; `null` before. */
  let stored: (StoredJson & { readonly bytes: number }) | null = null;
  let timer: Timer | null = null;
  let isTouching = false;
  /** A touch failed or was refused: another one only when a renewal shows that Redis answers, and this very position. */
  let isOverdue = false;
  /** What was last stored when an earlier position was found: an answer that a save has overtaken proves nothing. */
  let doubted: StoredJson | null = null;
  let isClosed = false;

  const arm = () => {
    timer?.cancel();
    timer = clock.after((snapshotTtlS * 1000) / TOUCHES_PER_LIFE, () => void touch());
  };
  const touch = async () => {
    if (stored === null || isTouching || isClosed) return;
    const touched = stored;
    isTouching = true;
    const isOurs = await steps.touch(touched).catch((err) => {
      log.warn({ err }, 'the document was not written again; trying again');
      return null;
    });
    isTouching = false;
    // What was saved meanwhile has begun anew.
    if (stored !== touched || isClosed) return;
    isOverdue = isOurs !== true;
    // Refused, it is for the renewals to tell what lies there; this node may not even lead any more.
    if (isOurs !== false) arm();
  };

  return {
    saved(version) {
      stored = { ...version, bytes: Buffer.byteLength(version.json) };
      isOverdue = false;
      if (!isClosed) arm();
    },
    note(form) {
      if (stored === null || isClosed) return;
      const order = comparePositions(form, stored);
      if (order < 0 && doubted === stored) wantSave();
      doubted = order < 0 ? stored : null;
      const isOther = form.type !== 'string' || form.bytes !== stored.bytes;
      if (order === 0 && (isOverdue || isOther)) void touch();
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
