/** For tests: stands between the server and a simulated market for a day, and writes down what passes. */

import type { Clock, SourceId } from '../contract/index.ts';
import { EXCHANGES } from '../contract/index.ts';
import type { Connect, StreamEnd } from './sources/stream.ts';
import type { PolledSource } from './test-day-kinds.ts';
import type { Exchange, Troubles } from './test-day-troubles.ts';
import type { World } from './test-market.ts';

/** A clock whose wall clock can be set; the upstreams' stay right. */
export interface ShiftedClock extends Clock {
  /** Sets it so far ahead of the true time, or behind, ms. */
  shift(offsetMs: number): void;
  offsetMs(): number;
  /** When it was last set, in true time, ms since 1970. */
  shiftedAtMs(): number;
}

export function createShiftedClock(clock: Clock): ShiftedClock {
  let offsetMs = 0;
  let shiftedAtMs = Number.NEGATIVE_INFINITY;
  return {
    ...clock,
    now: () => clock.now() + offsetMs,
    shift(toMs) {
      offsetMs = toMs;
      shiftedAtMs = clock.now();
    },
    offsetMs: () => offsetMs,
    shiftedAtMs: () => shiftedAtMs,
  };
}

/** Counts events, and the most there were in any span of a length. */
export function createTally(spanMs: number) {
  let recent: number[] = [];
  let most = 0;
  let total = 0;
  return {
    add(nowMs: number) {
      total += 1;
      recent = recent.filter((ms) => ms > nowMs - spanMs);
      recent.push(nowMs);
      most = Math.max(most, recent.length);
    },
    most: () => most,
    total: () => total,
  };
}

const FIVE_MINUTES_MS = 300_000;
const MINUTE_MS = 60_000;

/** What an exchange's stream has been doing. */
export type StreamBook = ReturnType<typeof createStreamBook>;

/** The server's connections to one exchange. */
function createStreamBook(exchange: Exchange, troubles: Troubles) {
  const track = `${exchange} stream` as const;
  const attempts = createTally(FIVE_MINUTES_MS);
  /** Of each connection, since when the prices of each coin on it are good. */
  const open = new Map<object, Map<string, number>>();
  let [opened, mostOpen, frames] = [0, 0, 0];
  let lastFrameMs = Number.NEGATIVE_INFINITY;
  let lastOpenedMs = Number.NEGATIVE_INFINITY;
  let tryByMs = Number.POSITIVE_INFINITY;
  return {
    attempts,
    begun(key: object, nowMs: number) {
      attempts.add(nowMs);
      open.set(key, new Map());
      mostOpen = Math.max(mostOpen, open.size);
    },
    opened(nowMs: number) {
      opened += 1;
      lastOpenedMs = nowMs;
    },
    frame(key: object, text: string | null, nowMs: number) {
      frames += 1;
      if (troubles.isGarbled(track)) return;
      lastFrameMs = nowMs;
      const symbol = symbolIn(text ?? '');
      const since = open.get(key);
      if (symbol === null || since === undefined) return;
      if ((since.get(symbol) ?? Number.NEGATIVE_INFINITY) < troubles.settledMs(track)) {
        since.set(symbol, nowMs);
      }
    },
    ended(key: object, end: StreamEnd | null, nowMs: number) {
      if (open.delete(key) && open.size === 0) tryByMs = nowMs + longestWaitMs(end, nowMs);
    },
    /** Since when it has brought good prices of a coin, ms since 1970. */
    goodSinceMs(symbol: string): number {
      const since = [...open.values()].map((known) => known.get(symbol) ?? Infinity);
      const settledMs = troubles.settledMs(track);
      return Math.min(Infinity, ...since.filter((ms) => ms >= settledMs));
    },
    lastFrameMs: () => lastFrameMs,
    lastOpenedMs: () => lastOpenedMs,
    /** Whether nobody has tried to connect for longer than the server may wait. */
    isForgotten: (nowMs: number) => open.size === 0 && nowMs > tryByMs,
    counts: () => ({ opened, mostOpen, frames, open: open.size }),
  };
}

/** Whose price a frame brings; `null` for a heartbeat and its like. */
function symbolIn(text: string): string | null {
  if (text.startsWith('{"type":"heartbeat"')) return null;
  return /"(?:s|product_id|symbol)":"(\w+?)(?:USDT|-USD|\/USD)"/.exec(text)?.[1] ?? null;
}

/** What the server may wait after an end: its longest wait, or the pause that was asked for, and a tenth. */
function longestWaitMs(end: StreamEnd | null, nowMs: number): number {
  const { status = null, retryAtMs = null } = end ?? {};
  const isRefusal = status === 401 || status === 403 || status === 451;
  const pauseMs = isRefusal ? 1_800_000 : status === 429 ? MINUTE_MS : 0;
  const askedMs = retryAtMs === null ? 0 : retryAtMs - nowMs;
  return (
    Math.max(30_000, 1.1 * (askedMs > 0 ? Math.max(askedMs, isRefusal ? pauseMs : 0) : pauseMs)) +
    2000
  );
}

/** What an upstream was asked, and what it gave. */
export type PollBook = ReturnType<typeof createPollBook>;

/** Answers whose numbers are remembered, of each route. */
const REMEMBERED = 4;

function createPollBook() {
  const calls = createTally(MINUTE_MS);
  const byDay = new Map<string, number>();
  const given = new Map<string, { goodMs: number; numbers: readonly (readonly number[])[] }>();
  return {
    calls,
    byDay,
    asked(nowMs: number) {
      calls.add(nowMs);
      const day = new Date(nowMs).toISOString().slice(0, 10);
      byDay.set(day, (byDay.get(day) ?? 0) + 1);
    },
    answered(path: string, text: string, nowMs: number) {
      const before = given.get(path)?.numbers ?? [];
      const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi)].map(Number);
      given.set(path, { goodMs: nowMs, numbers: [numbers, ...before].slice(0, REMEMBERED) });
    },
    /** When a route last gave a good answer, ms since 1970; by the server's clock where that was ahead. */
    goodMs: (path: string) => given.get(path)?.goodMs ?? Number.NEGATIVE_INFINITY,
    /** Whether one of its last answers had a number, as far as it was rounded. */
    gave: (path: string, value: number, offBy = 0) =>
      given.get(path)?.numbers.some((list) => list.some((n) => Math.abs(n - value) <= offBy)) ??
      false,
  };
}

/** What has passed between a server and its world. */
export type WorldBook = ReturnType<typeof createWorldBook>;

/** @param serverClock what the server is shown as its clock */
export function createWorldBook(serverClock: ShiftedClock, troubles: Troubles) {
  const streams = new Map(EXCHANGES.map((id) => [id, createStreamBook(id, troubles)]));
  const polls = new Map<SourceId, PollBook>();
  const streamOf = (id: Exchange): StreamBook => {
    const book = streams.get(id);
    if (book === undefined) throw new TypeError(`${id} has no stream`);
    return book;
  };
  const pollOf = (id: SourceId): PollBook => {
    const book = polls.get(id) ?? createPollBook();
    polls.set(id, book);
    return book;
  };
  return {
    streamOf,
    pollOf,
    /** To be put between them. */
    between: ({ clock, fetch, connect }: World): World => ({
      clock: serverClock,
      fetch: async (url, init) => {
        const { hostname, pathname } = new URL(url);
        const id = sourceAt(hostname) as PolledSource;
        const book = pollOf(id);
        book.asked(clock.now());
        const response = await fetch(url, init);
        const isGood = response.status === 200 && troubles.isWell(id);
        // What is good is short, and can be read here first.
        if (!isGood) return response;
        const text = await response.text();
        // What has no time is of its receipt, by a clock that may be ahead.
        book.answered(pathname, text, Math.max(clock.now(), serverClock.now()));
        return new Response(text, { headers: response.headers });
      },
      connect: watchedConnect(connect, clock, serverClock, streamOf),
    }),
  };
}

const sourceAt = (hostname: string): SourceId =>
  hostname.replace('.simulated', '').replaceAll('-', '_') as SourceId;

function watchedConnect(
  connect: Connect,
  clock: Clock,
  serverClock: ShiftedClock,
  streamOf: (id: Exchange) => StreamBook,
): Connect {
  return (url, headers, events) => {
    const book = streamOf(sourceAt(new URL(url).hostname) as Exchange);
    const key = {};
    book.begun(key, clock.now());
    const socket = connect(url, headers, {
      opened() {
        book.opened(clock.now());
        events.opened();
      },
      frame(text) {
        book.frame(key, text, clock.now());
        events.frame(text);
      },
      pinged: () => events.pinged(),
      ended(end) {
        book.ended(key, end, clock.now());
        // A time is told as so long from now, and read off the server's own clock.
        const { retryAtMs } = end;
        const offsetMs = serverClock.offsetMs();
        events.ended({ ...end, retryAtMs: retryAtMs === null ? null : retryAtMs + offsetMs });
      },
    });
    return {
      send: (text) => socket.send(text),
      terminate() {
        book.ended(key, null, clock.now());
        socket.terminate();
      },
    };
  };
}
