/** The forms of `REDIS_URL` as clients of the library; each is for one connection and ends when that one breaks. */

import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type {
  ClusterTarget,
  RedisCredentials,
  RedisHost,
  RedisTarget,
  SentinelTarget,
} from './redis-url.ts';

/** A client for one Redis, or for a Cluster. */
export type RedisClient = Redis | Cluster;

/** What a connection is for; also its name in `CLIENT LIST`. */
export type Purpose = 'commands' | 'channel';

/** Opens a client that connects at once, never queues a command while it does not, and never connects again. */
export type OpenClient = (purpose: Purpose) => RedisClient;

/** A host that swallows packets must not hold up the next try. */
const CONNECT_TIMEOUT_MS = 3000;
/** A connection on which an answer is awaited for so long is dead, or Redis is frozen: twice a step's deadline. */
const SOCKET_TIMEOUT_MS = 3000;
/** A frozen Redis does not take leave of anybody. */
const DISCONNECT_TIMEOUT_MS = 500;
/** A Sentinel that is asked for the master answers at once, or another one is asked. */
const SENTINEL_TIMEOUT_MS = 1000;
/** Between two looks at who serves which keys, besides those after a redirection. */
const SLOTS_REFRESH_MS = 15_000;
/** One redirection is usual after a failover, a second while slots are moved. */
const MAX_REDIRECTIONS = 4;
/** While the keys of a step are on their way from one node to another. */
const TRY_AGAIN_MS = 100;

/** What a replica says after a failover: the next connection is made to the master. */
const IS_REPLICA = /\b(READONLY|MASTERDOWN)\b/;

/**
 * Resolves when nothing more needs to be waited for: a Cluster's connections to its nodes are made by the first command,
 * and a second one at that moment would be refused.
 */
export async function warmUp(client: RedisClient): Promise<void> {
  if (client instanceof Cluster) {
    await Promise.allSettled(client.nodes('master').map((node) => node.connect()));
  }
}

/** @param random in [0, 1): which of several hosts is asked first */
export function createOpenClient(target: RedisTarget, random: () => number): OpenClient {
  if (target.kind === 'cluster') return openInCluster(target, random);
  return (purpose) => {
    const options = { ...optionsFor(purpose, target), db: target.db };
    return new Redis(
      target.kind === 'single'
        ? { ...options, ...target.host }
        : { ...options, ...sentinelOptions(target, random) },
    );
  };
}

const optionsFor = (purpose: Purpose, { tls, ...credentials }: RedisTarget) =>
  ({
    connectionName: `marketcast-${purpose}`,
    ...login(credentials),
    ...(tls && { tls: {} }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    reconnectOnError: ({ message }: Error) => IS_REPLICA.test(message),
    // Whoever keeps the connection decides about the next one, and whoever asks about the next try.
    retryStrategy: () => null,
    enableOfflineQueue: false,
    // While Redis loads its data every step is answered with an error, which says as much.
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
  }) satisfies RedisOptions;

/** What is not there is left out: the library takes an empty text for a user. */
const login = ({ username, password }: RedisCredentials) => ({
  ...(username !== null && { username }),
  ...(password !== null && { password }),
});

const sentinelOptions = (
  { sentinels, masterName, sentinelCredentials, tls }: SentinelTarget,
  random: () => number,
) => {
  const { username, password } = sentinelCredentials;
  return {
    name: masterName,
    // Beginning with another one each time: a frozen one costs its timeout.
    sentinels: rotated(sentinels, random),
    ...(username !== null && { sentinelUsername: username }),
    ...(password !== null && { sentinelPassword: password }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    sentinelRetryStrategy: () => null,
    updateSentinels: false,
  } satisfies RedisOptions;
};

function rotated<T>(list: readonly T[], random: () => number): T[] {
  const first = Math.floor(random() * list.length);
  return [...list.slice(first), ...list.slice(0, first)];
}

/**
 * Steps go to the node that has their keys. The channel is heard at any node, because the nodes tell each other what
 * is published: a connection like to a single Redis, each time to another one of them.
 */
function openInCluster(target: ClusterTarget, random: () => number): OpenClient {
  /** The masters as the Cluster last named them. */
  let known: readonly RedisHost[] = [];
  const open = () => {
    const cluster = new Cluster([...target.nodes, ...known], {
      redisOptions: optionsFor('commands', target),
      enableOfflineQueue: false,
      clusterRetryStrategy: () => null,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      maxRedirections: MAX_REDIRECTIONS,
      retryDelayOnTryAgain: TRY_AGAIN_MS,
      // A step whose answer was lost may have been executed; whether it is tried again is not for the library to say.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      // Certificates are for names.
      dnsLookup: (host, callback) => callback(null, host),
    });
    cluster.on('refresh', () => {
      const masters = cluster
        .nodes('master')
        .flatMap(({ options: { host, port } }) =>
          host === undefined || port === undefined ? [] : [{ host, port }],
        );
      if (masters.length > 0) known = masters;
    });
    return cluster;
  };
  return (purpose) => {
    if (purpose === 'commands') return open();
    const [host] = rotated(known.length > 0 ? known : target.nodes, random);
    return new Redis({ ...optionsFor(purpose, target), ...host });
  };
}
