/** The subscriber: subscribed again after every reconnect, and watched, because an idle one notices nothing. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { ConnectRedis } from './connect.ts';
import { withoutCommand } from './redis-link.ts';
import type { RedisChannel } from './steps.ts';

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
  const client = connect('channel');
  const listeners = new Set<(message: string | null) => void>();
  let heardAtMs = clock.monotonic();
  let isClosed = false;

  const tell = (message: string | null) => {
    for (const listener of [...listeners]) listener(message);
  };
  const subscribe = () => {
    client.subscribe(channel).then(
      () => {
        heardAtMs = clock.monotonic();
        tell(null);
      },
      (error) => {
        const err = withoutCommand(error);
        if (!isClosed) log.warn({ err }, 'could not subscribe to the channel; trying again');
      },
    );
  };
  // Without a listener an error of the connection would end the process; the silence is noticed below.
  client.on('error', () => {});
  client.on('ready', subscribe);
  client.on('message', (name: string, message: string) => {
    heardAtMs = clock.monotonic();
    if (name === channel) tell(message);
  });

  const look = () => {
    watch = clock.after(LOOK_EVERY_MS, look);
    if (clock.monotonic() - heardAtMs < DEAF_AFTER_MS) return;
    heardAtMs = clock.monotonic();
    log.warn({}, 'nothing was heard on the channel; connecting anew');
    client.disconnect(true);
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
      isClosed = true;
      watch.cancel();
      listeners.clear();
      client.disconnect();
    },
  };
}
