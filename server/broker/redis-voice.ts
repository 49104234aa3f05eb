/** What a node with a Redis says: to all nodes, or, while it is solo, to itself. */

import type { Clock } from '../../contract/index.ts';
import type { RedisSteps } from '../redis/steps.ts';
import type { Broker } from './broker.ts';
import {
  type ChannelMessage,
  MAX_NODES,
  plainMessage,
  type VersionMessage,
  versionMessage,
} from './channel-messages.ts';
import type { Conditions } from './conditions.ts';
import type { HeldVersion } from './held-version.ts';
import type { KeyKeeper } from './key-keeper.ts';
import { createRefreshInterval } from './refresh-interval.ts';

/** What a voice is made of. */
export interface RedisVoiceDeps {
  readonly steps: Pick<
    RedisSteps,
    'save' | 'publish' | 'countNodes' | 'claimRefresh' | 'startRefreshInterval'
  >;
  readonly clock: Clock;
  readonly conditions: Pick<Conditions, 'has'>;
}

/** The broker it belongs to. */
export interface RedisVoiceParts {
  readonly held: HeldVersion;
  readonly keeper: Pick<KeyKeeper, 'saved'>;
  /** Hears what a node that is solo says to itself. */
  readonly hear: (message: ChannelMessage) => void;
  readonly isClosed: () => boolean;
}

/** The words of a {@link Broker}. */
export type RedisVoice = Pick<
  Broker,
  'publish' | 'heartbeat' | 'claimRefresh' | 'wantRefresh' | 'roundStarted' | 'endRound'
>;

/** What is said about a round's end, where Redis does not take it, is said again for so long, ms: see {@link insist}. */
const INSIST_MS = 5000;
/** Between two tries, ms. */
const INSIST_EVERY_MS = 500;

/** @param options `refreshMinIntervalMs`: shortest time between two refresh rounds of all nodes */
export function createRedisVoice(
  { steps, clock, conditions }: RedisVoiceDeps,
  { refreshMinIntervalMs }: { readonly refreshMinIntervalMs: number },
  { held, keeper, hear, isClosed }: RedisVoiceParts,
): RedisVoice {
  const ownInterval = createRefreshInterval(clock, refreshMinIntervalMs);
  /** As many as were last counted; this node is one. */
  let nodes = 1;
  /** Name of the last claim that was not answered: it may have been granted. */
  let owed: string | null = null;
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
      // A count that fails (one master of a Cluster is away) must not cost the sign of life.
      nodes = Math.min(MAX_NODES, await steps.countNodes().catch(() => nodes));
      await say({ type: 'heartbeat', epoch, seq, nodes });
    },
    async claimRefresh() {
      if (isSolo()) return ownInterval.claim();
      const claim = owed ?? crypto.randomUUID();
      owed = null;
      try {
        const retryAfterMs = await steps.claimRefresh(refreshMinIntervalMs, claim);
        if (retryAfterMs === 0) return { granted: true };
        // What lasts longer was not written by a node; the next round's start replaces it.
        return { granted: false, retryAfterMs: Math.min(retryAfterMs, refreshMinIntervalMs) };
      } catch (error) {
        owed = claim;
        throw error;
      }
    },
    wantRefresh: () => say({ type: 'refresh_wanted' }),
    async roundStarted() {
      ownInterval.start();
      if (!isSolo()) await steps.startRefreshInterval(refreshMinIntervalMs);
    },
    endRound: ({ epoch, seq }, outcome) =>
      insist(() => say({ type: 'round_ended', epoch, seq, outcome }), clock, isClosed),
  };
}

/**
 * Those who wait for a round have nothing to go by but the word that it ended. After an outage that is longer than
 * this another term begins, and its first round answers them.
 * @throws what the last try threw
 */
async function insist(
  tell: () => Promise<void>,
  clock: Clock,
  isClosed: () => boolean,
): Promise<void> {
  const untilMs = clock.monotonic() + INSIST_MS;
  for (;;) {
    try {
      return await tell();
    } catch (error) {
      if (isClosed() || clock.monotonic() >= untilMs) throw error;
      await new Promise<void>((resolve) => void clock.after(INSIST_EVERY_MS, resolve));
    }
  }
}
