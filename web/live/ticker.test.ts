import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTicker, nextTickMs } from './ticker.ts';

const NEVER = { newestMs: null, nextStaleMs: null };

function createVisibility() {
  const listeners = new Set<() => void>();
  let isHidden = false;
  return {
    isHidden: () => isHidden,
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(hidden: boolean) {
      isHidden = hidden;
      for (const listener of listeners) listener();
    },
    count: () => listeners.size,
  };
}

describe('nextTickMs', () => {
  test('waits for the turn of the second while an age counts seconds', () => {
    expect(nextTickMs(10_400, { newestMs: 9000, nextStaleMs: null })).toBe(605);
  });

  test('waits 15 seconds when every age counts minutes', () => {
    expect(nextTickMs(100_000, { newestMs: 9000, nextStaleMs: null })).toBe(15_000);
    expect(nextTickMs(100_000, NEVER)).toBe(15_000);
  });

  test('misses no figure that turns stale in between', () => {
    expect(nextTickMs(100_000, { newestMs: 9000, nextStaleMs: 104_000 })).toBe(4005);
  });

  test('never spins on a deadline that is just now', () => {
    expect(nextTickMs(100_000, { newestMs: 9000, nextStaleMs: 100_000 })).toBeGreaterThan(0);
  });
});

describe('the ticker', () => {
  const start = (deadlines = NEVER) => {
    const clock = createManualClock(1_000_000);
    const visibility = createVisibility();
    const ticker = createTicker(
      { clock, visibility },
      { nowMs: clock.now, deadlines: () => ({ ...deadlines, newestMs: clock.now() - 5000 }) },
    );
    return { clock, visibility, ticker };
  };

  test('shows no time before the first tick', () => {
    const { clock, ticker } = start();
    clock.advance(60_000);
    expect(ticker.nowMs.value).toBeNull();
    expect(clock.pending()).toBe(0);
  });

  test('ticks every second', () => {
    const { clock, ticker } = start();
    ticker.tick();
    clock.advance(3100);
    expect(ticker.nowMs.value).toBeGreaterThan(1_003_000);
    expect(clock.pending()).toBe(1);
  });

  test('takes a new deadline without ticking', () => {
    const { clock, ticker } = start();
    ticker.retime();
    expect(clock.pending()).toBe(0);
    ticker.tick();
    const before = ticker.nowMs.value;
    clock.advance(500);
    ticker.retime();
    expect(ticker.nowMs.value).toBe(before);
    expect(clock.pending()).toBe(1);
  });

  test('stops while the page is hidden and ticks at once when it is shown again', () => {
    const { clock, visibility, ticker } = start();
    ticker.tick();
    visibility.set(true);
    expect(clock.pending()).toBe(0);
    clock.advance(60_000);
    visibility.set(false);
    expect(ticker.nowMs.value).toBe(1_060_000);
    expect(clock.pending()).toBe(1);
  });

  test('leaves nothing behind when it is closed', () => {
    const { clock, visibility, ticker } = start();
    ticker.tick();
    ticker.close();
    ticker.tick();
    expect(clock.pending()).toBe(0);
    expect(visibility.count()).toBe(0);
  });
});
