/** `/ws`: from a handshake to a socket of the hub. */

import type { Hub, SocketData } from '../hub/hub.ts';
import { answerError, retryAfter } from './answers.ts';
import { mayOpenSocket } from './origin.ts';
import type { Route } from './route.ts';

/** What a handshake needs. */
export interface SocketRouteDeps {
  readonly hub: Hub<SocketData>;
  readonly allowedOrigins: ReadonlySet<string>;
  isDraining(): boolean;
  /** Hands the connection over; `false` when the handshake is not a valid one. */
  upgrade(request: Request, data: SocketData): boolean;
}

/** The only version of the protocol there is (RFC 6455). */
const WEBSOCKET_VERSION = '13';
/** By then another copy, or the next start, answers. */
const DRAINING_RETRY_AFTER_S = 2;

/** The route of the WebSocket. */
export const createSocketRoute = (deps: SocketRouteDeps): Route => ({
  methods: ['GET'],
  handle(call) {
    const { headers } = call.request;
    if (!isHandshake(headers)) return refuseProtocol();
    if (deps.isDraining()) {
      return answerError(503, 'draining', 'The server is stopping.', {
        ...retryAfter(DRAINING_RETRY_AFTER_S),
      });
    }
    const { ip, ownOrigin } = call.visitor();
    if (!mayOpenSocket(headers.get('origin'), ownOrigin, deps.allowedOrigins)) {
      return answerError(403, 'forbidden', 'This site may not open a WebSocket here.');
    }
    return admit(deps, call.request, ip);
  },
});

function admit(
  { hub, upgrade }: SocketRouteDeps,
  request: Request,
  ip: string,
): Response | undefined {
  const admission = hub.admit(ip);
  if (!admission.admitted) {
    const { status, retryAfterS } = admission;
    const message =
      status === 429 ? 'Too many connections from this address.' : 'The server is full.';
    return answerError(status, 'too_many_connections', message, retryAfter(retryAfterS));
  }
  if (upgrade(request, hub.socketData(ip))) return undefined;
  hub.giveBack(ip);
  return answerError(400, 'bad_request', 'This is not a valid WebSocket handshake.');
}

const isHandshake = (headers: Headers): boolean =>
  headers.get('upgrade')?.toLowerCase() === 'websocket' &&
  headers.get('sec-websocket-version') === WEBSOCKET_VERSION;

const refuseProtocol = (): Response =>
  answerError(426, 'upgrade_required', 'This address speaks WebSocket, version 13.', {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': WEBSOCKET_VERSION,
  });
