/** The exchanges' streams of one term: each connected for as long as the lease is held, what they bring goes to the feed. */

import type { Clock, SourceId } from '../contract/index.ts';
import type { Config } from './config.ts';
import type { Feed } from './feed/feed.ts';
import type { Log } from './log.ts';
import type { Ledger } from './schedule/ledger.ts';
import { SOURCES } from './sources/index.ts';
import type { Connect } from './sources/stream.ts';
import type { StreamPauses } from './sources/stream-backoff.ts';
import { type OpenStream, openStream } from './sources/stream-caller.ts';
import type { StreamMemory } from './sources/stream-memory.ts';
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
  /** What streams of earlier terms have learned. */
  readonly streamMemory: StreamMemory;
  /** What other nodes have left word of. */
  readonly ledger: Pick<Ledger, 'catchUp'>;
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

/** An exchange limits its stream and its routes apart: a pause of the one is none of the other. */
export const streamPauses = (ledger: Pick<Ledger, 'pause' | 'pauseMs'>): StreamPauses => ({
  leftMs: (source) => ledger.pauseMs(`${source}:stream`),
  keep: (source, forMs) => ledger.pause(`${source}:stream`, forMs),
});

/** Connects to every exchange that is not switched off, as soon as it is known which want to be left alone. */
export function startStreams(
  deps: StreamDeps,
  feed: Pick<Feed, 'accept' | 'connectionLost'>,
  listener: StreamListener,
): Streams {
  const { config, ledger, log } = deps;
  const alive = new Set<string>();
  let open: readonly OpenStream[] = [];
  let isClosed = false;
  const openAll = () =>
    SOURCES.flatMap(({ id, stream }) => {
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
          state: (report) => listener.changed(id, report),
        }),
      ];
    });
  void ledger.catchUp(streamedSources(config).map((id) => `${id}:stream` as const)).then(() => {
    if (!isClosed) open = openAll();
  });
  return {
    areAlive: () => alive.size > 0,
    close() {
      isClosed = true;
      for (const stream of open) stream.close();
    },
  };
}
