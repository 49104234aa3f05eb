/** A client with its hands tied: sockets, answers, clock and chance are the test's. */

import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { createMarketcast, type Link, type Marketcast, type MarketcastOptions } from '../index.ts';
import { at, update } from './documents.ts';

/** A WebSocket that does what the test says. */
export interface FakeSocket {
  readonly url: string;
  /** On the monotonic clock. */
  readonly openedAtMs: number;
  readonly sent: string[];
  /** Whether the client has closed it. */
  isClosed: boolean;
  /** A frame from the server; an object travels as JSON. */
  deliver(frame: unknown): void;
  /** The connection ends. */
  drop(code?: number): void;
}

/** A request that the client made. */
export interface FakeRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly cache: string | undefined;
  readonly signal: AbortSignal | null;
  readonly startedAtMs: number;
}

/** See the file's first line. */
export interface Rig {
  readonly client: Marketcast;
  readonly clock: ManualClock;
  readonly sockets: FakeSocket[];
  readonly requests: FakeRequest[];
  /** Every link state that a listener saw, in order, without repetitions. */
  readonly links: Link[];
  /** What `random` gives; 0 at first. */
  chance: number;
  /** What a request is answered with; nobody answers at first. */
  answer: (request: FakeRequest) => Promise<Response> | Response;
  /** The newest socket. */
  socket(): FakeSocket;
  /** Drops every socket as soon as it was made until the client polls. */
  fallBack(): Promise<void>;
}

/** What a network without a server does to a request. */
export const unreachable = (): Promise<Response> => Promise.reject(new TypeError('unreachable'));

/** What a server does that has hung: it answers when the request is given up. */
export const mute = ({ signal }: FakeRequest): Promise<Response> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

/** Longest wait for a reconnect attempt, so that one step of the clock brings it about. */
const LONGEST_BACKOFF_MS = 8_000;

/** Attempts after which the client must have begun to poll. */
const MORE_THAN_ENOUGH_ATTEMPTS = 20;

/** Begins a client that talks to nobody yet. */
export function createRig(options: MarketcastOptions = {}): Rig {
  const clock = createManualClock();
  const sockets: FakeSocket[] = [];
  const requests: FakeRequest[] = [];
  const links: Link[] = [];

  class Socket implements FakeSocket {
    readonly openedAtMs = clock.monotonic();
    readonly sent: string[] = [];
    isClosed = false;
    readonly #listeners: Record<string, (event: { data: unknown; code: number }) => void> = {};
    constructor(readonly url: string) {
      sockets.push(this);
    }
    addEventListener(type: string, listener: (event: { data: unknown; code: number }) => void) {
      this.#listeners[type] = listener;
    }
    send(text: string) {
      this.sent.push(text);
    }
    close() {
      this.isClosed = true;
    }
    deliver(frame: unknown) {
      const data = typeof frame === 'object' ? JSON.stringify(frame) : frame;
      this.#listeners.message?.({ data, code: 0 });
    }
    drop(code = 1006) {
      this.#listeners.close?.({ data: null, code });
    }
  }

  const rig: Omit<Rig, 'client'> = {
    clock,
    sockets,
    requests,
    links,
    chance: 0,
    answer: unreachable,
    socket: () => {
      const newest = sockets.at(-1);
      if (!newest) throw new Error('no socket was made');
      return newest;
    },
    async fallBack() {
      for (let n = 0; requests.length === 0 && n < MORE_THAN_ENOUGH_ATTEMPTS; n++) {
        rig.socket().drop();
        if (requests.length === 0) clock.advance(LONGEST_BACKOFF_MS);
      }
      await clock.advanceAsync(0);
    },
  };
  const client = createMarketcast({
    url: 'https://market.example',
    clock,
    random: () => rig.chance,
    WebSocket: Socket,
    fetch: async (url, init) => {
      const request = {
        url,
        method: init.method ?? 'GET',
        headers: new Headers(init.headers),
        cache: init.cache,
        signal: init.signal ?? null,
        startedAtMs: clock.monotonic(),
      };
      requests.push(request);
      return rig.answer(request);
    },
    ...options,
  });
  client.subscribe(({ link }) => {
    if (links.at(-1) !== link) links.push(link);
  });
  return Object.assign(rig, { client });
}

/** A client that has just become live, at `(EPOCH, 5)` with a price of 100. */
export function createLiveRig(options: MarketcastOptions = {}): Rig {
  const rig = createRig(options);
  rig.socket().deliver(update(at(5), 100));
  return rig;
}
