/** The one caller of streams: keeps one connection to an exchange for as long as it may, and says what it brings. */

import { type Clock, type SourceId, STALE_AFTER_S, type Timer } from '../../contract/index.ts';
import type { CoinReading } from './source.ts';
import type { Connect, Stream } from './stream.ts';
import type { StreamBackoff, TimedFailure } from './stream-backoff.ts';
import { createStreamConnection, type StreamConnection } from './stream-connection.ts';
import type { StreamFailure } from './stream-end.ts';
import type { RememberedStream, StreamMemory } from './stream-memory.ts';
import { createStreamPair } from './stream-pair.ts';
import { createStreamReporter, type StreamReport } from './stream-report.ts';
import type { TroubleLog } from './trouble.ts';

/** What a stream needs. */
export interface OpenStreamDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly connect: Connect;
  /** Whether this node may call upstreams now (it holds the lease). Asked right before every connection. */
  readonly mayConnect: () => boolean;
  /** Fields first, as pino has it. */
  readonly log: TroubleLog & { error(fields: object, message: string): void };
  /** What earlier streams of the process have learned. */
  readonly streamMemory: StreamMemory;
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

/**
 * Duties of an open stream:
 * - it connects at once, unless an earlier stream to the same exchange has left a wait: then it says at once what that is
 *   for, and goes on with what is left of it;
 * - it connects again whenever it has to, each time after a wait of random length that grows with failures in a row, and
 *   never more than 40 times in five minutes, earlier streams' attempts included; a refusal is not asked again for half
 *   an hour;
 * - `mayConnect()` is asked right before every connection;
 * - a connection that does not open in time, brings no price within 20 s, or brings nothing for 20 s, is ended;
 * - one that will be cut soon is kept until the next one has brought prices of the same coins, and a coin's readings come
 *   from one of the two only: there are never more than two;
 * - after `close()` nothing is connected to and nothing reaches the listener, `lost` included.
 */
export interface OpenStream {
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
  const remembered = deps.streamMemory.of(source);
  const { backoff, trouble } = remembered;
  const connectionOptions = toConnectionOptions(deps, options);
  let isClosed = false;

  const tell = createTell(source, log, () => isClosed);
  const reporter = createStreamReporter((report) => tell(() => listener.state(report)));
  const pair = createStreamPair(clock, ({ name }) => tell(() => listener.lost(name)));

  const turns = createTurns(deps, backoff, () => {
    const connection = createStreamConnection(
      { clock, connect: deps.connect, log },
      { ...connectionOptions, maxAgeMs: maxAgeOf(options.stream, random) },
      {
        readings: (readings, areFirst) => bring(connection, readings, areFirst),
        dated: (lagMs) => sayLate(deps, source, remembered, lagMs),
        leaving: () => leave(connection),
        ended: (failure) => ended(connection, failure),
      },
    );
    pair.add(connection);
    connection.start();
  });
  turns.begin((failure) => {
    reporter.ended(failure, true);
    reporter.update(false);
  });
  const proof = createProof(deps, source, remembered);

  const bring = (
    from: StreamConnection,
    readings: readonly CoinReading[],
    areFirst: boolean,
  ): void => {
    if (areFirst) {
      proof.began();
      pair.began();
      reporter.began();
      tell(() => listener.connected(from.name));
      reporter.update(pair.isServing());
    }
    const counting = pair.counting(from, readings);
    if (counting.length > 0) tell(() => listener.readings(counting));
    pair.settle();
    if (pair.isLatest(from)) proof.look(from);
  };
  const leave = (connection: StreamConnection): void => {
    if (!pair.isLatest(connection)) return;
    proof.look(connection);
    pair.turnOver();
    turns.wait(backoff.waitMs(null));
  };
  const ended = (connection: StreamConnection, failure: StreamFailure): void => {
    const { name } = connection;
    const wasLatest = pair.isLatest(connection);
    if (wasLatest) proof.look(connection);
    pair.gone(connection);
    const waitMs = wasLatest ? backoff.waitMs(failure) : null;
    if (waitMs !== null) turns.wait(waitMs);
    reporter.ended({ code: failure.code, atMs: clock.now() }, wasLatest);
    const fields = { source, connection: name, ...failure, ...connection.counts(), waitMs };
    trouble.failed(fields, 'a stream ended');
    if (connection.symbols.size > 0) tell(() => listener.lost(name));
    reporter.update(pair.isServing());
  };

  return {
    close() {
      isClosed = true;
      turns.close();
      pair.close();
    },
  };
}

/** Prices that come later are stale when they come: the exchange holds them back, or a clock is wrong. */
const LATE_MS = STALE_AFTER_S.streamedPrice * 1000;

/** Said once, until they come in time again. */
function sayLate(
  { log }: OpenStreamDeps,
  source: SourceId,
  remembered: RememberedStream,
  lagMs: number,
): void {
  const isLate = lagMs > LATE_MS;
  if (isLate && !remembered.isLate) {
    log.warn(
      { source, lateS: Math.round(lagMs / 1000) },
      'prices are late by the clock of this machine, and not live: is it right?',
    );
  }
  remembered.isLate = isLate;
}

/** The moments at which a stream connects. */
function createTurns(
  { clock, mayConnect }: OpenStreamDeps,
  backoff: StreamBackoff,
  connect: () => void,
) {
  let timer: Timer | null = null;
  let isClosed = false;
  const take = (): void => {
    if (!mayConnect()) {
      wait(backoff.sameWaitMs());
      return;
    }
    backoff.attempted();
    connect();
  };
  const wait = (waitMs: number): void => {
    if (!isClosed) timer = clock.after(waitMs, take);
  };
  return {
    wait,
    /** The first; `held` is told when an earlier stream has left a wait, and why. */
    begin(held: (failure: TimedFailure) => void) {
      timer = clock.after(0, () => {
        const { waitMs, failure } = backoff.left();
        if (failure !== null) held(failure);
        if (waitMs > 0) wait(waitMs);
        else take();
      });
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}

/** Forgets what was wrong once a connection has lasted: it may bring a price and end at once, again and again. */
function createProof(
  { clock }: OpenStreamDeps,
  source: SourceId,
  { backoff, trouble }: RememberedStream,
) {
  let beganAtMs = 0;
  return {
    /** The newest connection has brought its first price. */
    began() {
      beganAtMs = clock.monotonic();
    },
    look(latest: StreamConnection) {
      if (!latest.isProven()) return;
      backoff.proven();
      const fields = { source, connection: latest.name };
      trouble.over(fields, 'a stream brings prices', beganAtMs);
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
