/** The HTTP server of the simulator and of the replay: loopback only, small requests only. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A request with its body. */
export interface LoopbackRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** `null` when it was longer than {@link MAX_BODY_BYTES}. */
  readonly body: string | null;
}

/** Answers one request; may do with the connection what it likes. */
export type LoopbackHandler = (
  request: LoopbackRequest,
  response: ServerResponse,
) => Promise<void> | void;

/** A server that listens. */
export interface Loopback {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Bodies only come to the control API, and hold at most a fault's body. */
export const MAX_BODY_BYTES = 1_048_576;

const HOST = '127.0.0.1';

/**
 * @param port 0 = any free one
 * @throws what listening throws, e.g. `EADDRINUSE`
 */
export async function listenOnLoopback(port: number, handle: LoopbackHandler): Promise<Loopback> {
  const server = createServer((message, response) => {
    // A connection that breaks while it is read or written has nobody left to tell.
    response.on('error', () => response.destroy());
    readRequest(message)
      .then((request) => handle(request, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${HOST}:${listening}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(message: IncomingMessage): Promise<LoopbackRequest> {
  const url = new URL(message.url ?? '/', `http://${HOST}`);
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: headersOf(message),
    body: await readBody(message),
  };
}

/** Of a name that is repeated, all values in one, as the standard joins them. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  }
  return headers;
}

async function readBody(message: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    // Reading goes on, keeping nothing, so that the answer can still be delivered.
    if (bytes <= MAX_BODY_BYTES) chunks.push(Buffer.from(chunk));
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : null;
}
