/** One of several servers that share a Redis: what it shows, what it says of itself, and how it ends and comes back. */

import { fromETag, NO_POSITION, PATHS, type Position } from '../contract/index.ts';
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** What a node shows: one answer of the summary. */
export interface NodeView {
  readonly status: number;
  /** Of the document, by its `ETag`; `(0, 0)` while it has none. */
  readonly position: Position;
  /** The body, as it came. */
  readonly bytes: string;
}

/** What a node says of itself under `/readyz`. */
export interface Readiness {
  readonly status: number;
  readonly degraded: readonly string[];
}

/** One node. */
export interface RunningNode {
  readonly index: number;
  /** The process that runs now, or ran last. */
  readonly server: RunningServer;
  /** Its own way to Redis, to be slowed, silenced or cut; unused when the group has a `redisUrl`. */
  readonly toRedis: TcpProxy;
  /** Its own way to the upstreams. A call keeps no connection, so its `accepted()` are the times of its calls. */
  readonly toUpstreams: TcpProxy;
  /** @throws Error when it does not answer in two seconds, as when it is frozen */
  view(): Promise<NodeView>;
  /** @throws as `view` */
  ready(): Promise<Readiness>;
  /** The epoch of the term that it says is under way; `null` when it says that it does not lead. */
  ownTerm(): number | null;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data; it has to have ended. */
  restart(): Promise<void>;
}

/** What a node stands on. */
export interface NodePlace {
  readonly index: number;
  readonly toRedis: TcpProxy;
  readonly toUpstreams: TcpProxy;
  readonly options: ServerOptions;
}

/** A node that lives answers at once; one that is frozen never does. */
const ANSWER_WITHIN_MS = 2000;

/** Resolves when the server is up; whether it has found its Redis is another matter. */
export async function startNode({ options, ...place }: NodePlace): Promise<RunningNode> {
  let server = await startServer(options);
  const get = (path: string) =>
    fetch(server.url + path, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  return {
    ...place,
    get server() {
      return server;
    },
    async view() {
      const response = await get(PATHS.summary);
      const position = fromETag(response.headers.get('etag')) ?? NO_POSITION;
      return { status: response.status, position, bytes: await response.text() };
    },
    async ready() {
      const response = await get(PATHS.ready);
      const { degraded }: Pick<Readiness, 'degraded'> = await response.json();
      return { status: response.status, degraded };
    },
    ownTerm: () => termIn(server.logLines()),
    async kill() {
      server.signal('SIGKILL');
      await server.exited;
    },
    async restart() {
      await server.exited;
      const environment = { ...options.environment, PORT: String(server.port) };
      server = await startServer({ ...options, environment });
    },
  };
}

/** The log names every term at its beginning and at its end. */
const TERM_NEWS = /^(no longer )?leading\b/;

function termIn(lines: readonly Record<string, unknown>[]): number | null {
  const newest = lines.findLast(({ msg }) => TERM_NEWS.test(String(msg)));
  if (newest === undefined || String(newest.msg).startsWith('no longer')) return null;
  return Number(newest.epoch);
}
