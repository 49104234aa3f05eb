/** alternative.me's Fear & Greed index. Every value in it is a string, so parsing loses nothing. */

import { DAY_MS, startOfDay } from '../candles.ts';
import { isObject, type JsonObject, type RecordedRoute, type Recording } from './recording.ts';

export const fngRoute = {
  path: '/fng/',
  variable: 'ALTERNATIVE_ME_BASE_URL',
  recognise({ body }) {
    const days = daysOf(body);
    const [newest] = days;
    if (!newest) return null;
    return { timeMs: stampMs(newest), isComplete: true, isShort: days.length < ASKED_DAYS };
  },
  adds: ({ body }) => daysOf(body).length > 0,
  body({ body }, { query, nowMs, asRecorded, added }) {
    const days = withOlder(daysOf(body), added);
    const [newest] = days;
    const today = startOfDay(nowMs);
    const shiftMs = asRecorded || !newest ? 0 : today - startOfDay(stampMs(newest));
    const untilUpdate = String(Math.ceil((today + DAY_MS - nowMs) / 1000));
    const moved = days.slice(0, limitOf(query)).map((day) => ({
      ...day,
      timestamp: String((stampMs(day) + shiftMs) / 1000),
      ...('time_until_update' in day && !asRecorded && { time_until_update: untilUpdate }),
    }));
    return JSON.stringify({ ...envelopeOf(body), data: moved });
  },
} as const satisfies RecordedRoute;

/** How many days the server asks for when it wants to know the newest. */
const ASKED_DAYS = 31;

/** Every recording has its part of one series: before the oldest day of one come those of the others. */
function withOlder(days: readonly JsonObject[], added: readonly Recording[]) {
  const oldestMs = startOfDay(Math.min(...days.map(stampMs)));
  const byDay = new Map<number, JsonObject>();
  for (const day of added.flatMap(({ body }) => daysOf(body))) {
    // What says when the next day comes was the newest of its time.
    const { time_until_update: _, ...rest } = day;
    const dayMs = startOfDay(stampMs(day));
    if (dayMs < oldestMs) byDay.set(dayMs, rest);
  }
  return [...days, ...[...byDay.values()].sort((a, b) => stampMs(b) - stampMs(a))];
}

/** What surrounds the days when only they were recorded. */
const ENVELOPE = { name: 'Fear and Greed Index', data: [], metadata: { error: null } };

const envelopeOf = (body: unknown) => (isObject(body) ? body : ENVELOPE);

/** The days, newest first: of an envelope, or of a list of days alone. Empty when it is neither. */
function daysOf(body: unknown): readonly JsonObject[] {
  const data = isObject(body) ? body.data : body;
  return Array.isArray(data) && data.length > 0 && data.every(isDay) ? data : [];
}

const isDay = (day: unknown) =>
  isObject(day) &&
  typeof day.value === 'string' &&
  typeof day.timestamp === 'string' &&
  /^\d{9,11}$/.test(day.timestamp);

const stampMs = (day: JsonObject) => Number(day.timestamp) * 1000;

/** The newest days that are asked for: one without a word, all with 0. */
function limitOf(query: URLSearchParams): number {
  const limit = query.get('limit') ?? '1';
  if (!/^\d{1,6}$/.test(limit)) return 1;
  return limit === '0' ? Number.POSITIVE_INFINITY : Number(limit);
}
