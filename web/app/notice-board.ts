/** The notices that stand: one for each thing, three at most, each only while it lasts. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../contract/index.ts';
import { MAX_NOTICES } from '../ui/index.ts';
import { isLasting, type News, slotOf } from './news.ts';

/** How long a notice stands that tells of something over: three lines are read twice in that time. */
export const PASSING_MS = 8000;

/** A notice that stands. */
export interface Posted {
  /** What it is about; see `slotOf`. */
  readonly id: string;
  readonly news: News;
}

/** See {@link createNoticeBoard}. */
export interface NoticeBoard {
  /** What lasts before what passes, and the newest last. */
  readonly posted: ReadonlySignal<readonly Posted[]>;
  /** Takes the place of an older notice about the same. */
  post(news: News): void;
  /** Takes a notice away: dismissed, or no longer true. */
  remove(id: string): void;
  close(): void;
}

/** A board without notices. */
export function createNoticeBoard(clock: Clock): NoticeBoard {
  const posted = signal<readonly Posted[]>([]);
  const timers = new Map<string, Timer>();

  const remove = (id: string) => {
    timers.get(id)?.cancel();
    timers.delete(id);
    if (posted.peek().some((one) => one.id === id)) {
      posted.value = posted.peek().filter((one) => one.id !== id);
    }
  };
  return {
    posted,
    remove,
    post(news) {
      const id = slotOf(news);
      // What lasts stands elsewhere on the page too, so it gives way first: the answer to a press has no other place.
      const others = posted
        .peek()
        .filter((one) => one.id !== id)
        .toSorted((a, b) => Number(isLasting(b.news)) - Number(isLasting(a.news)));
      for (const { id: old } of others.slice(0, -(MAX_NOTICES - 1))) {
        timers.get(old)?.cancel();
        timers.delete(old);
      }
      timers.get(id)?.cancel();
      timers.delete(id);
      posted.value = [...others.slice(-(MAX_NOTICES - 1)), { id, news }];
      if (!isLasting(news))
        timers.set(
          id,
          clock.after(PASSING_MS, () => remove(id)),
        );
    },
    close() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
