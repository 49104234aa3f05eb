/** Folds readings into the one document, keeps its freshness true by timer, and says when there is a new version. */

import type {
  Clock,
  DashboardDocument,
  ErrorCode,
  SourceEntry,
  SourceId,
  SourceState,
  Timer,
} from '../../contract/index.ts';
import { toWireTime } from '../../contract/index.ts';
import type { Reading } from '../sources/source.ts';
import { assemble } from './assemble.ts';
import type { StaleTable } from './choice.ts';
import { createConflation } from './conflation.ts';
import { diff } from './diff.ts';
import { createLatestReadings } from './readings.ts';

/** What a source is doing, as whoever asks it says. */
export interface SourceWord {
  readonly state: SourceState;
  readonly lastSuccessAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  readonly error: { readonly code: ErrorCode; readonly atMs: number } | null;
}

/** Told of every new version, in order. `whole`: sockets are to get the whole document. */
export type Emit = (document: DashboardDocument, whole: boolean) => void;

/** What a feed is made of. */
export interface FeedDeps {
  readonly clock: Clock;
  readonly emit: Emit;
}

/** How a feed is set up. */
export interface FeedOptions {
  /** The newest document known when the term began; every state is judged anew. */
  readonly inherited: DashboardDocument;
  /** Sources that are not asked at all; nothing is inherited from them. */
  readonly off: readonly SourceId[];
  /** Symbols, BTC among them. */
  readonly coins: readonly string[];
  readonly staleAfterS: StaleTable;
  readonly flushIntervalMs: number;
  readonly simulated: boolean;
}

/** A round's effect: whether any figure differs from what it was when the round began. */
export type RoundEffect = 'changed' | 'unchanged';

/** One term's feed. */
export interface Feed {
  /** Emits the term's first version, whole. */
  start(): void;
  /** Takes readings; the document follows at the next flush, or with the end of the round under way. */
  accept(readings: readonly Reading[]): void;
  /**
   * Takes what sources are doing.
   * @param postponed when those are asked that this term may not ask yet, ms since 1970; what an earlier term said of
   *   them stands otherwise
   */
  report(
    words: ReadonlyMap<SourceId, SourceWord>,
    postponed?: ReadonlyMap<SourceId, number | null>,
  ): void;
  roundStarted(): void;
  /** Flushes at once: whole if a figure changed in the round, else a patch if anything did, else nothing. */
  roundEnded(): RoundEffect;
  close(): void;
}

/** A jump of the wall clock is noticed this late at most: deadlines are wall-clock times, timers are monotonic. */
const MAX_FRESHNESS_WAIT_MS = 15_000;

/** @throws nothing; a reading that cannot be shown is dropped */
export function createFeed({ clock, emit }: FeedDeps, options: FeedOptions): Feed {
  const latest = createLatestReadings();
  /** What sources do as far as this node has found out; what an earlier term said of them is shown, not believed. */
  const words = new Map<SourceId, SourceWord>(options.off.map((id) => [id, OFF]));
  let sources = { ...options.inherited.sources, ...entriesOf(words) };
  let shown = options.inherited;
  let atRoundStart: DashboardDocument | null = null;
  let freshnessTimer: Timer | null = null;
  let isClosed = false;

  const fold = () => {
    const nowMs = clock.now();
    const { document, nextStaleAtMs } = assemble({
      ...options,
      latest,
      shown,
      sources,
      nowMs,
      ...judgementOf(words),
    });
    freshnessTimer?.cancel();
    freshnessTimer =
      nextStaleAtMs === null
        ? null
        : clock.after(Math.min(nextStaleAtMs - nowMs + 1, MAX_FRESHNESS_WAIT_MS), () =>
            conflation.soon(),
          );
    return document;
  };

  const show = (document: DashboardDocument, whole: boolean) => {
    shown = document;
    conflation.flushed();
    emit(document, whole);
  };

  const flush = () => {
    const document = fold();
    if (diff(shown, document) !== null) show(document, false);
  };

  const conflation = createConflation(clock, options.flushIntervalMs, flush);
  // The end of a round flushes everything as one whole document; until then changes wait for it.
  const flushSoon = () => (atRoundStart === null ? conflation.soon() : conflation.later());

  return {
    start() {
      show(fold(), true);
    },
    accept(readings) {
      if (isClosed) return;
      const taken = readings.filter((reading) => latest.take(reading));
      if (taken.length > 0) flushSoon();
    },
    report(newWords, postponed = new Map()) {
      if (isClosed) return;
      for (const [id, word] of newWords) words.set(id, word);
      sources = postpone({ ...sources, ...entriesOf(words) }, postponed);
      flushSoon();
    },
    roundStarted() {
      atRoundStart = shown;
    },
    roundEnded() {
      const before = atRoundStart ?? shown;
      atRoundStart = null;
      const document = fold();
      if (haveFiguresChanged(before, document)) {
        show(document, true);
        return 'changed';
      }
      if (diff(shown, document) !== null) show(document, false);
      return 'unchanged';
    },
    close() {
      isClosed = true;
      conflation.close();
      freshnessTimer?.cancel();
    },
  };
}

const OFF: SourceWord = {
  state: 'off',
  lastSuccessAtMs: null,
  nextAttemptAtMs: null,
  error: null,
};

/** States in which a source is known not to be answering. */
const DOWN: readonly SourceState[] = ['failing', 'blocked'];

const judgementOf = (words: ReadonlyMap<SourceId, SourceWord>) => ({
  isOff: (id: SourceId) => words.get(id)?.state === 'off',
  isDown: (id: SourceId) => DOWN.includes(words.get(id)?.state ?? 'ok'),
});

const entriesOf = (words: ReadonlyMap<SourceId, SourceWord>): DashboardDocument['sources'] =>
  Object.fromEntries([...words].map(([id, word]) => [id, toEntry(word)]));

/** A source that nothing is known of, or that is off, has no next attempt to be told. */
function postpone(
  sources: DashboardDocument['sources'],
  nextAttempts: ReadonlyMap<SourceId, number | null>,
): DashboardDocument['sources'] {
  const entries = [...nextAttempts].flatMap(([id, atMs]) => {
    const entry = sources[id];
    if (entry === undefined || entry.state === 'off') return [];
    return [[id, { ...entry, next_attempt_at: wireTimeOrNull(atMs) }]];
  });
  return { ...sources, ...Object.fromEntries(entries) };
}

/** Whether anything but the word on the sources differs. */
function haveFiguresChanged(before: DashboardDocument, after: DashboardDocument): boolean {
  return diff({ ...before, sources: {} }, { ...after, sources: {} }) !== null;
}

const toEntry = ({ state, lastSuccessAtMs, nextAttemptAtMs, error }: SourceWord): SourceEntry => ({
  state,
  last_success_at: wireTimeOrNull(lastSuccessAtMs),
  next_attempt_at: wireTimeOrNull(nextAttemptAtMs),
  error: error === null ? null : { code: error.code, at: toWireTime(error.atMs) },
  deviation_percent: null,
});

const wireTimeOrNull = (ms: number | null) => (ms === null ? null : toWireTime(ms));
