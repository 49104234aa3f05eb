/** Leases of several nodes on one real Redis, for tests. */

import { systemClock } from '../../contract/index.ts';
import { until } from '../../e2e/until.ts';
import { at, documentWith } from '../broker/test-broker.ts';
import type { RedisSteps } from '../redis/steps.ts';
import { connectTestNode, listenTestNode } from '../redis/test-redis.ts';
import type { LeaseEvent } from './lease.ts';
import { createRedisLease } from './redis-lease.ts';
import { createErrorLog } from './test-questions.ts';

/** The shortest that may be configured, so that tests are quick. */
export const TTL_MS = 2000;
const FREE = 'free';
const DOCUMENT = documentWith(2e12, '2026-11-23T07:00:00Z');

/** How a node differs from the others. */
export interface LeaseNodeOptions {
  /** By how much its wall clock is wrong, ms. */
  readonly wallOffsetMs?: number;
  /** The highest epoch it knows from documents. */
  readonly highestEpoch?: () => number;
  /** Stands between the lease and its steps. */
  readonly through?: (steps: RedisSteps) => RedisSteps;
}

/** A node with nothing but a lease. */
export type LeaseNode = ReturnType<typeof openLeaseNode>;

/** Connects a node of the name; its lease is not started. */
export function openLeaseNode(url: string, name: string, options: LeaseNodeOptions = {}) {
  const { link, steps } = connectTestNode(url, `${name} ${crypto.randomUUID()}`);
  const { channel, heard } = listenTestNode(url);
  const log = createErrorLog();
  const lease = createRedisLease(
    {
      steps: options.through?.(steps) ?? steps,
      presence: link,
      broker: {
        subscribe: (listener) =>
          channel.subscribe((message) => {
            if (message === FREE) listener({ type: 'lease_free' });
          }),
      },
      clock: { ...systemClock, now: () => Date.now() + (options.wallOffsetMs ?? 0) },
      random: Math.random,
      log,
      highestEpoch: options.highestEpoch ?? (() => 0),
      readStored: ({ epoch, seq }) => ({ epoch, seq, document: DOCUMENT }),
      noteKey: () => {},
    },
    { ttlMs: TTL_MS, freeMessage: FREE },
  );
  const events: LeaseEvent[] = [];
  lease.subscribe((event) => events.push(event));
  return {
    ...{ name, lease, steps, events, log },
    epochs: () => events.flatMap((event) => (event.type === 'gained' ? [event.epoch] : [])),
    /** Resolves when it can speak and hear. */
    async connected() {
      await until(() => steps.read().catch(() => null), Boolean);
      await until(
        () => heard,
        (messages) => messages.includes(null),
      );
    },
    /** Its process is gone: nothing is renewed and nothing given up. */
    die: () => link.close(),
    async close() {
      await lease.close();
      link.close();
      await channel.close();
    },
  };
}

/** A position for whoever raises the term. */
export const raisedTo = (epoch: number) => ({ ...at(1), epoch, json: '' });

/** Resolves when the node holds the lease. */
export const held = ({ lease }: LeaseNode, withinMs?: number): Promise<boolean> =>
  until(() => lease.isHeld(), Boolean, withinMs);

/** Lets time pass in which something must not happen. */
export const letPass = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Looks every millisecond how many hold the lease at once. */
export function watchHolders(nodes: readonly LeaseNode[]) {
  let most = 0;
  let looks = 0;
  const timer = setInterval(() => {
    looks++;
    most = Math.max(most, nodes.filter(({ lease }) => lease.isHeld()).length);
  }, 1);
  return {
    most: () => most,
    looks: () => looks,
    end: () => clearInterval(timer),
  };
}
