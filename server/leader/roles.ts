/** The role of a node that shares a Redis: leader or follower while Redis answers, solo when it does not. */

import type { Clock } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import type { RedisPresence, RedisSteps } from '../redis/steps.ts';
import type { Lease } from './lease.ts';
import { createLeaseListeners } from './lease-listeners.ts';
import { createReturn } from './return.ts';
import { createSilence } from './silence.ts';

/** What the roles are made of. */
export interface RolesDeps {
  readonly steps: Pick<RedisSteps, 'raise'>;
  readonly presence: Pick<RedisPresence, 'answeredAtMs' | 'onConnected'>;
  readonly broker: Pick<Broker, 'held' | 'subscribe'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  /**
   * The lease among all nodes; asked for anew whenever Redis is back.
   * @param seenEpoch the highest this node was ever given: what was never published is known nowhere else
   */
  readonly shared: (seenEpoch: number) => Lease;
  /**
   * The lease of a node on its own.
   * @param nodes how many are likely to be on their own as well, this one included
   */
  readonly solo: (seenEpoch: number, nodes: number) => Lease;
  /** Told before the first and after the last term on its own. */
  readonly setSolo: (isSolo: boolean) => void;
}

/**
 * Most nodes that the upstreams' budgets are shared among: the number is one message's word, and with more of them the
 * rounds would be most of a working day apart.
 */
const MAX_SHARING_NODES = 100;

/** A lease that is the shared one while Redis answers, and the node's own while it does not. */
export function createRoles(deps: RolesDeps): Lease {
  const { presence, broker, clock, random, log, setSolo } = deps;
  const listeners = createLeaseListeners();
  let lease: Lease | null = null;
  /** As many as were last heard of. */
  let nodes = 1;
  let highestEpoch = 0;

  const enter = (entered: Lease) => {
    lease = entered;
    entered.subscribe((event) => {
      if (event.type === 'gained') highestEpoch = event.epoch;
      listeners.tell(event);
    });
    entered.start();
  };
  /** `lost` is told at once; what there is to say to Redis may take longer. */
  const leaveLease = async () => {
    await lease?.close().catch((err) => log.warn({ err }, 'a lease did not end as it should'));
  };
  const goSolo = () => {
    log.warn(
      { nodes },
      'Redis could not be used for half a minute: solo, with figures of its own until it can',
    );
    // Before a last try has had its answer, it could take the lease of a node that is back, and give it away.
    void leaveLease().then(comeback.begin);
    setSolo(true);
    enter(deps.solo(highestEpoch, nodes));
  };
  const rejoin = () => {
    log.info({}, 'no longer solo');
    void leaveLease();
    setSolo(false);
    silence.begin();
    enter(deps.shared(highestEpoch));
  };
  const silence = createSilence(presence, clock, random, goSolo);
  const comeback = createReturn(deps, rejoin);
  const leave = broker.subscribe((event) => {
    if (event.type === 'heartbeat') nodes = Math.min(Math.max(1, event.nodes), MAX_SHARING_NODES);
  });

  return {
    isHeld: () => lease?.isHeld() ?? false,
    start() {
      if (lease !== null) return;
      silence.begin();
      enter(deps.shared(highestEpoch));
    },
    subscribe: listeners.subscribe,
    renewTerm: () => lease?.renewTerm(),
    standBack: (forMs) => lease?.standBack(forMs),
    async close() {
      silence.end();
      comeback.end();
      leave();
      await lease?.close();
      listeners.clear();
    },
  };
}
