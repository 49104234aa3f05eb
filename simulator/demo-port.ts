/** The port of a demo: the one that is asked for, else the usual one, else any free one. */

import { createServer } from 'node:net';
import { ArgumentError } from './arguments.ts';

/** The server's own default. */
const USUAL_PORT = 8000;

/**
 * @param asked `PORT` of the environment
 * @throws ArgumentError when it is no port
 * @throws Error when the port that was asked for is in use
 */
export async function choosePort(host: string, asked: string | undefined): Promise<number> {
  if (!asked) return (await tryPort(host, USUAL_PORT)) ?? (await tryPort(host, 0)) ?? USUAL_PORT;
  const port = readAsked(asked);
  if ((await tryPort(host, port)) === null) throw new Error(`port ${port} is in use`);
  return port;
}

function readAsked(asked: string): number {
  const port = /^\d{1,5}$/.test(asked) ? Number(asked) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new ArgumentError('PORT must be a whole number from 1 to 65535');
}

/** The port if it can be listened on; any free one for 0. */
const tryPort = (host: string, port: number): Promise<number | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address ? address.port : null;
      server.close(() => resolve(found));
    });
  });
