/** The command connection: every step under a deadline, and an eye on whether Redis answers at all. */

import type { Clock } from '../../contract/index.ts';
import type { ConnectRedis } from './connect.ts';
import type { RedisClient } from './open-client.ts';
import { NoAnswerError, type RedisPresence, STEP_TIMEOUT_MS } from './steps.ts';
import { reasonOf } from './trouble.ts';

/** The command connection. */
export interface RedisLink extends RedisPresence {
  /**
   * Runs a step that writes, or would if it had to; its answer counts for {@link RedisPresence}.
   * @param late hears the answer when it comes after the deadline; must not throw
   * @throws Error with Redis' own words
   * @throws NoAnswerError when there was no answer in {@link STEP_TIMEOUT_MS}
   */
  write<T>(step: (client: RedisClient) => Promise<T>, late?: (answer: T) => void): Promise<T>;
  /**
   * Runs a step whose answer does not show that Redis can be written to: it reads or publishes, or is answered without a
   * write as often as not. A Redis that is full, or a replica, answers it too, and no leader can work with that one.
   * @throws as `write`
   */
  read<T>(step: (client: RedisClient) => Promise<T>): Promise<T>;
  close(): void;
}

/** What a link is made of. */
export interface RedisLinkDeps {
  readonly connect: ConnectRedis;
  readonly clock: Clock;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

type StepKind = 'write' | 'read';

/**
 * Redis counts as away when steps fail for so long, from when the first of them was sent: longer than one step's deadline,
 * for one lost answer or connection is no news for a page.
 */
const AWAY_AFTER_MS = 2000;

const AWAY =
  'Redis cannot be used, see the reason; serving what is held and trying again. ' +
  'If it lasts, this node asks the upstreams itself after half a minute.';

/** Connects. */
export function createRedisLink({ connect, clock, log }: RedisLinkDeps): RedisLink {
  const awayListeners = new Set<(isAway: boolean) => void>();
  const connectedListeners = new Set<() => void>();
  let answeredAtMs = clock.monotonic();
  /** When the first step was sent that failed since one of its kind was answered. */
  const failingSinceMs: Record<StepKind, number | null> = { write: null, read: null };
  let isAway = false;
  const connection = connect('commands', () => {
    for (const listener of [...connectedListeners]) listener();
  });

  const setAway = (next: boolean, fields: object) => {
    if (isAway === next) return;
    isAway = next;
    if (next) log.warn(fields, AWAY);
    else log.info(fields, 'Redis can be used again.');
    for (const listener of [...awayListeners]) listener(next);
  };
  const answered = (kind: StepKind) => {
    failingSinceMs.read = null;
    // A Redis that cannot be written to is read from as ever.
    if (kind === 'read') return;
    failingSinceMs.write = null;
    answeredAtMs = clock.monotonic();
    setAway(false, {});
  };
  const failed = (kind: StepKind, sentAtMs: number, { message: reason }: Error) => {
    // One that was sent before another's answer says nothing of the time before it.
    const sinceMs = failingSinceMs[kind] ?? Math.max(sentAtMs, answeredAtMs);
    failingSinceMs[kind] = sinceMs;
    if (clock.monotonic() - sinceMs >= AWAY_AFTER_MS) setAway(true, { reason });
  };
  const run = async <T>(
    kind: StepKind,
    step: (client: RedisClient) => Promise<T>,
    late: (answer: T) => void = ignore,
  ): Promise<T> => {
    const sentAtMs = clock.monotonic();
    try {
      const answer = await withDeadline(step(connection.client()), clock, late);
      answered(kind);
      return answer;
    } catch (error) {
      // A new error: the library's own carries the command, document and all. Without a connection it knows no
      // more than that there is none.
      const reason = connection.trouble() ?? reasonOf(error) ?? 'Redis failed';
      const failure =
        error instanceof NoAnswerError ? new NoAnswerError(reason) : new Error(reason);
      failed(kind, sentAtMs, failure);
      throw failure;
    }
  };

  return {
    answeredAtMs: () => answeredAtMs,
    onAway: (listener) => join(awayListeners, listener),
    onConnected: (listener) => join(connectedListeners, listener),
    write: (step, late) => run('write', step, late),
    read: (step) => run('read', step),
    close: connection.close,
  };
}

function join<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Most steps can be made again whatever became of them. */
const ignore = () => {};

/** A step that was given up on may still be executed, and answered. */
function withDeadline<T>(step: Promise<T>, clock: Clock, late: (answer: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = clock.after(STEP_TIMEOUT_MS, () => {
      isLate = true;
      reject(new NoAnswerError(`Redis gave no answer in ${STEP_TIMEOUT_MS} ms`));
    });
    step
      .then((answer) => (isLate ? late(answer) : resolve(answer)), reject)
      .finally(() => timer.cancel());
  });
}
