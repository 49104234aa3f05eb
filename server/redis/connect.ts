/** Connections to Redis that are made again for ever. */

import type { Clock, Timer } from '../../contract/index.ts';
import { createOpenClient, type Purpose, type RedisClient, warmUp } from './open-client.ts';
import { parseRedisUrl } from './redis-url.ts';
import { isAboutDatabase, reasonOf } from './trouble.ts';

/** A connection that is kept. */
export interface RedisConnection {
  /** The newest client in whatever state: a command over one that is not connected fails at once. */
  client(): RedisClient;
  /** Why there is no connection, in the words of whoever refuses it; `null` while there is one. */
  trouble(): string | null;
  /** Gives up the connection there is and makes another at once. */
  renew(): void;
  /** Gives up the connection there is; the next is made after the wait that follows every one that broke. */
  drop(why: string): void;
  close(): void;
}

/**
 * Connects, and again for ever.
 * @param onReady called with every new client when it can be spoken to; each connection has a client of its own
 */
export type ConnectRedis = (
  purpose: Purpose,
  onReady: (client: RedisClient) => void,
) => RedisConnection;

/** First wait before connecting again, ms; doubled each time. */
const RECONNECT_BASE_MS = 100;
/** Longest: figures are to move soon after Redis is back. */
const RECONNECT_CAP_MS = 3000;
/** Doublings after which the cap is reached for certain. */
const MAX_DOUBLINGS = 10;
/** A connection counts as good only after so long: a Redis that turns everybody away at once is not asked ever faster. */
const STEADY_AFTER_MS = 3000;
/** Longer than any way of connecting takes, with several Sentinels out of reach: such a client has lost its way. */
const READY_WITHIN_MS = 20_000;

/**
 * @param url a checked `REDIS_URL`
 * @param random in [0, 1)
 */
export function createConnectRedis(url: string, random: () => number, clock: Clock): ConnectRedis {
  const target = parseRedisUrl(url);
  if (target === null) throw new Error('not the address of a Redis');
  const open = createOpenClient(target, random);
  return (purpose, onReady) => keepConnected(() => open(purpose), onReady, { clock, random });
}

interface KeepDeps {
  readonly clock: Clock;
  readonly random: () => number;
}

function keepConnected(
  open: () => RedisClient,
  onReady: (client: RedisClient) => void,
  { clock, random }: KeepDeps,
): RedisConnection {
  let trouble: string | null = 'not connected yet';
  let failures = 0;
  let isClosed = false;
  let timer: Timer | null = null;
  let current = start();

  function start(): RedisClient {
    const client = open();
    let readyAtMs: number | null = null;
    let isAmiss = false;
    const isCurrent = () => current === client && !isClosed;
    const plan = (delayMs: number) => {
      timer?.cancel();
      timer = clock.after(delayMs, renew);
    };
    const note = (error: unknown) => {
      if (isCurrent()) trouble = reasonOf(error) ?? trouble;
      // The library would go on in the first database.
      isAmiss ||= isAboutDatabase(error);
      if (isAmiss) client.disconnect();
    };
    plan(READY_WITHIN_MS);
    // Never taken off: an error of a connection that nobody listens to is written to the console.
    client.on('error', note);
    client.on('sentinelError', note);
    client.once('ready', () => {
      void warmUp(client).then(() => {
        if (!isCurrent() || isAmiss || client.status !== 'ready') return;
        timer?.cancel();
        readyAtMs = clock.monotonic();
        trouble = null;
        onReady(client);
      });
    });
    client.once('end', () => {
      if (!isCurrent()) return;
      const wasGood = readyAtMs !== null && clock.monotonic() - readyAtMs >= STEADY_AFTER_MS;
      failures = wasGood ? 1 : failures + 1;
      trouble ??= 'the connection was closed';
      plan(reconnectDelayMs(failures, random));
    });
    return client;
  }
  function renew() {
    const last = current;
    current = start();
    last.disconnect();
  }

  return {
    client: () => current,
    trouble: () => trouble,
    renew() {
      trouble = 'connecting anew';
      renew();
    },
    drop(why) {
      trouble = why;
      current.disconnect();
    },
    close() {
      isClosed = true;
      timer?.cancel();
      current.disconnect();
    },
  };
}

const reconnectDelayMs = (failures: number, random: () => number): number => {
  const doublings = Math.min(failures - 1, MAX_DOUBLINGS);
  const longest = Math.min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** doublings);
  return longest * (0.5 + random() / 2);
};
