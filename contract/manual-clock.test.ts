import { describe, expect, test } from 'bun:test';
import { createManualClock } from './manual-clock.ts';

/** Sets timers that write down their delay, and when they ran. */
function withTimers(delays: readonly number[]) {
  const clock = createManualClock(0);
  const ran: (readonly [delayMs: number, atMs: number])[] = [];
  const timers = delays.map((delayMs) =>
    clock.after(delayMs, () => ran.push([delayMs, clock.now()])),
  );
  return { clock, ran, timers };
}

describe('a manual clock', () => {
  test('runs timers in the order in which they are due, each at its moment', () => {
    const { clock, ran } = withTimers([30, 10, 20]);
    clock.advance(25);
    expect(ran).toEqual([
      [10, 10],
      [20, 20],
    ]);
    expect([clock.now(), clock.pending()]).toEqual([25, 1]);
    clock.advance(5);
    expect(ran.at(-1)).toEqual([30, 30]);
  });

  test('runs those that are due together in the order in which they were set', () => {
    const clock = createManualClock(0);
    const ran: string[] = [];
    for (const name of ['first', 'second', 'third']) clock.after(10, () => ran.push(name));
    clock.after(-5, () => ran.push('at once'));
    clock.advance(10);
    expect(ran).toEqual(['at once', 'first', 'second', 'third']);
  });

  test('runs within one step what a timer sets, if it is due by then', () => {
    const clock = createManualClock(0);
    const ran: number[] = [];
    const beat = () => {
      ran.push(clock.monotonic());
      clock.after(10, beat);
    };
    clock.after(10, beat);
    clock.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.pending()).toBe(1);
  });

  test('forgets a timer that was cancelled, also by another one, and takes no harm of a second time', () => {
    const { clock, ran, timers } = withTimers([10, 20, 30]);
    clock.after(15, () => timers[1]?.cancel());
    timers[2]?.cancel();
    clock.advance(100);
    for (const timer of timers) timer.cancel();
    expect(ran).toEqual([[10, 10]]);
    expect(clock.pending()).toBe(0);
  });

  test('lets promises settle after every timer', async () => {
    const clock = createManualClock(0);
    const told: string[] = [];
    clock.after(10, () => void Promise.resolve().then(() => told.push('settled')));
    clock.after(20, () => told.push('next'));
    await clock.advanceAsync(20);
    expect(told).toEqual(['settled', 'next']);
  });

  test('keeps timers and the monotonic clock where the wall clock jumps', () => {
    const { clock, ran } = withTimers([10]);
    clock.setWall(1_000_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_000, 0]);
    clock.advance(10);
    expect(ran).toEqual([[10, 1_000_010]]);
  });
});
