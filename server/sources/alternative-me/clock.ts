/** When the index of the day is asked for: it changes once a day, and rounds come every few minutes. */

import type { OwnClock, Reading } from '../source.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A value is of a day. */
export const DAY_MS = 24 * HOUR_MS;

/** Within the day a value is corrected now and then at most. */
const INTERVAL_MS = HOUR_MS;

/** The new value is there shortly after the moment that was announced for it. */
const AFTER_UPDATE_MS = MINUTE_MS;

/** What is late is asked for as often as the upstream brings its answers up to date. */
const LATE_INTERVAL_MS = 5 * MINUTE_MS;

/** A day that is this late will be missing from the series, as some are: from then on it is asked hourly again. */
const MAX_LATE_MS = 2 * HOUR_MS;

/** Rounds leave it out until it is due. */
export const hourlyAndWhenDue: OwnClock = {
  isAlone: true,
  dueAtMs(readings, receivedAtMs) {
    const index = readings.find((reading) => reading.figure === 'fng');
    if (index !== undefined && isLate(index, receivedAtMs)) return receivedAtMs + LATE_INTERVAL_MS;
    const hourlyAtMs = receivedAtMs + INTERVAL_MS;
    const announcedMs = index?.value.nextUpdateAtMs ?? null;
    if (announcedMs === null) return hourlyAtMs;
    const updatedAtMs = announcedMs + AFTER_UPDATE_MS;
    // Announcements come in steps of five minutes: one that moves along with every answer makes no more calls than that.
    return updatedAtMs > receivedAtMs ? Math.min(hourlyAtMs, updatedAtMs) : hourlyAtMs;
  },
};

/** The day of the newest value is over, and the next one's has not come yet. */
function isLate({ eventTimeMs }: Reading, receivedAtMs: number): boolean {
  if (eventTimeMs === null) return false;
  const lateMs = receivedAtMs - (eventTimeMs + DAY_MS);
  return lateMs >= 0 && lateMs < MAX_LATE_MS;
}
