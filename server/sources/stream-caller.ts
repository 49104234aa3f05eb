/** The one caller of streams: keeps one connection to an exchange for as long as it may, and says what it brings. */

import type { Clock, SourceId } from '../../contract/index.ts';
import type { CoinReading } from './source.ts';
import type { Connect, Stream } from './stream.ts';
import { createStreamBackoff } from './stream-backoff.ts';
import { createStreamConnection, type StreamConnection } from './stream-connection.ts';
import type { StreamFailure } from './stream-end.ts';
import { createStreamPair } from './stream-pair.ts';
import { createStreamReporter, type StreamReport } from './stream-report.ts';

/** What a stream needs. */
export interface OpenStreamDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly connect: Connect;
  /** Whether this node may call upstreams now (it holds the lease). Asked right before every connection. */
  readonly mayConnect: () => boolean;
  /** Fields first, as pino has it. */
  readonly log: {
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Says who is asking. */
  readonly userAgent: string;
}

/** Which stream, and where. */
export interface OpenStreamOptions {
  readonly source: SourceId;
  readonly stream: Stream;
  /** Origin only; path and query are the stream's own. */
  readonly wsUrl: string;
  /** Symbols of the coins that are shown. */
  readonly coins: readonly string[];
  readonly handshakeTimeoutMs: number;
}

/** Where a stream's news goes. */
export interface OpenStreamListener {
  /** At least one, as soon as their frame was read. */
  readings(readings: readonly CoinReading[]): void;
  /** The first price of a connection has come; its readings follow. */
  connected(connection: string): void;
  /** What the connection brought is not live any more. Once for every one that was `connected`, at once when it ends. */
  lost(connection: string): void;
  /** What the stream is doing has changed. Nothing is said before the first price or the first failure. */
  state(report: StreamReport): void;
}

/** For metrics; since the stream was opened. */
export interface StreamCounts {
  readonly frames: number;
  /** Of them, those that could not be read. */
  readonly unreadable: number;
  /** Handshakes that succeeded. */
  readonly connections: number;
  /** Handshakes that were begun. */
  readonly attempts: number;
}

/**
 * Duties of an open stream:
 * - it connects at once, and again whenever it has to, each time after a wait of random length that grows with failures in
 *   a row, and never more than 40 times in five minutes; a refusal is not asked again for half an hour;
 * - `mayConnect()` is asked right before every connection;
 * - a connection that does not open in time, brings no price within 20 s, or brings nothing for 20 s, is ended;
 * - one that will be cut soon is kept until the next one has brought prices of the same coins, and a coin's readings come
 *   from one of the two only: there are never more than two;
 * - after `close()` nothing is connected to and nothing reaches the listener, `lost` included.
 */
export interface OpenStream {
  counts(): StreamCounts;
  close(): void;
}

/** Up to this part of the time a connection may last is given up, so that those made at one moment do not all end at one. */
const AGE_JITTER = 0.05;

/** Opens a stream. The listener is told nothing before this has returned. */
export function openStream(
  deps: OpenStreamDeps,
  options: OpenStreamOptions,
  listener: OpenStreamListener,
): OpenStream {
  const { clock, random, log } = deps;
  const { source } = options;
  const backoff = createStreamBackoff(clock, random);
  const tally = { frames: 0, unreadable: 0, connections: 0, attempts: 0 };
  const connectionOptions = toConnectionOptions(deps, options);
  let isClosed = false;

  const tell = createTell(source, log, () => isClosed);
  const reporter = createStreamReporter(clock, (report) => tell(() => listener.state(report)));
  const pair = createStreamPair(clock, ({ name }) => tell(() => listener.lost(name)));

  const attempt = (): void => {
    if (!deps.mayConnect()) {
      attemptIn(backoff.sameWaitMs());
      return;
    }
    backoff.attempted();
    tally.attempts += 1;
    const connection = createStreamConnection(
      { clock, connect: deps.connect, log, tally },
      { ...connectionOptions, maxAgeMs: maxAgeOf(options.stream, random) },
      {
        readings: (readings, areFirst) => bring(connection, readings, areFirst),
        leaving: () => leave(connection),
        ended: (failure) => ended(connection, failure),
      },
    );
    pair.add(connection);
    connection.start();
  };
  const attemptIn = (waitMs: number): void => {
    if (!isClosed) next = clock.after(waitMs, attempt);
  };
  let next = clock.after(0, attempt);

  const bring = (
    from: StreamConnection,
    readings: readonly CoinReading[],
    areFirst: boolean,
  ): void => {
    if (areFirst) {
      pair.began();
      reporter.began();
      tell(() => listener.connected(from.name));
      reporter.update(pair.isServing());
    }
    const counting = pair.counting(from, readings);
    if (counting.length > 0) tell(() => listener.readings(counting));
    pair.settle();
  };
  const leave = (connection: StreamConnection): void => {
    if (!pair.isLatest(connection)) return;
    if (connection.isProven()) backoff.proven();
    pair.turnOver();
    attemptIn(backoff.waitMs(null));
  };
  const ended = (connection: StreamConnection, failure: StreamFailure): void => {
    const wasLatest = pair.isLatest(connection);
    pair.gone(connection);
    if (connection.isProven()) backoff.proven();
    const waitMs = wasLatest ? backoff.waitMs(failure) : null;
    if (waitMs !== null) attemptIn(waitMs);
    reporter.ended(failure.code, waitMs);
    log.warn({ source, connection: connection.name, ...failure, waitMs }, 'a stream ended');
    if (connection.symbols.size > 0) tell(() => listener.lost(connection.name));
    reporter.update(pair.isServing());
  };

  return {
    counts: () => ({ ...tally }),
    close() {
      isClosed = true;
      next.cancel();
      pair.close();
    },
  };
}

/** A listener that throws must not end the stream; one of a closed stream hears nothing. */
const createTell =
  (source: SourceId, log: OpenStreamDeps['log'], isClosed: () => boolean) =>
  (say: () => void): void => {
    if (isClosed()) return;
    try {
      say();
    } catch (err) {
      log.error({ source, err }, 'the listener of a stream threw');
    }
  };

const toConnectionOptions = (
  { userAgent }: OpenStreamDeps,
  { source, stream, wsUrl, coins, handshakeTimeoutMs }: OpenStreamOptions,
) => ({
  source,
  stream,
  coins,
  handshakeTimeoutMs,
  url: new URL(stream.address(coins), wsUrl).href,
  headers: { 'user-agent': userAgent },
});

function maxAgeOf({ maxConnectionMs }: Stream, random: () => number): number | null {
  if (maxConnectionMs === null) return null;
  return maxConnectionMs * (1 - AGE_JITTER * random());
}
