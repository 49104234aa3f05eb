import { describe, expect, test } from 'bun:test';
import { changed, RECEIPT } from '../poll-contract.ts';
import { hourlyAndWhenDue } from './clock.ts';
import fng from './fixtures/fng.json';
import { fngPoll } from './fng.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TODAY_MS = Date.UTC(2026, 10, 23);

/**
 * When the index is asked for after an answer, ms after the answer.
 * @param afterMidnightMs of the answer, since the day of the newest value began
 * @param untilUpdate as it was sent; missing by default
 */
function waitAfter(afterMidnightMs: number, untilUpdate?: string): number {
  const receivedAtMs = TODAY_MS + afterMidnightMs;
  const body = changed(fng, ['data', 0, 'time_until_update'], untilUpdate);
  const readings = fngPoll.read(body, { ...RECEIPT, receivedAtMs });
  return hourlyAndWhenDue.dueAtMs(readings, receivedAtMs) - receivedAtMs;
}

describe('the index is due', () => {
  test('by its own clock alone', () => {
    expect(fngPoll.ownClock).toBe(hourlyAndWhenDue);
    expect(hourlyAndWhenDue.isAlone).toBe(true);
  });

  test('an hour after an answer', () => {
    expect(waitAfter(7 * HOUR_MS, '61200')).toBe(HOUR_MS);
    expect(waitAfter(7 * HOUR_MS)).toBe(HOUR_MS);
    expect(hourlyAndWhenDue.dueAtMs([], TODAY_MS)).toBe(TODAY_MS + HOUR_MS);
  });

  test('a minute after the announced update where that is sooner', () => {
    expect(waitAfter(23.5 * HOUR_MS, '1800')).toBe(31 * MINUTE_MS);
    expect(waitAfter(DAY_MS - 1000, '1')).toBe(MINUTE_MS + 1000);
    expect(waitAfter(20 * HOUR_MS, '900')).toBe(16 * MINUTE_MS);
  });

  test('an hour after an answer that announces what has passed', () => {
    expect(waitAfter(12 * HOUR_MS + MINUTE_MS, '0')).toBe(HOUR_MS);
  });

  test('pitfall 24: again after five minutes while the newest value is that of a day that is over', () => {
    for (const untilUpdate of [undefined, '0', '-30', '86340']) {
      expect(waitAfter(DAY_MS + MINUTE_MS, untilUpdate)).toBe(5 * MINUTE_MS);
    }
    expect(waitAfter(DAY_MS, '0')).toBe(5 * MINUTE_MS);
    expect(waitAfter(DAY_MS + 2 * HOUR_MS - 1)).toBe(5 * MINUTE_MS);
  });

  test('pitfall 27: hourly again on a day that stays missing from the series', () => {
    expect(waitAfter(DAY_MS + 2 * HOUR_MS)).toBe(HOUR_MS);
    expect(waitAfter(3 * DAY_MS, '7200')).toBe(HOUR_MS);
  });
});

/** An upstream on one day after another: each value comes so long after its day began. */
function walk(days: number, publishedAfterMs: number) {
  const fromMs = TODAY_MS + 7 * HOUR_MS;
  const calls: number[] = [];
  const firstSeen = new Map<number, number>();
  for (let nowMs = fromMs; nowMs < fromMs + days * DAY_MS; ) {
    const newestMs = Math.floor((nowMs - publishedAfterMs) / DAY_MS) * DAY_MS;
    const midnightMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
    const body = {
      data: [
        {
          value: '26',
          timestamp: String(newestMs / 1000),
          time_until_update: String((midnightMs - nowMs) / 1000),
        },
      ],
    };
    const readings = fngPoll.read(body, { ...RECEIPT, receivedAtMs: nowMs });
    calls.push(nowMs);
    if (!firstSeen.has(newestMs)) firstSeen.set(newestMs, nowMs);
    nowMs = hourlyAndWhenDue.dueAtMs(readings, nowMs);
  }
  const newDays = [...firstSeen].filter(([dayMs]) => dayMs > TODAY_MS);
  return { calls, lateMs: newDays.map(([dayMs, seenMs]) => seenMs - dayMs - publishedAfterMs) };
}

describe('in a day', () => {
  test.each([0, 1, 7, 20, 45])('whose value is %p minutes late', (minutes) => {
    const { calls, lateMs } = walk(1, minutes * MINUTE_MS);
    expect(calls.length).toBeLessThanOrEqual(35);
    expect(calls.length).toBeGreaterThanOrEqual(24);
    expect(lateMs).toHaveLength(1);
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(5 * MINUTE_MS);
  });

  test('it is asked little more than hourly, and each value is seen within minutes, also in a week', () => {
    const { calls, lateMs } = walk(7, 3 * MINUTE_MS);
    expect(calls.length).toBeLessThanOrEqual(7 * 27);
    expect(lateMs).toHaveLength(7);
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(5 * MINUTE_MS);
  });
});
