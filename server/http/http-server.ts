/** Answers requests: routes, page, files, health, and the handshake of WebSockets. */

import type { Server } from 'bun';
import { type Clock, PATHS } from '../../contract/index.ts';
import type { PageAssets, RenderPage } from '../../web/app/page.ts';
import type { Broker } from '../broker/broker.ts';
import type { History } from '../history/history.ts';
import type { Hub, SocketData } from '../hub/hub.ts';
import { answerError } from './answers.ts';
import { fileRoutes, ROBOTS_ROUTE } from './files.ts';
import { createReadyRoute, HEALTH_ROUTE } from './health.ts';
import { createHistoryRoute } from './history-route.ts';
import { createPageRoute, HOME_ROUTE, PAGE_SLASH_PATH, PAGE_SLASH_ROUTE } from './page-route.ts';
import { createRefreshDesk, type RefreshDesk } from './refresh.ts';
import { createRefreshRoute } from './refresh-route.ts';
import { dispatch, type Route, splitTarget } from './route.ts';
import { createSocketRoute } from './socket-route.ts';
import { createSummaryRoute } from './summary.ts';
import { createVisitorDesk } from './visitor.ts';

/** Where the server tells what it decided. */
export interface HttpLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the server is made of. */
export interface HttpDeps {
  readonly broker: Broker;
  readonly hub: Hub<SocketData>;
  readonly history: History;
  readonly renderPage: RenderPage;
  readonly assets: PageAssets;
  readonly clock: Clock;
  readonly log: HttpLog;
}

/** How the server is set. */
export interface HttpOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Other sites that may open WebSockets and read summary and history; the server's own origin always may. */
  readonly allowedOrigins: readonly string[];
  /** IP addresses and CIDR ranges whose `X-Forwarded-*` are believed. */
  readonly trustedProxies: readonly string[];
  /** What this server's `hello` says of its version. */
  readonly appVersion: string;
}

/** The server. */
export interface HttpServer {
  /**
   * Listens, and starts the hub on it.
   * @throws when the port cannot be had
   */
  start(): { readonly hostname: string; readonly port: number };
  /** Not ready any more: refuses new sockets, still answers everything else. */
  drain(): void;
  /** Stops listening, lets answers under way go out for a moment, ends the rest. */
  stop(): Promise<void>;
}

/** A connection that says nothing for this long is cut, slow headers and bodies with it. */
const IDLE_TIMEOUT_S = 10;
/** No route reads a body; this much is a client's habit, more is refused. One in chunks says no length and goes unread. */
const MAX_BODY_BYTES = 1_024;
/**
 * From here on the runtime refuses by itself and closes the connection, in its own bare form. Below it, a refused body
 * is let in and thrown away, so that the connection can go on: no more of it than one socket's buffer.
 */
const RUNTIME_MAX_BODY_BYTES = 65_536;
/** How long answers under way may take to go out when the server stops. */
const STOP_GRACE_MS = 1_000;

/** @see HttpServer */
export function createHttpServer(deps: HttpDeps, options: HttpOptions): HttpServer {
  const { broker, clock, hub, log } = deps;
  const visitorOf = createVisitorDesk(options.trustedProxies, log);
  const refresh = createRefreshDesk(broker, clock, log);
  const state: ServerState = { server: null, isDraining: false };
  const routes = createRoutes(deps, options, refresh, state);

  const respond = (request: Request, server: Server<SocketData>) => {
    if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) {
      return answerError(413, 'body_too_large', 'No address here takes a body of this size.');
    }
    const { path, query } = splitTarget(request.url);
    const peer = () => server.requestIP(request)?.address ?? '';
    const visitor = () => visitorOf(request, peer());
    const allowSeconds = (seconds: number) => server.timeout(request, seconds);
    return dispatch(routes, path, { request, query, visitor, allowSeconds });
  };
  const fail = (error: unknown) => {
    log.error({ err: error }, 'a request failed');
    return answerError(500, 'internal', 'Something went wrong here.');
  };

  return {
    start() {
      const server = Bun.serve<SocketData>({
        hostname: options.hostname,
        port: options.port,
        idleTimeout: IDLE_TIMEOUT_S,
        maxRequestBodySize: RUNTIME_MAX_BODY_BYTES,
        development: false,
        // Outside development the runtime would share a port that is taken, and two servers would answer in turn.
        reusePort: false,
        fetch(request, self) {
          try {
            const response = respond(request, self);
            return response instanceof Promise
              ? response.then((late) => dated(request, late)).catch(fail)
              : dated(request, response);
          } catch (error) {
            return fail(error);
          }
        },
        error: fail,
        websocket: hub.websocket,
      });
      state.server = server;
      hub.start(server);
      return {
        hostname: server.hostname ?? options.hostname,
        port: server.port ?? options.port,
      };
    },
    drain() {
      state.isDraining = true;
    },
    async stop() {
      state.isDraining = true;
      refresh.close();
      await stopServer(state.server, clock);
    },
  };
}

interface ServerState {
  server: Server<SocketData> | null;
  isDraining: boolean;
}

function createRoutes(
  deps: HttpDeps,
  { allowedOrigins, appVersion }: HttpOptions,
  refresh: RefreshDesk,
  state: ServerState,
): ReadonlyMap<string, Route> {
  const { broker, hub, history, clock, assets } = deps;
  const origins = new Set(allowedOrigins);
  const isDraining = () => state.isDraining;
  const socketRoute = createSocketRoute({
    hub,
    allowedOrigins: origins,
    isDraining,
    upgrade: (request, data) => state.server?.upgrade(request, { data }) ?? false,
  });
  return new Map<string, Route>([
    ['/', HOME_ROUTE],
    [PATHS.page, createPageRoute({ ...deps, appVersion })],
    [PAGE_SLASH_PATH, PAGE_SLASH_ROUTE],
    [PATHS.socket, socketRoute],
    [PATHS.summary, createSummaryRoute(broker, origins)],
    [PATHS.history, createHistoryRoute(history, origins)],
    [PATHS.refresh, createRefreshRoute(broker, refresh)],
    [PATHS.health, HEALTH_ROUTE],
    [PATHS.ready, createReadyRoute(broker, hub, clock, isDraining)],
    [PATHS.robots, ROBOTS_ROUTE],
    ...fileRoutes(assets.files),
  ]);
}

/** The runtime dates every answer but those to `HEAD`. */
function dated<R extends Response | undefined>(request: Request, response: R): R {
  if (request.method === 'HEAD') response?.headers.set('Date', new Date().toUTCString());
  return response;
}

async function stopServer(server: Server<SocketData> | null, clock: Clock): Promise<void> {
  if (server === null) return;
  const grace = Promise.withResolvers<void>();
  const timer = clock.after(STOP_GRACE_MS, grace.resolve);
  await Promise.race([server.stop(false), grace.promise]);
  timer.cancel();
  await server.stop(true);
}
