/** Real WebSockets around the streams: loopback only. */

import type { ServerWebSocket } from 'bun';
import { ABNORMAL } from './exchange.ts';
import type { Peer, Wire } from './session.ts';
import type { HandshakeAnswer, StreamSide } from './stream-side.ts';

/** A server that listens. */
export interface StreamServer {
  /** `ws://127.0.0.1:PORT`, the origin of every exchange's stream. */
  readonly url: string;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Longest message of a client: a subscription to everything has less. */
const MAX_MESSAGE_BYTES = 65_536;

type Accepted = Extract<HandshakeAnswer, { kind: 'accepted' }>;

/** What a connection keeps: how it begins, and who is at its other end once it has. */
interface SocketData {
  readonly accepted: Accepted;
  peer: Peer | null;
}

/**
 * @param port 0 = any free one
 * @throws what listening throws, e.g. `EADDRINUSE`
 */
export function serveStreams(side: Pick<StreamSide, 'handshake'>, port: number): StreamServer {
  const server = Bun.serve<SocketData>({
    hostname: HOST,
    port,
    // Some handshakes are never answered, and whoever is silent is the exchange's matter.
    idleTimeout: 0,
    development: false,
    reusePort: false,
    fetch(request, self) {
      const { pathname, search } = new URL(request.url);
      const userAgent = request.headers.get('user-agent') || null;
      const answer = side.handshake({ path: pathname + search, userAgent });
      if (answer.kind === 'refused') return new Response('', answer);
      if (answer.kind === 'frozen') return new Promise<Response>(() => {});
      if (answer.kind === 'dropped') return new Response('', { status: NOBODY_THERE });
      if (self.upgrade(request, { data: { accepted: answer, peer: null } })) return;
      return new Response('', { status: 400 });
    },
    websocket: {
      maxPayloadLength: MAX_MESSAGE_BYTES,
      idleTimeout: 0,
      // The exchange pings by itself, or does not.
      sendPings: false,
      perMessageDeflate: false,
      open(socket) {
        socket.data.peer = socket.data.accepted.converse(wireOf(socket));
      },
      message: (socket, message) => socket.data.peer?.received(String(message)),
      ping: (socket) => socket.data.peer?.pinged(),
      pong: (socket) => socket.data.peer?.pong(),
      close: (socket) => socket.data.peer?.closed(),
    },
  });
  return { url: `ws://${HOST}:${server.port}`, close: () => server.stop(true) };
}

/** A handshake cannot be dropped here without an answer; this is what a proxy says when nobody is behind it. */
const NOBODY_THERE = 503;

const wireOf = (socket: ServerWebSocket<SocketData>): Wire => ({
  send: (data) => void socket.send(data),
  ping: () => void socket.ping(),
  close(code) {
    if (code === ABNORMAL) socket.terminate();
    else socket.close(code);
  },
});
