/** What time a figure is of, in words: absolute while nothing on the page may tick, an age otherwise. */

import { formatAge, formatClock, formatDate, formatIn, formatZonedClock } from '../format/index.ts';
import type { Live } from '../live/index.ts';
import type { Words } from './widget.ts';

/** The clock's reading; with the date instead when it is of another day. */
export function momentText({ language, timeZone }: Words, atMs: number, nowMs: number): string {
  const date = formatDate(atMs, language, timeZone);
  if (date !== formatDate(nowMs, language, timeZone)) return date;
  // A zone that is not the reader's own is named.
  return timeZone === 'UTC'
    ? formatZonedClock(atMs, language, timeZone)
    : formatClock(atMs, language, timeZone);
}

/** The time of a figure. Reads the tick, so that whoever asks is drawn again with every tick. */
export function whenText(live: Live, words: Words, asOfMs: number): string {
  const nowMs = live.nowMs.value;
  if (nowMs === null) return momentText(words, asOfMs, live.renderedAtMs);
  // Paused: a text that counts on would be the very movement that was switched off.
  if (live.isPaused.value) return momentText(words, asOfMs, nowMs);
  return formatAge(words.t, nowMs - asOfMs, asOfMs, words.language, words.timeZone);
}

/** How soon something comes; its absolute time while nothing may tick. */
export function inText(live: Live, words: Words, atMs: number): string {
  const nowMs = live.nowMs.value;
  if (nowMs === null) return momentText(words, atMs, live.renderedAtMs);
  return live.isPaused.value
    ? momentText(words, atMs, nowMs)
    : formatIn(words.t, Math.max(0, atMs - nowMs));
}
