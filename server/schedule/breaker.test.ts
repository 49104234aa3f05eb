import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createBreaker, FAILURES_BEFORE_OPEN, FIRST_OPEN_MS, MAX_OPEN_MS } from './breaker.ts';

/** @param random the longest time there is, by default */
function setUp(random = 1) {
  const clock = createManualClock();
  const breaker = createBreaker(clock, () => random);
  return {
    clock,
    breaker,
    fail(times: number) {
      for (let i = 0; i < times; i++) breaker.failed();
    },
    /** How long it is still open, ms. */
    openMs: () => Math.max(0, breaker.allowedAtMs() - clock.monotonic()),
  };
}

describe('a breaker', () => {
  test('opens after five failures in a row', () => {
    const { breaker, fail, openMs } = setUp();
    fail(FAILURES_BEFORE_OPEN - 1);
    expect([openMs(), breaker.needsProbe()]).toEqual([0, false]);
    fail(1);
    expect([openMs(), breaker.needsProbe()]).toEqual([FIRST_OPEN_MS, true]);
  });

  test('counts anew after every success', () => {
    const { breaker, fail, openMs } = setUp();
    fail(FAILURES_BEFORE_OPEN - 1);
    breaker.succeeded();
    fail(FAILURES_BEFORE_OPEN - 1);
    expect(openMs()).toBe(0);
  });

  test('opens for twice as long with every probe that fails, up to five minutes', () => {
    const { clock, breaker, fail, openMs } = setUp();
    fail(FAILURES_BEFORE_OPEN);
    const times = Array.from({ length: 7 }, () => {
      const ms = openMs();
      clock.advance(ms);
      breaker.probeFailed();
      return ms / 1000;
    });
    expect(times).toEqual([15, 30, 60, 120, 240, 300, 300]);
    expect(MAX_OPEN_MS).toBe(300_000);
  });

  test('still wants a probe when its time is over, and is closed by a success', () => {
    const { clock, breaker, fail, openMs } = setUp();
    fail(FAILURES_BEFORE_OPEN);
    clock.advance(FIRST_OPEN_MS);
    expect([openMs(), breaker.needsProbe()]).toEqual([0, true]);
    breaker.probeFailed();
    breaker.succeeded();
    expect([openMs(), breaker.needsProbe()]).toEqual([0, false]);
    fail(FAILURES_BEFORE_OPEN);
    expect(openMs()).toBe(FIRST_OPEN_MS);
  });

  test('does not open for longer by failures of calls that were made before', () => {
    const { fail, openMs } = setUp();
    fail(2 * FAILURES_BEFORE_OPEN);
    expect(openMs()).toBe(FIRST_OPEN_MS);
  });

  test('is open for half of its time at least', () => {
    const { fail, openMs } = setUp(0);
    fail(FAILURES_BEFORE_OPEN);
    expect(openMs()).toBe(FIRST_OPEN_MS / 2);
  });
});
