/** Keeps this node's history in step with the leader's copy in Redis: in the background, and in small pieces. */

import { type Clock, coinSeries, type Timer } from '../../contract/index.ts';
import type { HistorySteps, RedisPresence } from '../redis/steps.ts';
import { createChunkJoiner } from './chunk-joiner.ts';
import { createChunkWriter } from './chunk-writer.ts';
import { CANDLES } from './chunks.ts';
import { createDueChunks } from './due-chunks.ts';
import { FIGURE_SERIES } from './series.ts';
import type { WatchedRows } from './watched-rows.ts';

/** Where nodes share their history. */
export interface SharedHistory {
  readonly steps: HistorySteps;
  readonly presence: Pick<RedisPresence, 'onAway' | 'onConnected'>;
  /** Whether this node may write: it holds the lease that all nodes share. One that is solo may not. */
  readonly isLeader: () => boolean;
}

/** What a sync is made of. */
export interface HistorySyncDeps extends SharedHistory {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly rows: WatchedRows;
  /** Symbols whose prices are kept. */
  readonly coins: readonly string[];
  readonly log: {
    debug(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** Runs until it is closed. */
export interface HistorySync {
  /**
   * Whether all that lay in Redis has been joined once since the start. Where nothing lies yet there is more to come, from
   * a leader that has just begun.
   */
  isDone(): boolean;
  /** From now on no row is read or kept, whatever was under way. */
  close(): void;
}

/** Between two syncs, ms, a tenth more or less: as often as the finest interval gets a row. */
const SYNC_EVERY_MS = 60_000;
/** A process is young for so long, ms: its past is being filled, and then syncs are so often. */
const YOUNG_MS = 120_000;
const YOUNG_EVERY_MS = 15_000;
/** At start, when Redis is back, and when a sync left something, ms, half more or less: not all nodes at once. */
const SOON_MS = 1000;
/** Between two pieces of work, each of some milliseconds: what waits meanwhile is served. */
const BREATH_MS = 5;
/** So many syncs in a row have failed when it is worth a line, though Redis answers: lost steps are not. */
const WARN_AFTER = 3;

/**
 * Every node joins with its rows what it has not seen yet; the leader then writes what differs. What is kept of two rows
 * depends on the rows alone, so nothing that comes late, twice or from a former leader does harm.
 */
export function createHistorySync(deps: HistorySyncDeps): HistorySync {
  const { clock, steps, presence, isLeader, coins, log } = deps;
  const closing = new AbortController();
  const { signal } = closing;
  const series = new Set([CANDLES, ...Object.keys(FIGURE_SERIES), ...coins.map(coinSeries)]);
  const breathe = () =>
    new Promise<void>((resolve) => void clock.after(BREATH_MS, () => resolve()));
  const due = createDueChunks({ ...deps, series });
  const joiner = createChunkJoiner({ ...deps, series, breathe, signal });
  const writer = createChunkWriter({ ...deps, due, breathe, signal });
  const failures = countFailures(log);
  let isAway = false;
  let isJoined = false;

  /** @returns whether nothing is left to be done */
  const sync = async (): Promise<boolean> => {
    const index = new Map(await steps.readHistoryIndex());
    const { lost, names, missing, isDone } = await joiner.join(index);
    isJoined ||= isDone && index.size > 0;
    for (const name of missing) index.delete(name);
    if (!isLeader()) {
      due.follow();
      return isDone;
    }
    due.lead();
    // What others wrote lacks what only this node had; what is gone is written again.
    for (const name of [...lost, ...names]) due.add(name);
    const isWritten = await writer.write(index, joiner.known);
    return isDone && isWritten;
  };
  const work = repeat(deps, async () => {
    try {
      const isDone = await sync();
      failures.end();
      return isDone;
    } catch (err) {
      failures.add(err, isAway);
      return true;
    }
  });
  const leaves = [
    presence.onConnected(work.soon),
    presence.onAway((next) => {
      isAway = next;
      if (!next) work.soon();
    }),
    due.close,
    work.close,
  ];
  work.soon();
  return {
    isDone: () => isJoined,
    close() {
      closing.abort();
      for (const leave of leaves) leave();
    },
  };
}

/** Tells of syncs that fail, once in a row of them. */
function countFailures(log: HistorySyncDeps['log']) {
  let count = 0;
  let isTold = false;
  return {
    end() {
      count = 0;
      isTold = false;
    },
    /** @param isAway that Redis is away was said by who noticed */
    add(err: unknown, isAway: boolean) {
      count += 1;
      const isNews = count >= WARN_AFTER && !isAway && !isTold;
      isTold ||= isNews;
      log[isNews ? 'warn' : 'debug'](
        { err },
        'the history is not shared now; trying again every minute',
      );
    },
  };
}

/**
 * Does something again and again, one at a time.
 * @param job says whether nothing was left to be done; must not reject
 */
function repeat(
  { clock, random }: Pick<HistorySyncDeps, 'clock' | 'random'>,
  job: () => Promise<boolean>,
) {
  let next: { readonly timer: Timer; readonly atMs: number } | null = null;
  let isBusy = false;
  let isClosed = false;

  const bornAtMs = clock.monotonic();
  const everyMs = () => (clock.monotonic() - bornAtMs < YOUNG_MS ? YOUNG_EVERY_MS : SYNC_EVERY_MS);

  const plan = (delayMs: number) => {
    const atMs = clock.monotonic() + delayMs;
    if (isClosed || (next !== null && next.atMs <= atMs)) return;
    next?.timer.cancel();
    next = { atMs, timer: clock.after(delayMs, () => void run()) };
  };
  const soon = () => plan(SOON_MS * (0.5 + random()));
  const run = async () => {
    next = null;
    if (isBusy) return soon();
    isBusy = true;
    const isDone = await job();
    isBusy = false;
    if (isDone) plan(everyMs() * (0.9 + random() / 5));
    else soon();
  };
  return {
    soon,
    close() {
      isClosed = true;
      next?.timer.cancel();
    },
  };
}
