/** A proxy on loopback that lets HTTP through and refuses WebSockets, as some company networks do. */

import type { Server } from 'bun';

/** A proxy that runs. */
export interface RefusingProxy {
  /** Stands in for the server's own. */
  readonly url: string;
  /** WebSockets refused so far. */
  refused(): number;
  stop(): Promise<void>;
}

/** @param target origin of the server behind it */
export function startRefusingProxy(target: string): RefusingProxy {
  let refused = 0;
  const server: Server<undefined> = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      if (request.headers.get('upgrade') !== null) {
        refused++;
        return new Response('no WebSockets here', { status: 503 });
      }
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      return fetch(target + pathname + search, {
        method,
        headers,
        redirect: 'manual',
        // Passed on as it came: compressed, with the headers that say so.
        decompress: false,
      });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    refused: () => refused,
    stop: () => server.stop(true),
  };
}
