/** Series for the charts: asked of the server while something shows them, kept for the page's life, moved on by the live figures. */

import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import {
  type Clock,
  HISTORY_RANGES,
  type HistoryBody,
  type HistoryFormat,
  type HistoryRange,
  type HistorySeries,
  PATHS,
  type Timer,
} from '../../contract/index.ts';
import { follow, type LivePoint } from './follow.ts';
import { readHistory } from './read-history.ts';
import type { Visibility } from './ticker.ts';

/** A request that takes longer has failed; the whole answer counts. */
const TIMEOUT_MS = 10_000;
/** Every interval ends with a multiple of five minutes, so the series are asked for right after each. */
const EVERY_MS = 300_000;
/** Pages that are open everywhere do not all ask in the same second, nor before the server has its first sample. */
const SPREAD_MS = { from: 2_000, to: 20_000 } as const;
/** After nothing, or too little, came: a server that just started may be filling its past. Doubled each time. */
const SOON_MS = 5_000;
/** A page that wakes asks anew what is older: the server makes an answer once a minute. */
const FRESH_MS = 60_000;
/** Live figures come four times a second; a chart is drawn once. */
const FOLLOW_EVERY_MS = 1_000;
/** A series that begins later than this part of its range is taken for one whose past is still being filled. */
const MISSING_PART = 0.1;

/** What is known of a series. What came stays, though the next request fails: it says itself how old it is. */
export type ShownHistory =
  | { readonly state: 'loading' | 'empty' | 'failed' }
  | { readonly state: 'ready'; readonly body: HistoryBody };

/** The series of the page. */
export interface History {
  /** The same signal each time. */
  of(series: HistorySeries, range: HistoryRange): ReadonlySignal<ShownHistory>;
  /** Something shows the series: it is asked for, and again in time, until the result is called. */
  show(series: HistorySeries, range: HistoryRange): () => void;
  /** Asks now what could not be loaded. */
  retry(series: HistorySeries, range: HistoryRange): void;
}

/** A {@link History} with the handles of whoever feeds it. */
export interface HistoryInput extends History {
  /** The page woke, is connected again or goes on after a pause: asks for what may have changed meanwhile. */
  lookAgain(): void;
  /** The live figures changed. */
  moved(): void;
  close(): void;
}

/** See {@link createHistory}. */
export interface HistoryDeps {
  readonly clock: Clock;
  readonly visibility: Visibility;
  readonly fetch: (
    path: string,
    init: { readonly signal: AbortSignal; readonly cache: 'no-cache' },
  ) => Promise<Response>;
  /** 0 … 1. */
  readonly random: () => number;
  /** The server's time, ms since 1970. */
  readonly now: () => number;
  readonly isPaused: () => boolean;
  /** The live figure that a series goes on with; `null` without one, or when it is not live. */
  readonly pointOf: (series: HistorySeries) => LivePoint | null;
}

/** Where a series is. */
export const historyPath = (
  series: HistorySeries,
  range: HistoryRange,
  format: HistoryFormat = 'json',
): string =>
  `${PATHS.history}?series=${encodeURIComponent(series)}&range=${range}${format === 'json' ? '' : `&format=${format}`}`;

/** One series in one range: few on a page, since both are chosen from lists. */
interface Entry {
  readonly series: HistorySeries;
  readonly range: HistoryRange;
  readonly shown: Signal<ShownHistory>;
  /** How many things show it. */
  shows: number;
  asking: AbortController | null;
  timer: Timer | null;
  /** When it is to be asked for next, and when the last answer came; monotonic. */
  dueAtMs: number;
  answeredAtMs: number;
  /** Answers in a row that brought nothing or too little. */
  vain: number;
}

/** Nothing is asked before something is shown. */
export function createHistory(deps: HistoryDeps): HistoryInput {
  const { clock, visibility } = deps;
  const entries = new Map<string, Entry>();
  const shown = () => [...entries.values()].filter(({ shows }) => shows > 0);
  const { plan, look, leave } = createAsker(deps);
  const follower = createFollower(deps, shown);
  const lookAgain = () => {
    const now = clock.monotonic();
    for (const entry of shown()) {
      if (now >= Math.min(entry.dueAtMs, entry.answeredAtMs + FRESH_MS)) look(entry);
    }
  };
  const stopWatching = visibility.onChange(() => {
    lookAgain();
    follower.moved();
  });
  const entryOf = (series: HistorySeries, range: HistoryRange): Entry => {
    const key = `${series} ${range}`;
    const held = entries.get(key) ?? createEntry(series, range);
    entries.set(key, held);
    return held;
  };

  return {
    of: (series, range) => entryOf(series, range).shown,
    show(series, range) {
      const entry = entryOf(series, range);
      entry.shows += 1;
      if (entry.shows === 1) plan(entry);
      let isShown = true;
      return () => {
        if (isShown) entry.shows -= 1;
        isShown = false;
        if (entry.shows === 0) leave(entry);
      };
    },
    retry(series, range) {
      const entry = entryOf(series, range);
      if (entry.shown.peek().state !== 'ready') entry.shown.value = { state: 'loading' };
      look(entry);
    },
    lookAgain,
    moved: follower.moved,
    close() {
      stopWatching();
      follower.close();
      for (const entry of entries.values()) leave(entry);
    },
  };
}

/** Asks for one series at a time once, and sets when it does so again. */
function createAsker(deps: HistoryDeps) {
  const { clock, visibility } = deps;
  const ask = async (entry: Entry) => {
    const controller = new AbortController();
    entry.asking = controller;
    const deadline = clock.after(TIMEOUT_MS, () => controller.abort());
    const body = await fetchBody(deps.fetch, entry, controller.signal);
    deadline.cancel();
    if (entry.asking !== controller) return;
    entry.asking = null;
    take(entry, body, deps);
    plan(entry);
  };
  const plan = (entry: Entry) => {
    entry.timer?.cancel();
    entry.timer = clock.after(entry.dueAtMs - clock.monotonic(), () => look(entry));
  };
  const look = (entry: Entry) => {
    entry.timer?.cancel();
    entry.timer = null;
    const isHeld = entry.shown.peek().state === 'ready' && deps.isPaused();
    const isWanted = entry.shows > 0 && !visibility.isHidden() && !isHeld;
    if (isWanted && entry.asking === null) void ask(entry);
  };
  const leave = (entry: Entry) => {
    entry.timer?.cancel();
    const { asking } = entry;
    entry.asking = null;
    asking?.abort();
  };
  return { plan, look, leave };
}

const createEntry = (series: HistorySeries, range: HistoryRange): Entry => ({
  series,
  range,
  shown: signal<ShownHistory>({ state: 'loading' }),
  shows: 0,
  asking: null,
  timer: null,
  dueAtMs: 0,
  answeredAtMs: Number.NEGATIVE_INFINITY,
  vain: 0,
});

async function fetchBody(
  fetchPath: HistoryDeps['fetch'],
  { series, range }: Entry,
  abort: AbortSignal,
): Promise<HistoryBody | null> {
  try {
    // What the browser still holds was maybe made while the server was filling its past; asking whether it stands is cheap.
    const response = await fetchPath(historyPath(series, range), {
      signal: abort,
      cache: 'no-cache',
    });
    return response.ok ? readHistory(await response.json(), series, range) : null;
  } catch {
    // No network, given up, or no JSON: the chart says one thing for all of them, and it is asked again.
    return null;
  }
}

/** Shows an answer, `null` for a failure, and says when the next one is due. */
function take(entry: Entry, body: HistoryBody | null, deps: HistoryDeps): void {
  const nowMs = deps.now();
  const isFilled = body !== null && reachesBack(body, nowMs);
  entry.vain = isFilled ? 0 : entry.vain + 1;
  if (body === null) {
    if (entry.shown.peek().state !== 'ready') entry.shown.value = { state: 'failed' };
  } else {
    entry.answeredAtMs = deps.clock.monotonic();
    entry.shown.value = body.rows.length === 0 ? { state: 'empty' } : { state: 'ready', body };
    followLive(entry, deps);
  }
  const spreadMs = SPREAD_MS.from + deps.random() * (SPREAD_MS.to - SPREAD_MS.from);
  const regularMs = EVERY_MS - (nowMs % EVERY_MS) + spreadMs;
  const soonMs = entry.vain === 0 ? regularMs : Math.min(SOON_MS * 2 ** (entry.vain - 1), EVERY_MS);
  entry.dueAtMs = deps.clock.monotonic() + Math.min(regularMs, soonMs);
}

/** Whether every column is as long as the range, or nearly. */
function reachesBack({ range, columns, rows }: HistoryBody, nowMs: number): boolean {
  const { durationS } = HISTORY_RANGES[range];
  const earlyS = nowMs / 1000 - durationS * (1 - MISSING_PART);
  const early = rows.filter(([time]) => time <= earlyS);
  return columns.slice(1).every((_, at) => early.some((row) => (row[at + 1] ?? null) !== null));
}

function followLive({ series, shown }: Entry, { pointOf }: HistoryDeps): void {
  const held = shown.peek();
  const point = held.state === 'ready' ? pointOf(series) : null;
  if (held.state !== 'ready' || point === null) return;
  const body = follow(held.body, point);
  if (body !== held.body) shown.value = { state: 'ready', body };
}

/** Moves what is shown, at most once a second and only while somebody can see it. */
function createFollower(deps: HistoryDeps, shown: () => readonly Entry[]) {
  let nextAtMs = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;
  const run = () => {
    timer = null;
    if (deps.visibility.isHidden()) return;
    nextAtMs = deps.clock.monotonic() + FOLLOW_EVERY_MS;
    for (const entry of shown()) followLive(entry, deps);
  };
  return {
    moved() {
      if (shown().length === 0) return;
      timer ??= deps.clock.after(nextAtMs - deps.clock.monotonic(), run);
    },
    close: () => timer?.cancel(),
  };
}
