/** A small server that speaks the protocol on loopback, for tests over a real network. */

import {
  type DashboardDocument,
  type HelloFrame,
  PATHS,
  type Patch,
  PING,
  PONG,
  type Position,
  type RefreshBody,
  SYNC,
  toETag,
} from '../../contract/index.ts';
import { at, documentAt, hello, patch } from './documents.ts';

/** Every socket listens to this. */
const TOPIC = 'dashboard';

/** See the file's first line. */
export interface TestServer {
  readonly port: number;
  /** Plain-text messages that clients sent. */
  readonly heard: string[];
  /** Status of every answered poll. */
  readonly polls: number[];
  /** Whether sockets are let in; `false`: only HTTP works, as behind a proxy that knows no WebSocket. */
  admitsSockets: boolean;
  /** A new version for every socket: whole, as a patch, or lost on the way. */
  publish(position: Position, btcPriceUsd: number, how: 'whole' | 'patch' | 'lost'): void;
  /** Drops everybody at once, as a process that is killed. */
  kill(): Promise<void>;
}

/** @param port 0 for any free one */
export function startServer(port = 0, greeting: HelloFrame = hello()): TestServer {
  let position = at(1);
  let document: DashboardDocument = documentAt(100);
  const whole = () => JSON.stringify({ type: 'dashboard_update', ...position, data: document });
  const heard: string[] = [];
  const polls: number[] = [];

  const summary = (request: Request): Response => {
    const headers = { ETag: toETag(position) };
    const isHeld = request.headers.get('If-None-Match') === headers.ETag;
    polls.push(isHeld ? 304 : 200);
    return isHeld
      ? new Response(null, { status: 304, headers })
      : Response.json(document, { headers });
  };
  const refreshed = (): Response => {
    const body: RefreshBody = { status: 'ok', message: 'done', data: document };
    return Response.json(body);
  };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port,
    fetch(request, self) {
      const { pathname } = new URL(request.url);
      if (pathname === PATHS.summary) return summary(request);
      if (pathname === PATHS.refresh) return refreshed();
      if (pathname !== PATHS.socket || !test.admitsSockets)
        return new Response(null, { status: 404 });
      return self.upgrade(request) ? undefined : new Response(null, { status: 400 });
    },
    websocket: {
      open(socket) {
        socket.subscribe(TOPIC);
        socket.send(whole());
        socket.send(JSON.stringify(greeting));
      },
      message(socket, message) {
        heard.push(String(message));
        if (message === PING) socket.send(PONG);
        if (message === SYNC) socket.send(whole());
      },
    },
  });

  const test: TestServer = {
    port: server.port ?? 0,
    heard,
    polls,
    admitsSockets: true,
    publish(next, btcPriceUsd, how) {
      const changes: Patch = { btc_price_usd: btcPriceUsd };
      position = next;
      document = { ...document, btc_price_usd: btcPriceUsd };
      if (how !== 'lost') {
        server.publish(TOPIC, how === 'whole' ? whole() : JSON.stringify(patch(next, changes)));
      }
    },
    kill: () => server.stop(true),
  };
  return test;
}
