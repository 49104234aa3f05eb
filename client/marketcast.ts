/** Keeps one document in step with a Marketcast server and tells listeners of every change. */

import { type Clock, systemClock } from '../contract/clock.ts';
import type { DashboardDocument } from '../contract/document.ts';
import { NO_POSITION, type Position } from '../contract/position.ts';
import type { Random } from './backoff.ts';
import { createIntake } from './intake.ts';
import { createLink } from './link.ts';
import { type RefreshResult, refresh } from './refresh.ts';
import type { Listener, Snapshot } from './snapshot.ts';
import { createStore } from './store.ts';
import type { Fetch, SocketConstructor } from './transport.ts';
import { REFRESH_PATH, SOCKET_PATH, SUMMARY_PATH } from './wire.ts';

/** How a client is made. Everything has a default in a page of the server itself. */
export interface MarketcastOptions {
  /** Where the server is, e.g. `https://market.example`; only the origin counts. Default: the page's own origin. */
  readonly url?: string;
  /** A document to begin with, e.g. the one embedded in the page. Default: none. */
  readonly document?: DashboardDocument;
  /** The position of `document`. Default: `(0, 0)`, which every position is newer than. */
  readonly position?: Position;
  /** Default: the platform's. Where it has none (Node before 22) and none is given, the client polls. */
  readonly WebSocket?: SocketConstructor;
  /** Default: the platform's. */
  readonly fetch?: Fetch;
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
  /** Numbers in [0, 1) that spread the attempts of many clients. Default: `Math.random`. */
  readonly random?: Random;
}

/** A client, from its creation until `close`. */
export interface Marketcast {
  /**
   * Calls `listener` at once and after every change, until the returned function is called. What it throws in the
   * first call goes to the caller; later it is reported as uncaught and reaches neither the client nor other listeners.
   */
  subscribe(listener: Listener): () => void;
  /** What a listener was given last. */
  current(): Snapshot;
  /** Asks the server for a fresh round at the upstreams. Ends within 15 s; never rejects. */
  refresh(): Promise<RefreshResult>;
  /** Ends everything; listeners hear nothing more. A closed client cannot be used again. */
  close(): void;
}

/**
 * Begins to connect at once.
 * @throws TypeError when `url` is no address, or is missing where there is no page whose origin could stand for it
 */
export function createMarketcast(options: MarketcastOptions = {}): Marketcast {
  const { clock = systemClock, random = Math.random } = options;
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const at = (path: string) => new URL(path, options.url ?? globalThis.location?.origin).href;
  const store = createStore({
    document: options.document ?? null,
    position: (options.document && options.position) ?? NO_POSITION,
    link: { state: 'connecting' },
    clockOffsetMs: null,
    degraded: [],
    appVersion: null,
  });
  const intake = createIntake({
    store,
    clock,
    send: (text) => link.send(text),
    giveUp: () => link.giveUp(),
  });
  const link = createLink(
    {
      // http → ws, https → wss
      socketUrl: at(SOCKET_PATH).replace(/^http/, 'ws'),
      pollUrl: at(SUMMARY_PATH),
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      fetch,
      clock,
      random,
      store,
      intervalS: intake.pollIntervalS,
    },
    intake,
  );

  return {
    subscribe: store.subscribe,
    current: store.current,
    async refresh() {
      const result = await refresh(fetch, clock, at(REFRESH_PATH));
      if (result.status === 'ok') link.hurry();
      return result;
    },
    close() {
      store.close();
      intake.close();
      link.close();
    },
  };
}
