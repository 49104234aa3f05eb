import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createBelievedTime } from './believed-time.ts';

const START_MS = Date.UTC(2026, 10, 23, 7);
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

describe('the time that is believed', () => {
  test('is the clock’s while it goes on as it should, and drifts with it', () => {
    const clock = createManualClock(START_MS);
    const time = createBelievedTime(clock, null);
    for (let hour = 0; hour < 10; hour++) {
      clock.advance(HOUR_MS);
      clock.setWall(clock.now() + 50 * 60_000);
      expect(time.now()).toEqual({ earliestMs: clock.now(), latestMs: clock.now() });
    }
  });

  test.each([
    ['ahead', YEAR_MS],
    ['back', -YEAR_MS],
  ])('may be either for a day after the clock jumped %s', (_name, jumpMs) => {
    const clock = createManualClock(START_MS);
    const time = createBelievedTime(clock, START_MS - HOUR_MS);
    expect(time.now().earliestMs).toBe(START_MS);
    clock.setWall(START_MS + jumpMs);
    time.now();
    clock.advance(24 * HOUR_MS - 1);
    const [expectedMs, clockMs] = [START_MS + 24 * HOUR_MS - 1, clock.now()];
    expect(time.now()).toEqual({
      earliestMs: Math.min(expectedMs, clockMs),
      latestMs: Math.max(expectedMs, clockMs),
    });
    clock.advance(1);
    expect(time.now()).toEqual({ earliestMs: clock.now(), latestMs: clock.now() });
  });

  test('forgets a jump that was taken back', () => {
    const clock = createManualClock(START_MS);
    const time = createBelievedTime(clock, null);
    for (let jump = 0; jump < 3; jump++) {
      clock.setWall(clock.now() + YEAR_MS);
      expect(time.now().latestMs - time.now().earliestMs).toBe(YEAR_MS);
      clock.advance(20 * HOUR_MS);
      clock.setWall(clock.now() - YEAR_MS);
      expect(time.now()).toEqual({ earliestMs: clock.now(), latestMs: clock.now() });
    }
  });

  test('doubts a clock that is far from the newest thing known from the start', () => {
    const clock = createManualClock(0);
    const time = createBelievedTime(clock, START_MS);
    expect(time.now()).toEqual({ earliestMs: 0, latestMs: START_MS });
    clock.setWall(START_MS + 1000);
    expect(time.now()).toEqual({ earliestMs: START_MS + 1000, latestMs: START_MS + 1000 });
  });
});
