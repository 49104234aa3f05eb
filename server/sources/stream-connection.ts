/** One connection to an exchange, from the handshake to its end: what is said on it, and what is read. */

import type { Clock, ErrorCode, SourceId } from '../../contract/index.ts';
import { createFrameReader, type FrameCounts } from './frame-reader.ts';
import type { CoinReading } from './source.ts';
import type { Connect, Stream, StreamSocket } from './stream.ts';
import {
  createStreamDeadlines,
  type StreamDeadlineOptions,
  type StreamDeadlines,
} from './stream-deadlines.ts';
import { failed, failureOf, type StreamFailure } from './stream-end.ts';
import { createHello, type Hello } from './stream-hello.ts';

/** What a connection needs. */
export interface StreamConnectionDeps {
  readonly clock: Clock;
  readonly connect: Connect;
  readonly log: { error(fields: object, message: string): void };
}

/** What is connected to, and how. */
export interface StreamConnectionOptions extends StreamDeadlineOptions {
  readonly source: SourceId;
  readonly stream: Stream;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly coins: readonly string[];
}

/** Told by a connection; nothing after `ended` or `terminate()`. */
export interface StreamConnectionEvents {
  /** At least one. @param areFirst whether it has brought none before */
  readings(readings: readonly CoinReading[], areFirst: boolean): void;
  /** @param lagMs how late its first prices come, ms; negative when the exchange's clock is ahead of ours */
  dated(lagMs: number): void;
  /** It brings prices, and will be cut soon. */
  leaving(): void;
  ended(failure: StreamFailure): void;
}

/** One connection. */
export interface StreamConnection {
  /** No other connection of this process has it. */
  readonly name: string;
  /** Coins that it has brought a price of. */
  readonly symbols: ReadonlySet<string>;
  start(): void;
  /** Whether it brought prices, and lasted long enough for the failures before it to be forgotten. */
  isProven(): boolean;
  counts(): FrameCounts;
  terminate(): void;
}

/** A connection that lasts shorter proves nothing, ms: a server may accept and close again and again. */
export const PROVEN_AFTER_MS = 10_000;

/** Of all streams of the process. */
let connectionsMade = 0;

/** Makes a connection; `start()` begins it. */
export function createStreamConnection(
  deps: StreamConnectionDeps,
  options: StreamConnectionOptions,
  events: StreamConnectionEvents,
): StreamConnection {
  const { clock } = deps;
  const { stream, coins } = options;
  connectionsMade += 1;
  const name = `${options.source} stream ${connectionsMade}`;
  const reader = createFrameReader(deps, options, name);
  const symbols = new Set<string>();
  let socket: StreamSocket | null = null;
  let deadlines: StreamDeadlines | null = null;
  let hello: Hello | null = null;
  let isOver = false;

  const terminate = (): void => {
    isOver = true;
    for (const part of [deadlines, hello]) part?.close();
    socket?.terminate();
  };
  const end = (failure: StreamFailure): void => {
    if (isOver) return;
    terminate();
    events.ended(failure);
  };
  const fail = (code: ErrorCode): void => end(failed(code));
  const leave = (): void => (symbols.size > 0 ? events.leaving() : fail('unavailable'));

  const opened = (): void => {
    if (isOver) return;
    deadlines?.opened();
    const send = (text: string) => socket?.send(text);
    hello = createHello(clock, stream.hello(coins), stream.minMessageIntervalMs, send);
    hello.begin();
  };
  const frame = (text: string | null): void => {
    if (isOver) return;
    const said = reader.read(text);
    if (said.kind === 'readings') bring(said.readings, said.isGoingOn);
    else if (said.kind === 'unreadable') deadlines?.garbled();
    else if (said.kind === 'refused') fail(said.code);
    else leave();
  };
  const bring = (readings: readonly CoinReading[], isGoingOn: boolean): void => {
    const areFirst = symbols.size === 0;
    for (const { symbol } of readings) symbols.add(symbol);
    // Before the first price nothing is a sign of life: heartbeats alone are of no use.
    if (symbols.size > 0 && isGoingOn) deadlines?.heard();
    if (readings.length === 0) return;
    if (areFirst) events.dated(reader.lagMs());
    events.readings(readings, areFirst);
  };

  return {
    name,
    symbols,
    start() {
      deadlines = createStreamDeadlines(clock, options, { overdue: fail, aged: leave });
      socket = deps.connect(options.url, options.headers, {
        opened,
        frame,
        pinged: () => hello?.ponged(),
        ended: (how) => end(failureOf(how, clock.now())),
      });
    },
    isProven: () => symbols.size > 0 && (deadlines?.livedForMs() ?? 0) >= PROVEN_AFTER_MS,
    counts: reader.counts,
    terminate,
  };
}
