/** For tests: servers on loopback that answer as upstreams do, well or badly, and calls to them. */

import { createServer, type Socket } from 'node:net';
import { systemClock } from '../../contract/index.ts';
import {
  createUpstream,
  UpstreamError,
  type UpstreamOptions,
  type UpstreamRequest,
} from './upstream.ts';

export const USER_AGENT = 'marketcast-test/1.0 (+https://example.org)';

/** Must never be seen outside the request. */
export const SECRET = 'very-secret-key';

/** Short, so that the tests of the deadline are; they are given three times as long. */
export const TIMEOUT_MS = 200;

export const REQUEST: UpstreamRequest = {
  path: '/rsi',
  query: { secret: SECRET, symbol: 'BTC/USDT' },
};

/** The caller under test, on the machine's own clock and network. */
export const upstreamWith = (options: Partial<UpstreamOptions> = {}) =>
  createUpstream({
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    userAgent: USER_AGENT,
    timeoutMs: TIMEOUT_MS,
    ...options,
  });

/** The failure of a call; fails the test when it succeeds or throws anything else. */
export async function failure(
  origin: string,
  options: Partial<UpstreamOptions> = {},
  request = REQUEST,
): Promise<UpstreamError> {
  try {
    await upstreamWith(options).get('taapi', origin, request);
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}

/** Servers that end together. */
export interface Loopback {
  /** A web server. Returns its origin. */
  serve(answer: (request: Request) => Response | Promise<Response>): string;
  /** A server of raw bytes: `speak` gets the socket once a request has come. Returns its origin. */
  serveRaw(speak: (socket: Socket) => void): Promise<string>;
  close(): Promise<void>;
}

/** Starts nothing yet; every server takes a free port of its own. */
export function createLoopback(): Loopback {
  const closers: (() => unknown)[] = [];
  return {
    serve(answer) {
      const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer });
      closers.push(() => server.stop(true));
      return `http://127.0.0.1:${server.port}`;
    },
    async serveRaw(speak) {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
        socket.once('data', () => speak(socket));
      });
      const listening = Promise.withResolvers<void>();
      server.listen(0, '127.0.0.1', listening.resolve);
      await listening.promise;
      closers.push(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      return `http://127.0.0.1:${port}`;
    },
    async close() {
      for (const close of closers.splice(0)) await close();
    },
  };
}
