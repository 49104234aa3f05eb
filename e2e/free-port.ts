/** Ports for servers that have to come back under the same one. */

import { createServer } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections: nothing else is given one of these while
 * a server is away, and a client that tries it in vain never meets itself.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
/** A port in this range is hardly ever taken; somebody who listens on all of them is a fault of the machine. */
const TRIES = 50;

/** A port of 127.0.0.1 on which nobody listens at the moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port in ${TRIES} tries`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
