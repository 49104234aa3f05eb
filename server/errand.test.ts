import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../contract/manual-clock.ts';
import { createErrand, ERRAND_RETRY_MS, ERRAND_SPACING_MS } from './errand.ts';
import type { RoundResult } from './schedule/schedule.ts';

function setUp() {
  const clock = createManualClock();
  const times: number[] = [];
  const state = { result: 'answered' as RoundResult, isNeeded: true };
  const errand = createErrand({
    clock,
    async ask() {
      times.push(clock.monotonic());
      return state.result;
    },
    isNeeded: () => state.isNeeded,
  });
  return { clock, times, state, errand };
}

describe('an errand', () => {
  test('is run at once, and not again when it was answered', async () => {
    const { clock, times, errand } = setUp();
    errand.run();
    expect(times).toEqual([0]);
    await clock.advanceAsync(60_000);
    expect(times).toEqual([0]);
  });

  test('is run again and again until it is answered', async () => {
    const { clock, times, state, errand } = setUp();
    state.result = 'failed';
    errand.run();
    await clock.advanceAsync(2 * ERRAND_RETRY_MS);
    state.result = 'answered';
    await clock.advanceAsync(60_000);
    expect(times).toEqual([0, 1, 2, 4].map((n) => n * ERRAND_RETRY_MS));
  });

  test('is run less and less often while it fails', async () => {
    const { clock, times, state, errand } = setUp();
    state.result = 'failed';
    errand.run();
    await clock.advanceAsync(300_000);
    const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(waits.slice(0, 7)).toEqual([5000, 5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test('answers a reason that comes while it is under way, a while after its answer', async () => {
    const { clock, times, errand } = setUp();
    errand.run();
    errand.run();
    await clock.advanceAsync(60_000);
    expect(times).toEqual([0, ERRAND_SPACING_MS]);
  });

  test('is given up when nobody needs it any more', async () => {
    const { clock, times, state, errand } = setUp();
    state.result = 'failed';
    errand.run();
    await clock.advanceAsync(1);
    state.isNeeded = false;
    await clock.advanceAsync(60_000);
    expect(times).toEqual([0]);
    expect(clock.pending()).toBe(0);
  });

  test('is run no more often than its upstream allows, however many reasons come', async () => {
    const { clock, times, errand } = setUp();
    for (let second = 0; second < 60; second++) {
      errand.run();
      await clock.advanceAsync(1000);
    }
    expect(times).toEqual([0, 1, 2, 3, 4, 5].map((n) => n * ERRAND_SPACING_MS));
  });

  test('is over when it is closed, also while an answer is waited for', async () => {
    const { clock, times, state, errand } = setUp();
    state.result = 'failed';
    errand.run();
    errand.close();
    await clock.advanceAsync(60_000);
    errand.run();
    expect(times).toEqual([0]);
    expect(clock.pending()).toBe(0);
  });
});
