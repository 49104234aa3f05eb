/** The broker of many nodes: Redis stores and publishes in one step, and every node hears it the same way. */

import {
  type Clock,
  comparePositions,
  type DashboardDocument,
  type Position,
} from '../../contract/index.ts';
import type {
  KeyForm,
  RedisChannel,
  RedisPresence,
  RedisSteps,
  StoredJson,
} from '../redis/steps.ts';
import type { Broker } from './broker.ts';
import {
  type ChannelMessage,
  plainMessage,
  readMessage,
  type VersionMessage,
  versionMessage,
} from './channel-messages.ts';
import type { Conditions } from './conditions.ts';
import { type BrokerLog, createHeldVersion, type HeldVersion } from './held-version.ts';
import { createKeyKeeper, type KeyKeeper } from './key-keeper.ts';
import { createKeyReader, type KeyReaderDeps } from './key-reader.ts';
import { readDocument } from './read-document.ts';
import { createRefreshInterval } from './refresh-interval.ts';

/** What a Redis broker is made of. */
export interface RedisBrokerDeps {
  readonly steps: RedisSteps;
  readonly channel: RedisChannel;
  readonly presence: Pick<RedisPresence, 'onConnected'>;
  readonly clock: Clock;
  readonly log: BrokerLog & KeyReaderDeps['log'];
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
  /** What this node kept of its last run: held until something newer is heard. */
  readonly stored: (Position & { readonly document: DashboardDocument }) | null;
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
  const keeper = createKeyKeeper(deps, options.snapshotTtlS);
  const take = (version: HeardVersion) => takeHeard(version, held, options.empty, deps.log);
  const mayRaise = () => !conditions.has('solo');
  const reader = createKeyReader(deps, held.get, { take, mayRaise });
  const hear = (message: ChannelMessage) => {
    if (message.type === 'version') return take(message);
    if (!('epoch' in message)) return held.tell(message);
    const { epoch, seq, ...event } = message;
    held.tell({ ...event, position: { epoch, seq } });
    reader.compare(message);
  };
  holdStored(held, options);

  const ends = [
    channel.subscribe((text) => {
      if (text === null) return reader.read();
      const message = readMessage(text);
      if (message !== null) hear(message);
    }),
    presence.onConnected(reader.read),
    conditions.subscribe(() => held.tell({ type: 'conditions', conditions: conditions.list() })),
    reader.close,
    keeper.close,
    held.close,
  ];
  return {
    held: held.get,
    subscribe: held.subscribe,
    conditions: conditions.list,
    noteKey: keeper.note,
    ...createVoice(deps, options, { held, keeper, hear }),
    async close() {
      for (const end of ends) end();
    },
  };
}

/** What is stored of the other kind counts as missing. */
function holdStored(held: HeldVersion, { stored, empty }: RedisBrokerOptions): void {
  if (stored === null || stored.document.simulated !== empty.simulated) return;
  held.take({ ...stored, patch: null, whole: true, json: JSON.stringify(stored.document) });
}

/** A version from the channel, or from the key, which knows no patch. */
type HeardVersion = StoredJson & Partial<Pick<VersionMessage, 'patch' | 'whole'>>;

/** Holds a version that is newer and can be read. */
function takeHeard(
  { epoch, seq, json, patch = null, whole = true }: HeardVersion,
  held: HeldVersion,
  empty: DashboardDocument,
  log: RedisBrokerDeps['log'],
): void {
  if (comparePositions({ epoch, seq }, held.get()) <= 0) return;
  const document = readDocument(json, empty, ANY_TIME);
  // A document of the other kind counts as missing.
  if (document === null || document.simulated !== empty.simulated) {
    log.warn({ epoch, seq }, 'a document could not be read and was left out');
    return;
  }
  held.take({ epoch, seq, patch, document, whole, json });
}

interface VoiceParts {
  readonly held: HeldVersion;
  readonly keeper: KeyKeeper;
  /** Hears what a node that is solo says to itself. */
  readonly hear: (message: ChannelMessage) => void;
}

/** What this node says: to all nodes, or, while it is solo, to itself. */
function createVoice(
  { steps, clock, conditions }: RedisBrokerDeps,
  { refreshMinIntervalMs }: RedisBrokerOptions,
  { held, keeper, hear }: VoiceParts,
) {
  const ownInterval = createRefreshInterval(clock, refreshMinIntervalMs);
  const isSolo = () => conditions.has('solo');
  const say = async (message: Exclude<ChannelMessage, VersionMessage>) => {
    if (isSolo()) hear(message);
    else await steps.publish(plainMessage(message));
  };
  return {
    async publish(version) {
      const json = JSON.stringify(version.document);
      if (isSolo()) return held.take({ ...version, json }) ? 'ok' : 'behind';
      const stored = { epoch: version.epoch, seq: version.seq, json };
      const answer = await steps.save(stored, versionMessage(version, json));
      if (answer !== 'ok') return answer;
      keeper.saved(stored);
      // Heard on the channel as well, sooner or later; this node's pages need not wait for that.
      held.take({ ...version, json });
      return answer;
    },
    async heartbeat({ epoch, seq }) {
      // A node that is solo counts nobody: how many it last heard of is what its share is measured by.
      if (isSolo()) return;
      await say({ type: 'heartbeat', epoch, seq, nodes: await steps.countNodes() });
    },
    async claimRefresh() {
      if (isSolo()) return ownInterval.claim();
      const retryAfterMs = await steps.claimRefresh(refreshMinIntervalMs);
      return retryAfterMs === 0 ? { granted: true } : { granted: false, retryAfterMs };
    },
    wantRefresh: () => say({ type: 'refresh_wanted' }),
    async roundStarted() {
      ownInterval.start();
      if (!isSolo()) await steps.startRefreshInterval(refreshMinIntervalMs);
    },
    endRound: ({ epoch, seq }, outcome) => say({ type: 'round_ended', epoch, seq, outcome }),
  } satisfies Partial<Broker>;
}
