/** The exchanges' streams of one term: each connected for as long as the lease is held, what they bring goes to the feed. */

import type { Clock, SourceId } from '../contract/index.ts';
import type { Config } from './config.ts';
import type { Feed } from './feed/feed.ts';
import type { Log } from './log.ts';
import { SOURCES } from './sources/index.ts';
import type { Connect } from './sources/stream.ts';
import { openStream } from './sources/stream-caller.ts';
import type { StreamWord } from './words.ts';

/** What streams are made of. */
export interface StreamDeps {
  readonly config: Pick<Config, 'sources' | 'coins' | 'upstreamTimeoutMs'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly connect: Connect;
  readonly userAgent: string;
  /** Whether this node may call upstreams now. Asked right before every connection. */
  readonly mayConnect: () => boolean;
  readonly log: Log;
}

/** What becomes of a stream. */
export interface StreamListener {
  /** The first price of a connection has come. */
  connected(source: SourceId): void;
  /** What a connection brought is not live any more. */
  lost(source: SourceId): void;
  changed(source: SourceId, word: StreamWord): void;
}

/** The streams of one term. */
export interface Streams {
  /** Whether any exchange streams prices now. */
  areAlive(): boolean;
  close(): void;
}

/** Sources whose prices are streamed with this configuration. */
export const streamedSources = ({ sources }: Pick<Config, 'sources'>): readonly SourceId[] =>
  SOURCES.flatMap(({ id, stream }) => (stream !== null && sources[id].wsUrl !== null ? [id] : []));

/** Connects to every exchange that is not switched off. */
export function startStreams(
  deps: StreamDeps,
  feed: Pick<Feed, 'accept' | 'connectionLost'>,
  listener: StreamListener,
): Streams {
  const { config, log } = deps;
  const alive = new Set<string>();
  const open = SOURCES.flatMap(({ id, stream }) => {
    const { wsUrl } = config.sources[id];
    if (stream === null || wsUrl === null) return [];
    const options = {
      source: id,
      stream,
      wsUrl,
      coins: config.coins,
      handshakeTimeoutMs: config.upstreamTimeoutMs,
    };
    return [
      openStream(deps, options, {
        readings: (readings) => feed.accept(readings),
        connected(connection) {
          alive.add(connection);
          log.debug({ source: id, connection }, 'a stream brings prices');
          listener.connected(id);
        },
        lost(connection) {
          alive.delete(connection);
          feed.connectionLost(connection);
          listener.lost(id);
        },
        state({ state, error }) {
          listener.changed(id, { state, error });
        },
      }),
    ];
  });
  return {
    areAlive: () => alive.size > 0,
    close() {
      for (const stream of open) stream.close();
    },
  };
}
