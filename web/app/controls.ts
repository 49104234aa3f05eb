/** What a visitor can do to the page, and what it remembers of that. */

import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { translator } from '../i18n/index.ts';
import type { RefreshResult, ShownLink } from '../live/index.ts';
import type { Words } from '../widgets/widget.ts';
import { createNoticeBoard, type NoticeBoard } from './notice-board.ts';
import type { Preferences } from './page.ts';
import type { Choice } from './preferences.ts';
import { createSpokenLink } from './spoken-link.ts';
import { type WatchDeps, watchNews } from './watch.ts';

/** Everything the frame of the page reads and does. */
export interface Controls {
  readonly preferences: ReadonlySignal<Preferences>;
  readonly words: ReadonlySignal<Words>;
  readonly hasShortcuts: ReadonlySignal<boolean>;
  readonly isRefreshing: ReadonlySignal<boolean>;
  /** What the live region says of the connection. */
  readonly spokenLink: ReadonlySignal<ShownLink>;
  readonly board: NoticeBoard;
  /** Changes a preference. Draws anew, asks nobody. */
  choose(choice: Choice): void;
  setShortcuts(isOn: boolean): void;
  setTimeZone(timeZone: string): void;
  togglePause(): void;
  /** Asks for a fresh round and posts what came of it; one at a time. */
  refresh(): Promise<void>;
  /** The page has mounted: notices and announcements begin; the result ends them. */
  start(): () => void;
}

/** @param deps `preferences` as the server read them */
export function createControls(
  deps: WatchDeps & {
    readonly preferences: Preferences;
    /** Asks the server for a fresh round. */
    readonly ask: () => Promise<RefreshResult>;
  },
): Controls {
  const { live, clock } = deps;
  const preferences = signal(deps.preferences);
  const timeZone = signal('UTC');
  const hasShortcuts = signal(true);
  const isRefreshing = signal(false);
  const board = createNoticeBoard(clock);
  const { spoken, watch } = createSpokenLink(live.shownLink, clock);
  const language = computed(() => preferences.value.language);

  return {
    preferences,
    words: computed(() => ({
      language: language.value,
      t: translator(language.value),
      timeZone: timeZone.value,
    })),
    hasShortcuts,
    isRefreshing,
    spokenLink: spoken,
    board,
    choose(choice) {
      preferences.value = { ...preferences.peek(), ...choice };
    },
    setShortcuts(isOn) {
      hasShortcuts.value = isOn;
    },
    setTimeZone(zone) {
      timeZone.value = zone;
    },
    togglePause: () => live.setPaused(!live.isPaused.peek()),
    async refresh() {
      if (isRefreshing.peek()) return;
      isRefreshing.value = true;
      const result = await deps.ask();
      isRefreshing.value = false;
      if (result.status === 'ok') board.post({ kind: 'refreshed' });
      else if (result.status === 'failed') board.post({ kind: 'refresh_failed' });
      else board.post({ kind: 'throttled', retryAfterS: result.retryAfterS });
    },
    start() {
      const stops = [watch(), watchNews(deps, board), () => board.close()];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
