/** For tests: an exchange that does what it is told, a stream that speaks its tongue, and all that a listener hears. */

import type { ErrorCode } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { SocketEvents, Stream, StreamEnd } from './stream.ts';
import { ATTEMPTS_WINDOW_MS, type StreamPauses } from './stream-backoff.ts';
import {
  type OpenStream,
  type OpenStreamDeps,
  type OpenStreamOptions,
  openStream,
} from './stream-caller.ts';
import { createStreamMemory } from './stream-memory.ts';

/** What the exchange of these tests says. */
export const say = {
  prices: (...symbols: string[]) => `prices ${symbols.join(' ')}`,
  heartbeat: 'heartbeat',
  goingAway: 'going away',
  refused: (code: ErrorCode) => `refused ${code}`,
  nonsense: '}{',
} as const;

/** Reads what {@link say} says: every price is another one, with an event time a second after the last. */
export function createTestStream(changes: Partial<Stream> = {}): Stream {
  let count = 0;
  return {
    address: (coins) => `/stream?of=${coins.join('/')}`,
    hello: () => [],
    maxConnectionMs: null,
    minMessageIntervalMs: 250,
    read(text) {
      const [word, ...rest] = text.split(' ');
      count += 1;
      if (word === 'prices') {
        const value = { price_usd: count, change_24h: 1, high_24h: 2, low_24h: 1 };
        return {
          kind: 'prices',
          prices: rest.map((symbol) => ({
            symbol,
            eventTimeMs: null,
            value: { ...value, volume_24h_usd: 1 },
          })),
        };
      }
      if (text === say.heartbeat) return { kind: 'alive', eventTimeMs: null };
      if (text === say.goingAway) return { kind: 'going_away' };
      const code = CODES.find((known) => text === say.refused(known));
      return code === undefined ? { kind: 'unreadable' } : { kind: 'refused', code };
    },
    ...changes,
  };
}

const CODES: readonly ErrorCode[] = ['rate_limited', 'blocked', 'bad_response', 'unavailable'];

/** One connection, seen from the exchange. */
export interface TestSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When it was begun, on the monotonic clock. */
  readonly atMs: number;
  /** What it was sent, and when. */
  readonly sent: readonly { readonly text: string; readonly atMs: number }[];
  readonly events: SocketEvents;
  /** Neither terminated nor ended. */
  isOpen(): boolean;
  isTerminated(): boolean;
  /** Consents, unless it has, and says something. */
  open(...texts: (string | null)[]): void;
  /** Says something if it has consented; also when it should not any more. */
  say(text: string | null): void;
  end(how?: Partial<StreamEnd>): void;
}

/** A stream on a manual clock, its exchange, and what was heard. */
export interface TestStream {
  readonly clock: ManualClock;
  readonly sockets: readonly TestSocket[];
  /** The newest connection. */
  socket(): TestSocket;
  /** What the listener heard since it was last asked, a line each; connections are numbered from 1. */
  news(): string[];
  /** Every line's fields, with its `level` and its `message`. */
  readonly logged: object[];
  readonly stream: OpenStream;
}

export const HANDSHAKE_TIMEOUT_MS = 5000;
export const USER_AGENT = 'marketcast-test/1.0 (+https://example.org)';

/** Pauses that nobody keeps. */
export const NO_PAUSES: StreamPauses = { leftMs: () => 0, keep() {} };

const NO_END: StreamEnd = { status: null, retryAtMs: null, closeCode: null, isTooLarge: false };

/**
 * Opens a stream; nothing has been connected to before the clock moves.
 * @param onHeard called with every line that is heard
 */
export function openTestStream(
  changes: Partial<OpenStreamDeps & OpenStreamOptions> & { readonly clock?: ManualClock } = {},
  onHeard: (line: string) => void = () => {},
): TestStream {
  const { clock = createManualClock(), random = () => 0.5 } = changes;
  const sockets: TestSocket[] = [];
  const heard: string[] = [];
  const logged: object[] = [];
  const names: string[] = [];
  const hear = (line: string) => {
    heard.push(line);
    onHeard(line);
  };
  const numberOf = (name: string) => {
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name) + 1;
  };
  const logAs = (level: string) => (fields: object, message: string) =>
    void logged.push({ ...fields, level, message });
  const log = {
    debug: logAs('debug'),
    info: logAs('info'),
    warn: logAs('warn'),
    error: logAs('error'),
  };
  const stream = openStream(
    {
      clock,
      random,
      streamMemory: createStreamMemory({ clock, random, log, pauses: NO_PAUSES }),
      connect: (url, headers, events) => {
        const { socket, seen } = createTestSocket(clock, url, headers, events);
        sockets.push(seen);
        return socket;
      },
      mayConnect: () => true,
      log,
      userAgent: USER_AGENT,
      ...changes,
    },
    {
      source: 'binance',
      stream: createTestStream(),
      wsUrl: 'ws://127.0.0.1:9',
      coins: ['BTC', 'ETH'],
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      ...changes,
    },
    {
      readings: (readings) =>
        hear(
          `${numberOf(readings[0]?.connection ?? '')}: ${readings.map(({ symbol }) => symbol).join(' ')}`,
        ),
      connected: (connection) => hear(`${numberOf(connection)} connected`),
      lost: (connection) => hear(`${numberOf(connection)} lost`),
      state: ({ state, error }) => hear(error === null ? state : `${state} ${error.code}`),
    },
  );
  return {
    clock,
    sockets,
    socket() {
      const newest = sockets.at(-1);
      if (newest === undefined) throw new Error('nothing was connected to');
      return newest;
    },
    news: () => heard.splice(0),
    logged,
    stream,
  };
}

function createTestSocket(
  clock: ManualClock,
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
) {
  const sent: { text: string; atMs: number }[] = [];
  let hasOpened = false;
  let isTerminated = false;
  let hasEnded = false;
  const seen: TestSocket = {
    url,
    headers,
    atMs: clock.monotonic(),
    sent,
    events,
    isOpen: () => !isTerminated && !hasEnded,
    isTerminated: () => isTerminated,
    open(...texts) {
      if (!hasOpened) events.opened();
      hasOpened = true;
      for (const text of texts) events.frame(text);
    },
    say(text) {
      if (hasOpened) events.frame(text);
    },
    end(how = { closeCode: 1006 }) {
      hasEnded = true;
      events.ended({ ...NO_END, ...how });
    },
  };
  const socket = {
    send: (text: string) => void sent.push({ text, atMs: clock.monotonic() }),
    terminate() {
      isTerminated = true;
    },
  };
  return { socket, seen };
}

/** How many connections were begun in the busiest five minutes. */
export function busiest({ sockets }: TestStream): number {
  const counts = sockets.map(
    ({ atMs }) =>
      sockets.filter((other) => other.atMs >= atMs && other.atMs < atMs + ATTEMPTS_WINDOW_MS)
        .length,
  );
  return Math.max(...counts);
}
