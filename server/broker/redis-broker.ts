/** The broker of many nodes: Redis stores and publishes in one step, and every node hears it the same way. */

import { type Clock, comparePositions, type DashboardDocument } from '../../contract/index.ts';
import type {
  KeyForm,
  RedisChannel,
  RedisPresence,
  RedisSteps,
  StoredJson,
} from '../redis/steps.ts';
import type { Broker } from './broker.ts';
import { type ChannelMessage, readMessage, type VersionMessage } from './channel-messages.ts';
import type { Conditions } from './conditions.ts';
import { type BrokerLog, createHeldVersion, type HeldVersion } from './held-version.ts';
import { createKeyKeeper, type KeyKeeperDeps } from './key-keeper.ts';
import { createKeyReader, type KeyReaderDeps } from './key-reader.ts';
import { readDocument } from './read-document.ts';
import { createRedisVoice } from './redis-voice.ts';

/** What a Redis broker is made of. */
export interface RedisBrokerDeps {
  readonly steps: RedisSteps;
  readonly channel: RedisChannel;
  readonly presence: Pick<RedisPresence, 'onConnected'>;
  readonly clock: Clock;
  readonly log: BrokerLog & KeyReaderDeps['log'] & KeyKeeperDeps['log'];
  /** While `solo` holds, this broker keeps to itself what it is given, as a memory broker does. */
  readonly conditions: Conditions;
}

/** How a Redis broker is set up. */
export interface RedisBrokerOptions {
  /** The document before any term. */
  readonly empty: DashboardDocument;
  /** Shortest time between two refresh rounds of all nodes, ms. */
  readonly refreshMinIntervalMs: number;
  /** Time to live of the document in Redis, s. */
  readonly snapshotTtlS: number;
  /** What this node kept of its last run, byte by byte: held until something newer is heard. */
  readonly stored: StoredJson | null;
}

/** A {@link Broker} on Redis. */
export interface RedisBroker extends Broker {
  /** Takes note of what a renewal found under the document's key; what does not belong there is replaced. */
  noteKey(form: KeyForm): void;
}

/**
 * The times in a document are judged by the clock of the leader that wrote it. A node whose own clock is behind would
 * otherwise take everybody's newest figures for impossible ones.
 */
const ANY_TIME = Number.MAX_SAFE_INTEGER;

/** A broker on Redis; see the duties on {@link Broker}. */
export function createRedisBroker(deps: RedisBrokerDeps, options: RedisBrokerOptions): RedisBroker {
  const { channel, presence, conditions } = deps;
  const held = createHeldVersion(options.empty, deps.log);
  const isSolo = () => conditions.has('solo');
  let wasSolo = isSolo();
  const keeper = createKeyKeeper(deps, options.snapshotTtlS, () =>
    held.tell({ type: 'save_wanted' }),
  );
  let isClosed = false;
  const take = createTaker(held, options.empty, deps.log);
  const reader = createKeyReader(deps, held.get, { take, isAllowed: () => !isSolo() });
  const hear = (message: ChannelMessage) => {
    if (message.type === 'version') {
      take(message);
      // A leader whose term began below what this node holds will not be heard until the term is lifted.
      if (message.epoch < held.get().epoch) reader.read();
      return;
    }
    if (!('epoch' in message)) return held.tell(message);
    const { epoch, seq, ...event } = message;
    held.tell({ ...event, position: { epoch, seq } });
    reader.compare(message);
  };
  if (options.stored !== null) take(options.stored);

  const ends = [
    channel.subscribe((text) => {
      // Who is solo goes by itself, whatever it still hears: a later term's document would be in the way of its own.
      if (isSolo()) return;
      if (text === null) return reader.read();
      const message = readMessage(text, deps.clock.now());
      if (message !== null) hear(message);
    }),
    presence.onConnected(reader.read),
    conditions.subscribe(() => {
      held.tell({ type: 'conditions', conditions: conditions.list() });
      // Whatever was said while it was solo was not heard.
      if (wasSolo && !isSolo()) reader.read();
      wasSolo = isSolo();
    }),
    reader.close,
    keeper.close,
    held.close,
  ];
  return {
    held: held.get,
    subscribe: held.subscribe,
    conditions: conditions.list,
    noteKey: keeper.note,
    ...createRedisVoice(deps, options, { held, keeper, hear, isClosed: () => isClosed }),
    async close() {
      isClosed = true;
      for (const end of ends) end();
    },
  };
}

/** A version from the channel, or from the key, which knows no patch. */
type HeardVersion = StoredJson & Partial<Pick<VersionMessage, 'patch' | 'whole'>>;

/** @returns a function that holds a version if it is newer and can be read */
function createTaker(held: HeldVersion, empty: DashboardDocument, log: RedisBrokerDeps['log']) {
  /** Said once: a leader that writes what this node cannot read does so four times a second. */
  let isToldUnreadable = false;
  return ({ epoch, seq, json, patch = null, whole = true }: HeardVersion): void => {
    if (comparePositions({ epoch, seq }, held.get()) <= 0) return;
    const document = readDocument(json, empty, ANY_TIME);
    // A document of the other kind counts as missing.
    if (document !== null && document.simulated === empty.simulated) {
      isToldUnreadable = false;
      held.take({ epoch, seq, patch, document, whole, json });
    } else if (!isToldUnreadable) {
      isToldUnreadable = true;
      log.warn({ epoch, seq }, 'a document cannot be read and is left out, as are all like it');
    }
  };
}
