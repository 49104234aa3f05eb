/** Connections to the streams within a process, in the clock's time: as a WebSocket's client sees them, without one. */

import type { Clock, SourceId } from '../contract/index.ts';
import { STREAMING_EXCHANGES } from './streams/index.ts';
import type { Peer } from './streams/session.ts';
import type { HandshakeAnswer, StreamSide } from './streams/stream-side.ts';

/** How a connection ended, or why there was none. */
export interface InProcessEnd {
  /** HTTP status of a handshake that was refused; `null` otherwise. */
  readonly status: number | null;
  /** When `Retry-After` of a refusal has passed, ms since 1970. */
  readonly retryAtMs: number | null;
  /** WebSocket close code, 1006 without a closing handshake; `null` when there was no connection. */
  readonly closeCode: number | null;
  /** A frame was longer than {@link MAX_FRAME_BYTES}. */
  readonly isTooLarge: boolean;
}

/** Told by a connection, never before `connect` has returned; nothing after `ended` or `terminate()`. */
export interface InProcessEvents {
  opened(): void;
  /** @param text `null` for a binary frame */
  frame(text: string | null): void;
  /** A protocol ping, which was answered already. */
  pinged(): void;
  ended(end: InProcessEnd): void;
}

/** One connection. */
export interface InProcessSocket {
  /** What is said before it is open, or after its end, is lost. */
  send(text: string): void;
  terminate(): void;
}

/** Opens a connection; failures come as `ended`. */
export type InProcessConnect = (
  url: string,
  headers: Readonly<Record<string, string>>,
  events: InProcessEvents,
) => InProcessSocket;

/** What it is made of. */
export interface InProcessConnectDeps {
  readonly clock: Clock;
  readonly streams: StreamSide;
  readonly latencyMs: number;
  /** Whose origin it is; `null` = nobody's. */
  upstreamAt(origin: string): SourceId | null;
}

/** The longest frame that a client takes, bytes. */
export const MAX_FRAME_BYTES = 65_536;
/** Ends a connection whose frame was longer; 1009 is the close code for it. */
const TOO_LARGE = { closeCode: 1009, isTooLarge: true };

const NO_END: InProcessEnd = { status: null, retryAtMs: null, closeCode: null, isTooLarge: false };

export function createInProcessConnect(deps: InProcessConnectDeps): InProcessConnect {
  const { clock, latencyMs } = deps;
  return (url, headers, events) => {
    let isOver = false;
    let isOpen = false;
    let peer: Peer | null = null;
    /** What the exchange says first comes after the opening, and before what it is then asked for. */
    const early: (string | Uint8Array)[] = [];
    const terminate = () => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      peer?.closed();
    };
    const end = (how: Partial<InProcessEnd>) => {
      if (isOver) return;
      terminate();
      events.ended({ ...NO_END, ...how });
    };
    const deliver = (data: string | Uint8Array) => {
      if (isOver) return;
      if (Buffer.byteLength(data) > MAX_FRAME_BYTES) end(TOO_LARGE);
      else events.frame(typeof data === 'string' ? data : null);
    };
    const open = (answer: Accepted) => {
      peer = answer.converse({
        send: (data) => (isOpen ? deliver(data) : early.push(data)),
        ping() {
          peer?.pong();
          if (!isOver) events.pinged();
        },
        close: (closeCode) => end({ closeCode }),
      });
      events.opened();
      for (const data of early) deliver(data);
      isOpen = true;
    };
    const timer = clock.after(latencyMs, () => {
      const answer = shakeHands(deps, new URL(url), new Headers(headers));
      if (answer.kind === 'accepted') open(answer);
      else if (answer.kind === 'refused') end(refusalOf(answer, clock.now()));
      else if (answer.kind === 'dropped') end({});
    });
    return {
      send(text) {
        if (!isOver) peer?.received(text);
      },
      terminate,
    };
  };
}

type Accepted = Extract<HandshakeAnswer, { kind: 'accepted' }>;
type Refused = Extract<HandshakeAnswer, { kind: 'refused' }>;

function shakeHands(
  { streams, upstreamAt }: InProcessConnectDeps,
  { origin, pathname, search }: URL,
  headers: Headers,
): HandshakeAnswer {
  const id = upstreamAt(origin);
  if (id === null) return { kind: 'dropped' };
  // A path of another exchange's is none here.
  const isOwn = STREAMING_EXCHANGES.find((exchange) => exchange.id === id)?.serves(pathname);
  if (!isOwn) return { kind: 'refused', status: 404, headers: {} };
  return streams.handshake({
    path: pathname + search,
    userAgent: headers.get('user-agent') || null,
  });
}

function refusalOf({ status, headers }: Refused, nowMs: number): Partial<InProcessEnd> {
  const seconds = headers['retry-after'];
  return { status, retryAtMs: seconds === undefined ? null : nowMs + Number(seconds) * 1000 };
}
