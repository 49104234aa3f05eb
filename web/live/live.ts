/** From snapshots of the client to what the page shows: pause, the server's time, judgement. */

import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Link, Snapshot } from '../../client/index.ts';
import {
  type Clock,
  type DashboardDocument,
  type Degraded,
  isEmpty,
  judgedFigures,
  staleAtMs,
} from '../../contract/index.ts';
import { createFigures, type Figures } from './figures.ts';
import { createFlashes, type Flashes } from './flash.ts';
import type { History } from './history.ts';
import { createPageHistory, type HistoryMeans } from './page-history.ts';
import { settled } from './same.ts';
import { createServerClock } from './server-clock.ts';
import type { Judgement } from './standing.ts';
import { createTicker, type Deadlines, type Visibility } from './ticker.ts';

/** A page that is shown again may bring a burst of changes; for so long they are not news. */
const CATCH_UP_MS = 2000;

/** What the page says of its connection. One that lives and brings not a single figure is not called live. */
export type ShownLink = Link | { readonly state: 'paused' | 'no_data' };

/** Everything that moves on the page. Signals only: whoever reads one is told of its changes. */
export interface Live {
  readonly figures: Figures;
  /** The server's time at the last tick, ms since 1970; `null` until the page has come alive and knows that time: no age is shown before. */
  readonly nowMs: ReadonlySignal<number | null>;
  /** The connection, or that the page is paused, or that nothing comes over it. */
  readonly shownLink: ReadonlySignal<ShownLink>;
  /** The connection itself, paused or not. */
  readonly link: ReadonlySignal<Link>;
  readonly isPaused: ReadonlySignal<boolean>;
  /** Paused, offline, or without the server's time: nothing is better than stale. */
  readonly isHeld: ReadonlySignal<boolean>;
  /** Newest time in the document that is shown, ms since 1970. */
  readonly lastUpdatedMs: ReadonlySignal<number | null>;
  /** Nothing was ever read. */
  readonly hasNoFigures: ReadonlySignal<boolean>;
  readonly isSimulated: ReadonlySignal<boolean>;
  readonly degraded: ReadonlySignal<readonly Degraded[]>;
  /** The server's version; `null` before its first word. */
  readonly appVersion: ReadonlySignal<string | null>;
  /** Which figures have just changed; none in the first paint, while hidden, or while catching up after that. */
  readonly flashes: Flashes;
  /** What the charts draw. */
  readonly history: History;
  /** The server's time of the rendering, ms since 1970: judges the first paint. */
  readonly renderedAtMs: number;
  /** The server's time now, not of the last tick, ms since 1970. */
  now(): number;
  setPaused(isPaused: boolean): void;
}

/** A {@link Live} with the handles of whoever feeds it. */
export interface LiveInput extends Live {
  /** Takes the client's newest snapshot. */
  take(snapshot: Snapshot): void;
  /** The page has mounted: ages begin. */
  start(): void;
  close(): void;
}

/** What the page was rendered from. */
export interface LiveOptions {
  readonly document: DashboardDocument;
  /** The server's time of the rendering: judges the first paint on both sides alike. */
  readonly renderedAtMs: number;
  /** When the page arrived, on the monotonic clock; now when it is not given, `null` when the browser had kept it. */
  readonly receivedAtMs?: number | null;
}

const parseTime = (time: string | null | undefined): number | null =>
  time ? Date.parse(time) : null;

const newest = (times: readonly (number | null)[]): number | null =>
  times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);

const earliest = (times: readonly (number | null)[], fromMs: number): number | null =>
  times.reduce((a, b) => (b !== null && b >= fromMs && (a === null || b < a) ? b : a), null);

/** What the ticker has to watch in a document. */
export function deadlinesOf(document: DashboardDocument, nowMs: number): Deadlines {
  const successes = Object.values(document.sources).map((entry) =>
    parseTime(entry.last_success_at),
  );
  const stales = judgedFigures(document).map(([, figure]) => staleAtMs(figure));
  return {
    newestMs: newest([parseTime(document.last_updated), ...successes]),
    nextStaleMs: earliest(stales, nowMs),
  };
}

/** What comes in, before the pause and the judgement. */
function createIncoming(document: DashboardDocument) {
  const newestDocument = signal(document);
  const pausedDocument = signal<DashboardDocument | null>(null);
  const link = signal<Link>({ state: 'connecting' });
  const isPaused = computed(() => pausedDocument.value !== null);
  const isTimeAwaited = signal(false);
  return {
    newestDocument,
    pausedDocument,
    shown: computed(() => pausedDocument.value ?? newestDocument.value),
    isPaused,
    isTimeAwaited,
    isHeld: computed(() => isPaused.value || isTimeAwaited.value || link.value.state === 'offline'),
    link,
    degraded: signal<readonly Degraded[]>([]),
    appVersion: signal<string | null>(null),
  };
}

/** What the page shows beside the figures. */
function facts(incoming: ReturnType<typeof createIncoming>) {
  const { shown, isPaused, link, degraded, appVersion } = incoming;
  const hasNoFigures = computed(() => isEmpty(shown.value));
  return {
    shownLink: settled<ShownLink>(() => {
      if (isPaused.value) return { state: 'paused' };
      return link.value.state === 'live' && hasNoFigures.value ? { state: 'no_data' } : link.value;
    }),
    link: settled(() => link.value),
    isPaused,
    isHeld: incoming.isHeld,
    lastUpdatedMs: computed(() => parseTime(shown.value.last_updated)),
    hasNoFigures,
    isSimulated: computed(() => shown.value.simulated),
    degraded: settled(() => degraded.value),
    appVersion,
  };
}

/** @param deps `visibility` also tells when the page woke */
export function createLive(
  deps: { readonly clock: Clock; readonly visibility: Visibility } & HistoryMeans,
  { document, renderedAtMs, receivedAtMs = deps.clock.monotonic() }: LiveOptions,
): LiveInput {
  const incoming = createIncoming(document);
  const { shown, isPaused, newestDocument, pausedDocument, link, isTimeAwaited } = incoming;
  let calmUntilMs = Number.POSITIVE_INFINITY;
  const beCalm = () => {
    calmUntilMs = deps.clock.monotonic() + CATCH_UP_MS;
  };
  const isNews = () => !deps.visibility.isHidden() && deps.clock.monotonic() >= calmUntilMs;
  const { now, isKnown, correct } = createServerClock(deps.clock, { renderedAtMs, receivedAtMs });
  const ticker = createTicker(deps, {
    nowMs: now,
    deadlines: () => deadlinesOf(shown.peek(), now()),
  });
  const judgement = settled<Judgement>(() => ({
    nowMs: ticker.nowMs.value ?? renderedAtMs,
    isHeld: incoming.isHeld.value,
  }));
  const figures = createFigures(shown, judgement);
  const symbols = Object.keys(document.coins);
  const { flashes, watch } = createFlashes({ clock: deps.clock, isNews }, figures, symbols);
  const past = createPageHistory(deps, { figures, link, isPaused, now });
  const stops: (() => void)[] = [];

  return {
    ...facts(incoming),
    figures,
    flashes,
    history: past.history,
    renderedAtMs,
    nowMs: ticker.nowMs,
    now,
    setPaused(paused) {
      if (paused === isPaused.peek()) return;
      // What gathered during the pause comes in one step and is not news either.
      if (!paused) beCalm();
      pausedDocument.value = paused ? newestDocument.peek() : null;
    },
    take(snapshot) {
      const isCorrected = correct(snapshot.clockOffsetMs);
      batch(() => {
        newestDocument.value = snapshot.document ?? newestDocument.peek();
        link.value = snapshot.link;
        incoming.degraded.value = snapshot.degraded;
        incoming.appVersion.value = snapshot.appVersion;
        // A figure newer than the last tick is "just now" until the next one: ages need not be looked at with every
        // document, only when the clock itself was wrong.
        if (isCorrected && (ticker.nowMs.peek() !== null || isTimeAwaited.peek())) ticker.tick();
        else ticker.retime();
        if (isKnown()) isTimeAwaited.value = false;
      });
    },
    start() {
      beCalm();
      stops.push(deps.visibility.onChange(beCalm), watch(), past.watch());
      // Not before: the first paint has to be the server's.
      isTimeAwaited.value = !isKnown();
      if (isKnown()) ticker.tick();
    },
    close() {
      for (const stop of stops) stop();
      ticker.close();
    },
  };
}
