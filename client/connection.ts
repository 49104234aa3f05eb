/** One WebSocket from its handshake to its end: deadlines, heartbeat, frames. Never comes back by itself. */

import type { Clock } from '../contract/clock.ts';
import type { ServerFrame } from '../contract/frames.ts';
import { readFrame } from './read-frame.ts';
import type { SocketConstructor, SocketLike } from './transport.ts';
import { PING } from './wire.ts';

/**
 * From the beginning of an attempt to its first document: name lookup, TCP, TLS, upgrade and 3 kB fit into it on a bad
 * mobile network. Platforms themselves bear with a handshake for a minute or more, and with a mute server for ever.
 */
export const OPENING_DEADLINE_MS = 10_000;

/** Silence after which the client asks whether the server is still there; the server's own pings are not seen here. */
export const PING_AFTER_MS = 20_000;

/** How long the answer to `ping` may take before the connection counts as dead. */
export const PONG_DEADLINE_MS = 10_000;

/** A connection is good this long after its first document; less would make a flapping server look well. */
export const GOOD_AFTER_MS = 10_000;

/** What a connection needs. */
export interface ConnectionDeps {
  readonly socketUrl: string;
  readonly WebSocket: SocketConstructor;
  readonly clock: Clock;
}

/** What a connection tells; nothing after `ended` or after {@link Connection.close}. */
export interface ConnectionEvents {
  /** A readable frame; `isFirstUpdate` with the first whole document. */
  frame(frame: ServerFrame, isFirstUpdate: boolean): void;
  /**
   * It is over.
   * @param closeCode `null` when it was given up from this side
   * @param wasGood it has delivered a document and lasted
   */
  ended(closeCode: number | null, wasGood: boolean): void;
}

/** A connection that was begun. */
export interface Connection {
  send(text: string): void;
  /** Ends it as one that is of no use: `ended` is told. */
  giveUp(): void;
  /** Ends it silently. */
  close(): void;
}

/** Begins a connection. Events come later, never during the call. */
export function openConnection(
  { socketUrl, WebSocket, clock }: ConnectionDeps,
  events: ConnectionEvents,
): Connection {
  let isOver = false;
  let deliveredAtMs: number | null = null;
  let socket: SocketLike | null = null;

  const close = () => {
    isOver = true;
    watch.cancel();
    socket?.close();
  };
  const end = (closeCode: number | null) => {
    if (isOver) return;
    // The socket's own `close` event is not waited for: on a dead network it can take minutes.
    close();
    events.ended(
      closeCode,
      deliveredAtMs !== null && clock.monotonic() - deliveredAtMs >= GOOD_AFTER_MS,
    );
  };
  const giveUp = () => end(null);
  const receive = (data: unknown) => {
    if (isOver) return;
    const frame = readFrame(data);
    const isFirstUpdate = deliveredAtMs === null && frame?.type === 'dashboard_update';
    if (isFirstUpdate) deliveredAtMs = clock.monotonic();
    // Until the first document its deadline stands, whatever else is heard, and a patch has nothing to stand on.
    if (deliveredAtMs === null) return;
    watch.cancel();
    watch = clock.after(PING_AFTER_MS, () => {
      watch = clock.after(PONG_DEADLINE_MS, giveUp);
      socket?.send(PING);
    });
    if (frame) events.frame(frame, isFirstUpdate);
  };

  let watch = clock.after(OPENING_DEADLINE_MS, giveUp);
  try {
    socket = new WebSocket(socketUrl);
    socket.addEventListener('message', (event) => receive(event.data));
    socket.addEventListener('close', (event) => end(event.code));
  } catch {
    // No WebSocket on this platform, or a policy forbids it: a failed attempt like any other.
    watch.cancel();
    watch = clock.after(0, giveUp);
  }
  return { send: (text) => socket?.send(text), giveUp, close };
}
