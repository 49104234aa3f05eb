/** Folds readings into the one document, keeps its freshness true by timer, and says when there is a new version. */

import type {
  Clock,
  DashboardDocument,
  SourceId,
  SourceState,
  Timer,
} from '../../contract/index.ts';
import type { Reading } from '../sources/source.ts';
import { assemble } from './assemble.ts';
import type { StaleTable } from './choice.ts';
import { createConflation } from './conflation.ts';
import { diff } from './diff.ts';
import { createKnowledge, type Knowledge } from './knowledge.ts';
import { entriesOf, postpone, type SourceWord, withDeviations } from './source-entries.ts';

export type { SourceWord } from './source-entries.ts';

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
  /** Symbols of US funds; `null` when they are not asked for: then the document has none. */
  readonly etfs: readonly string[] | null;
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
   * A stream's connection has ended or fallen silent: what it brought is not live any more, from now on. It stays shown,
   * stale, where nothing else is live. Nothing is taken of this connection any more; the next one has another name.
   */
  connectionLost(connection: string): void;
  /** Coins in use of which no exchange streams a price that can be shown now. */
  unstreamedCoins(): readonly string[];
  /**
   * Whether the RSI follows this exchange's prices: its candles are known, up to today or to a yesterday of which the close
   * is known, it streams a price of BTC, and it is not set aside. Then nobody less preferred is needed.
   */
  hasRunningCandles(source: SourceId): boolean;
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
  const knowledge = createKnowledge(clock, options);
  /** What sources do as far as this node has found out; what an earlier term said of them is shown, not believed. */
  const words = new Map<SourceId, SourceWord>(options.off.map((id) => [id, OFF]));
  let sources = { ...options.inherited.sources, ...entriesOf(words) };
  let shown = options.inherited;
  let atRoundStart: DashboardDocument | null = null;
  let nextFold: Timer | null = null;
  let isClosed = false;

  const fold = () => {
    const { document, dueInMs } = foldNow(clock, options, { knowledge, words, sources, shown });
    nextFold?.cancel();
    nextFold = dueInMs === null ? null : clock.after(dueInMs, () => conflation.soon());
    return document;
  };
  const show = (document: DashboardDocument, whole: boolean) => {
    shown = document;
    conflation.flushed();
    emit(document, whole);
  };
  const conflation = createConflation(clock, options.flushIntervalMs, () => {
    const document = fold();
    if (diff(shown, document) !== null) show(document, false);
  });
  // The end of a round flushes everything as one whole document; until then changes wait for it.
  const flushSoon = () => (atRoundStart === null ? conflation.soon() : conflation.later());

  return {
    start() {
      show(fold(), true);
    },
    accept(readings) {
      if (!isClosed && knowledge.take(readings)) flushSoon();
    },
    connectionLost(connection) {
      if (!isClosed && knowledge.lose(connection)) flushSoon();
    },
    unstreamedCoins: knowledge.unstreamedCoins,
    hasRunningCandles: knowledge.hasRunningCandles,
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
      nextFold?.cancel();
    },
  };
}

/** What a document is folded from, besides the time. */
interface State {
  readonly knowledge: Knowledge;
  readonly words: ReadonlyMap<SourceId, SourceWord>;
  readonly sources: DashboardDocument['sources'];
  readonly shown: DashboardDocument;
}

/** The document now, and in how many ms it has to be folded again though nothing comes: `null` when never. */
function foldNow(clock: Clock, options: FeedOptions, { knowledge, words, sources, shown }: State) {
  const { latest, running, setAside, exchanges, asideSince } = knowledge;
  knowledge.judge();
  const nowMs = clock.now();
  const { document, nextStaleAtMs } = assemble({
    ...options,
    ...judgementOf(words),
    ...{ latest, running, exchanges, isAside: setAside.isAside, asideSince, shown, nowMs },
    inheritedUntilMs: knowledge.inheritedUntilMs(),
    sources: withDeviations(sources, exchanges, setAside),
  });
  const asideAtMs = setAside.dueAtMs();
  const waits = [
    ...(nextStaleAtMs === null ? [] : [nextStaleAtMs - nowMs + 1]),
    ...(asideAtMs === null ? [] : [asideAtMs - clock.monotonic()]),
  ];
  return {
    document,
    dueInMs: waits.length === 0 ? null : Math.min(MAX_FRESHNESS_WAIT_MS, ...waits),
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

/** Whether anything but the word on the sources differs. */
function haveFiguresChanged(before: DashboardDocument, after: DashboardDocument): boolean {
  return diff({ ...before, sources: {} }, { ...after, sources: {} }) !== null;
}
