import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createRefreshInterval } from './refresh-interval.ts';

const LENGTH_MS = 15_000;

function start() {
  const clock = createManualClock();
  return { clock, interval: createRefreshInterval(clock, LENGTH_MS) };
}

test('a refresh is granted at once, and then once per interval', () => {
  const { clock, interval } = start();
  expect(interval.claim()).toEqual({ granted: true });
  expect(interval.claim()).toEqual({ granted: false, retryAfterMs: LENGTH_MS });
  clock.advance(LENGTH_MS - 1);
  expect(interval.claim()).toEqual({ granted: false, retryAfterMs: 1 });
  clock.advance(1);
  expect(interval.claim()).toEqual({ granted: true });
});

test('a refresh that is refused does not lengthen the interval', () => {
  const { clock, interval } = start();
  interval.claim();
  for (let second = 0; second < 15; second++) {
    expect(interval.claim().granted).toBe(false);
    clock.advance(1000);
  }
  expect(interval.claim()).toEqual({ granted: true });
});

test('the interval counts from the start of the last round, however it came about', () => {
  const { clock, interval } = start();
  interval.claim();
  clock.advance(LENGTH_MS - 1000);
  interval.start();
  clock.advance(LENGTH_MS - 1);
  expect(interval.claim()).toEqual({ granted: false, retryAfterMs: 1 });
  clock.advance(1);
  expect(interval.claim()).toEqual({ granted: true });
});

test('a jump of the wall clock changes nothing', () => {
  const { clock, interval } = start();
  interval.claim();
  clock.setWall(clock.now() + 3_600_000);
  expect(interval.claim()).toEqual({ granted: false, retryAfterMs: LENGTH_MS });
  clock.setWall(clock.now() - 7_200_000);
  clock.advance(LENGTH_MS);
  expect(interval.claim()).toEqual({ granted: true });
});
