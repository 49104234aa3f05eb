/** The subscriber: subscribed again on every new connection, and watched, because an idle one notices nothing. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { ConnectRedis } from './connect.ts';
import { type RedisChannel, STEP_TIMEOUT_MS } from './steps.ts';
import { reasonOf } from './trouble.ts';

/** What a channel is made of. */
export interface RedisChannelDeps {
  readonly connect: ConnectRedis;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Silence after which the connection is made anew: two of the leader's heartbeats and some time for the way, so that
 * nobody is deaf for longer than 15 s.
 */
export const DEAF_AFTER_MS = 12_000;
/** Between two looks at the silence. */
const LOOK_EVERY_MS = 1000;

/** Connects and subscribes. */
export function createRedisChannel(
  { connect, clock, log }: RedisChannelDeps,
  channel: string,
): RedisChannel {
  const listeners = new Set<(message: string | null) => void>();
  let heardAtMs = clock.monotonic();

  const tell = (message: string | null) => {
    heardAtMs = clock.monotonic();
    for (const listener of [...listeners]) listener(message);
  };
  const connection = connect('channel', (client) => {
    const isCurrent = () => connection.client() === client;
    client.on('message', (name: string, message: string) => {
      // A connection that was given up may still have had something to say.
      if (isCurrent() && name === channel) tell(message);
    });
    // A Redis that takes connections and answers nothing must not keep this one until it is deaf.
    const deadline = clock.after(STEP_TIMEOUT_MS, () => {
      if (isCurrent()) connection.drop('the subscription was not answered');
    });
    client.subscribe(channel).then(
      () => {
        deadline.cancel();
        if (isCurrent()) tell(null);
      },
      (error) => {
        deadline.cancel();
        // One that broke is made anew by itself, one on which Redis refuses is noticed by its silence.
        if (connection.trouble() === null) {
          log.warn({ reason: reasonOf(error) }, 'could not subscribe to the channel');
        }
      },
    );
  });

  const look = () => {
    watch = clock.after(LOOK_EVERY_MS, look);
    if (clock.monotonic() - heardAtMs < DEAF_AFTER_MS) return;
    if (connection.trouble() === null) {
      log.warn({}, 'nothing was heard on the channel; connecting anew');
      connection.renew();
    }
    // The key needs no subscription: what was missed is read now, and again when the subscription stands.
    tell(null);
  };
  let watch: Timer = clock.after(LOOK_EVERY_MS, look);

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      watch.cancel();
      listeners.clear();
      connection.close();
    },
  };
}
