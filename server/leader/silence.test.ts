import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createSilence } from './silence.ts';

/** A watch over a Redis that answers when a test says so; `lag` is a process that stood still. */
function watch(random = 0) {
  const clock = createManualClock();
  let laggedMs = 0;
  const monotonic = () => clock.monotonic() + laggedMs;
  let answeredAtMs = monotonic();
  let tooLong = 0;
  const silence = createSilence(
    { answeredAtMs: () => answeredAtMs },
    { ...clock, monotonic },
    () => random,
    () => {
      tooLong++;
    },
  );
  return {
    clock,
    silence,
    tooLong: () => tooLong,
    answer() {
      answeredAtMs = monotonic();
    },
    lag(ms: number) {
      laggedMs += ms;
    },
  };
}

describe('the watch over the silence', () => {
  test('tells once that Redis has been silent for 30 s', async () => {
    const { clock, silence, tooLong } = watch();
    await clock.advanceAsync(100);
    silence.begin();
    await clock.advanceAsync(29_999);
    expect(tooLong()).toBe(0);
    await clock.advanceAsync(1001);
    expect(tooLong()).toBe(1);
    await clock.advanceAsync(120_000);
    expect(tooLong()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('adds up to 15 s at random', async () => {
    const { clock, silence, tooLong } = watch(0.999_999);
    await clock.advanceAsync(100);
    silence.begin();
    await clock.advanceAsync(44_000);
    expect(tooLong()).toBe(0);
    await clock.advanceAsync(2000);
    expect(tooLong()).toBe(1);
  });

  test('counts anew from every answer', async () => {
    const { clock, silence, tooLong, answer } = watch();
    silence.begin();
    for (let turn = 0; turn < 10; turn++) {
      await clock.advanceAsync(25_000);
      answer();
    }
    expect(tooLong()).toBe(0);
    await clock.advanceAsync(32_000);
    expect(tooLong()).toBe(1);
  });

  test('blames nobody for the time in which the process stood still', async () => {
    const { clock, silence, tooLong, answer, lag } = watch();
    silence.begin();
    await clock.advanceAsync(10_000);
    lag(3_600_000);
    await clock.advanceAsync(15_000);
    expect(tooLong()).toBe(0);
    answer();
    await clock.advanceAsync(29_000);
    expect(tooLong()).toBe(0);
  });

  test('counts on although the process stands still again and again', async () => {
    const { clock, silence, tooLong, lag } = watch();
    silence.begin();
    for (let turn = 0; turn < 40; turn++) {
      lag(5000);
      await clock.advanceAsync(1000);
    }
    expect(tooLong()).toBe(1);
  });

  test('begins anew each time, and ends', async () => {
    const { clock, silence, tooLong } = watch();
    silence.begin();
    await clock.advanceAsync(20_000);
    silence.begin();
    await clock.advanceAsync(20_000);
    expect(tooLong()).toBe(0);
    expect(clock.pending()).toBe(1);
    silence.end();
    expect(clock.pending()).toBe(0);
    await clock.advanceAsync(120_000);
    expect(tooLong()).toBe(0);
  });
});
