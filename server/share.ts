/** What connects a node with the others, or leaves it alone: the broker, the lease and the ledger, composed. */

import { randomUUID } from 'node:crypto';
import type { Clock, DashboardDocument } from '../contract/index.ts';
import type { Broker } from './broker/broker.ts';
import { plainMessage } from './broker/channel-messages.ts';
import type { Conditions } from './broker/conditions.ts';
import { createMemoryBroker } from './broker/memory-broker.ts';
import { readDocument } from './broker/read-document.ts';
import { createRedisBroker, type RedisBroker } from './broker/redis-broker.ts';
import type { Config } from './config.ts';
import { SIMULATED_ENDING } from './config-kinds.ts';
import type { SharedHistory } from './history/history-sync.ts';
import type { Lease, PositionedDocument } from './leader/lease.ts';
import { createRedisLease } from './leader/redis-lease.ts';
import { createRoles } from './leader/roles.ts';
import { createSoloLease } from './leader/solo-lease.ts';
import type { Log } from './log.ts';
import { createBudgetSteps } from './redis/budget-steps.ts';
import { createConnectRedis } from './redis/connect.ts';
import { createHistorySteps } from './redis/history-steps.ts';
import { redisKeys } from './redis/keys.ts';
import { createRedisChannel } from './redis/redis-channel.ts';
import { createRedisLink } from './redis/redis-link.ts';
import { createRedisSteps } from './redis/redis-steps.ts';
import { parseRedisUrl } from './redis/redis-url.ts';
import type { RedisPresence, RedisSteps, StoredJson } from './redis/steps.ts';
import type { Ledger } from './schedule/ledger.ts';
import { createRedisLedger } from './schedule/redis-ledger.ts';
import { createStoredLedger } from './schedule/stored-ledger.ts';
import type { Store } from './store/store.ts';

/** What the store kept. */
export interface Stored {
  /** The epoch it has seen: counts also when its document cannot be read. 0 when there is none. */
  readonly epoch: number;
  /** As it was published. `null` when there is none, or it has a position that cannot be. */
  readonly row: StoredJson | null;
  /** As this node's clock lets it be read; `null` when it cannot be. */
  readonly document: PositionedDocument | null;
}

/** What a node starts from. */
export interface ShareParts {
  readonly conditions: Conditions;
  /** The document before anything was read. */
  readonly empty: DashboardDocument;
  readonly stored: Stored;
  /** Keeps what upstreams allow. */
  readonly store: Pick<Store, 'loadBudgets' | 'saveBudget'>;
}

/** A node's place among the others. */
export interface Share {
  readonly broker: Broker;
  readonly lease: Lease;
  /** What is remembered of upstreams. */
  readonly ledger: Ledger;
  /** Where the nodes keep a copy of their history; `null` alone. */
  readonly history: SharedHistory | null;
  /** Closes the connections; broker and lease are closed before. */
  close(): Promise<void>;
}

interface Surroundings {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** Alone, or with the others on one Redis. */
export const share = (config: Config, around: Surroundings, parts: ShareParts): Share =>
  config.redisUrl === null
    ? stayAlone(config, around, parts)
    : joinOthers(config, config.redisUrl, around, parts);

function stayAlone(
  config: Config,
  { clock, random, log }: Surroundings,
  { conditions, empty, stored, store }: ShareParts,
): Share {
  log.info('Running alone; REDIS_URL is for several nodes that share one Redis.');
  const broker = createMemoryBroker(
    { clock, log, conditions },
    { empty, refreshMinIntervalMs: config.refreshMinIntervalS * 1000 },
  );
  const highestEpoch = () => Math.max(broker.held().epoch, stored.epoch);
  return {
    broker,
    lease: createSoloLease({ clock, random, highestEpoch }),
    ledger: createStoredLedger(clock, store),
    history: null,
    close: async () => {},
  };
}

function joinOthers(
  config: Config,
  redisUrl: string,
  { clock, random, log }: Surroundings,
  { conditions, empty, stored, store }: ShareParts,
): Share {
  const prefix = config.simulated ? `${config.redisPrefix}${SIMULATED_ENDING}` : config.redisPrefix;
  const target = parseRedisUrl(redisUrl);
  const keys = redisKeys(prefix, target !== null && 'db' in target ? target.db : 0);
  const token = randomUUID();
  log.info({ node: token, prefix }, 'One of the nodes that share a Redis.');
  const connect = createConnectRedis(redisUrl, random, clock);
  const link = createRedisLink({ connect, clock, log });
  const steps = createRedisSteps(link, {
    keys,
    token,
    snapshotTtlS: config.snapshotTtlS,
    clock,
  });
  const channel = createRedisChannel({ connect, clock, log }, keys.updates);
  link.onAway((isAway) => conditions.set('redis_away', isAway));
  const broker = createRedisBroker(
    { steps, channel, presence: link, clock, log, conditions },
    {
      empty,
      refreshMinIntervalMs: config.refreshMinIntervalS * 1000,
      snapshotTtlS: config.snapshotTtlS,
      stored: stored.row,
    },
  );
  const lease = createNodesLease(
    config,
    { clock, random, log },
    { conditions, empty, stored },
    { steps, presence: link, broker },
  );
  const ledger = createRedisLedger({
    steps: createBudgetSteps(link, keys),
    own: createStoredLedger(clock, store),
    isShared: () => !conditions.has('solo'),
    clock,
    log,
  });
  const history: SharedHistory = {
    steps: createHistorySteps(link, keys),
    presence: link,
    isLeader: () => lease.isHeld() && !conditions.has('solo'),
  };
  return {
    broker,
    lease,
    ledger,
    history,
    async close() {
      await channel.close();
      link.close();
    },
  };
}

function createNodesLease(
  config: Config,
  { clock, random, log }: Surroundings,
  { conditions, empty, stored }: Omit<ShareParts, 'store'>,
  on: {
    readonly steps: RedisSteps;
    readonly presence: RedisPresence;
    readonly broker: RedisBroker;
  },
): Lease {
  const deps = { ...on, clock, random, log };
  const { noteKey } = on.broker;
  const highestEpoch = (seen: number) => () => Math.max(seen, on.broker.held().epoch, stored.epoch);
  const readStored = ({ epoch, seq, json }: StoredJson): PositionedDocument | null => {
    const document = readDocument(json, empty, clock.now());
    return document === null ? null : { epoch, seq, document };
  };
  const options = {
    ttlMs: config.leaseTtlMs,
    freeMessage: plainMessage({ type: 'lease_free' }),
  };
  return createRoles({
    ...deps,
    shared: (seen) =>
      createRedisLease({ ...deps, readStored, noteKey, highestEpoch: highestEpoch(seen) }, options),
    solo: (seen, nodes) =>
      createSoloLease({ clock, random, highestEpoch: highestEpoch(seen), nodes }),
    setSolo: (isSolo) => conditions.set('solo', isSolo),
  });
}
