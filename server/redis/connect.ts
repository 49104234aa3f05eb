/** The only place that knows the Redis client's library: clients for the forms of `REDIS_URL`. */

import { type Cluster, Redis, type RedisOptions } from 'ioredis';

/** A client for one Redis, for the master that Sentinels name, or for a Cluster. */
export type RedisClient = Redis | Cluster;

/** What a connection is for; also its name in `CLIENT LIST`. */
export type Purpose = 'commands' | 'channel';

/** Makes a client that connects at once, and again for ever. */
export type ConnectRedis = (purpose: Purpose) => RedisClient;

/** First wait before connecting again, ms; doubled each time. */
const RECONNECT_BASE_MS = 100;
/** Longest: figures are to move soon after Redis is back. */
const RECONNECT_CAP_MS = 3000;
/** A host that swallows packets must not hold up a reconnect to another. */
const CONNECT_TIMEOUT_MS = 3000;
/** A connection on which an answer is awaited for so long is dead, or Redis is frozen: twice a step's deadline. */
const SOCKET_TIMEOUT_MS = 3000;

/** Answers that another connection may not give: a replica after a failover, a password that was changed. */
const HEALS_BY_RECONNECTING = /^(READONLY|MASTERDOWN|NOAUTH|WRONGPASS|NOPERM)/;

const reconnectDelayMs = (times: number, random: () => number): number => {
  const longest = Math.min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** Math.min(times - 1, 10));
  return longest * (0.5 + random() / 2);
};

const optionsFor = (purpose: Purpose, random: () => number) =>
  ({
    connectionName: `marketcast-${purpose}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    retryStrategy: (times: number) => reconnectDelayMs(times, random),
    reconnectOnError: (error: Error) => HEALS_BY_RECONNECTING.test(error.message),
    // Whoever asks is told at once that there is no connection, and decides about the next try.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // While Redis loads its data every step is answered with an error, which says as much.
    enableReadyCheck: false,
    // Subscribing is the channel's, which reads the key right after.
    autoResubscribe: false,
    disableClientInfo: true,
    protocol: 2 as const,
    replyMapping: 'legacy' as const,
  }) satisfies RedisOptions;

/** @param url a checked `REDIS_URL` */
export function createConnectRedis(url: string, random: () => number): ConnectRedis {
  const { hostname, port, username, password } = new URL(url);
  return (purpose) =>
    new Redis({
      ...optionsFor(purpose, random),
      host: hostname,
      port: Number(port || 6379),
      username,
      password,
    });
}
