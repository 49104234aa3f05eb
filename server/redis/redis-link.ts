/** The command connection: every step under a deadline, and an eye on whether Redis answers at all. */

import type { Clock } from '../../contract/index.ts';
import type { ConnectRedis } from './connect.ts';
import type { RedisClient } from './open-client.ts';
import { type RedisPresence, STEP_TIMEOUT_MS } from './steps.ts';
import { reasonOf } from './trouble.ts';

/** The command connection. */
export interface RedisLink extends RedisPresence {
  /**
   * Runs a step that writes, or would if it had to; its answer counts for {@link RedisPresence}.
   * @throws Error with Redis' own words, or when there was no answer in {@link STEP_TIMEOUT_MS}
   */
  write<T>(step: (client: RedisClient) => Promise<T>): Promise<T>;
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

/** Redis counts as away when a step fails and no write was answered for so long: one lost answer is no news for a page. */
const AWAY_AFTER_MS = 2000;

const AWAY =
  'Redis cannot be used, see the reason; serving what is held and trying again. ' +
  'If it lasts, this node asks the upstreams itself after half a minute.';

/** Connects. */
export function createRedisLink({ connect, clock, log }: RedisLinkDeps): RedisLink {
  const awayListeners = new Set<(isAway: boolean) => void>();
  const connectedListeners = new Set<() => void>();
  let answeredAtMs = clock.monotonic();
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
  const answered = () => {
    answeredAtMs = clock.monotonic();
    setAway(false, {});
  };
  const failed = ({ message: reason }: Error) => {
    if (clock.monotonic() - answeredAtMs >= AWAY_AFTER_MS) setAway(true, { reason });
  };
  const run = async <T>(step: (client: RedisClient) => Promise<T>): Promise<T> => {
    try {
      return await withDeadline(step(connection.client()), clock);
    } catch (error) {
      // A new error: the library's own carries the command, document and all. Without a connection it knows no
      // more than that there is none.
      const failure = new Error(connection.trouble() ?? reasonOf(error) ?? 'Redis failed');
      failed(failure);
      throw failure;
    }
  };

  return {
    answeredAtMs: () => answeredAtMs,
    onAway: (listener) => join(awayListeners, listener),
    onConnected: (listener) => join(connectedListeners, listener),
    async write(step) {
      const answer = await run(step);
      answered();
      return answer;
    },
    read: run,
    close: connection.close,
  };
}

function join<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The answer of a step that was given up on is ignored; the step itself may still be executed. */
function withDeadline<T>(step: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(STEP_TIMEOUT_MS, () =>
      reject(new Error(`Redis gave no answer in ${STEP_TIMEOUT_MS} ms`)),
    );
    step.then(resolve, reject).finally(() => timer.cancel());
  });
}
