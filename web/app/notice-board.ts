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

/**
 * What weighs least gives way first, the oldest of equals: a connection or a source that is lost is seen elsewhere on
 * the page; what passes is soon gone anyway; the answer to a press is awaited; a new version and a lost cluster stand
 * nowhere else, and being two they always leave room for the newest.
 */
function weightOf(news: News): number {
  if (news.kind === 'new_version' || news.kind === 'cluster') return 3;
  if (slotOf(news) === 'refresh') return 2;
  return isLasting(news) ? 0 : 1;
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
      const others = posted
        .peek()
        .filter((one) => one.id !== id)
        .toSorted((a, b) => Number(isLasting(b.news)) - Number(isLasting(a.news)));
      const leaving = others
        .toSorted((a, b) => weightOf(a.news) - weightOf(b.news))
        .slice(0, -(MAX_NOTICES - 1));
      for (const { id: old } of leaving) {
        timers.get(old)?.cancel();
        timers.delete(old);
      }
      timers.get(id)?.cancel();
      timers.delete(id);
      posted.value = [...others.filter((one) => !leaving.includes(one)), { id, news }];
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
