/** The command connection: every step under a deadline, and an eye on whether Redis answers at all. */

import type { Clock } from '../../contract/index.ts';
import type { ConnectRedis } from './connect.ts';
import type { RedisClient } from './open-client.ts';
import { type RedisPresence, STEP_TIMEOUT_MS } from './steps.ts';
import { reasonOf } from './trouble.ts';

/** The command connection. */
export interface RedisLink extends RedisPresence {
  /**
   * Runs one step.
   * @throws Error with Redis' own words, or when there was no answer in {@link STEP_TIMEOUT_MS}
   */
  run<T>(step: (client: RedisClient) => Promise<T>): Promise<T>;
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

/** Redis counts as away when a step fails and none has succeeded for so long: one lost answer is no news for a page. */
const AWAY_AFTER_MS = 2000;

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
    if (next) log.warn(fields, 'Redis is away; serving what is held, and trying again.');
    else log.info(fields, 'Redis is back.');
    for (const listener of [...awayListeners]) listener(next);
  };
  const answered = () => {
    answeredAtMs = clock.monotonic();
    setAway(false, {});
  };
  const failed = (err: Error) => {
    if (clock.monotonic() - answeredAtMs >= AWAY_AFTER_MS) setAway(true, { err });
  };

  return {
    answeredAtMs: () => answeredAtMs,
    onAway: (listener) => join(awayListeners, listener),
    onConnected: (listener) => join(connectedListeners, listener),
    async run(step) {
      try {
        const answer = await withDeadline(step(connection.client()), clock);
        answered();
        return answer;
      } catch (error) {
        // A new error: the library's own carries the command, document and all. Without a connection it knows no
        // more than that there is none.
        const failure = new Error(connection.trouble() ?? reasonOf(error) ?? String(error));
        failed(failure);
        throw failure;
      }
    },
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
