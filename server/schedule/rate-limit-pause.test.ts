import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createRateLimitPause } from './rate-limit-pause.ts';

describe('the pause after a rate limit without a time', () => {
  test('pitfall 20: is twice as long with every further one in a row, up to half an hour', () => {
    const clock = createManualClock();
    const pause = createRateLimitPause(clock);
    const minutes = Array.from({ length: 8 }, () => {
      const ms = pause.nextMs();
      clock.advance(ms);
      return ms / 60_000;
    });
    expect(minutes).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test('is one for calls that were made together', () => {
    const clock = createManualClock();
    const pause = createRateLimitPause(clock);
    expect(pause.nextMs()).toBe(60_000);
    clock.advance(400);
    expect(pause.nextMs()).toBe(59_600);
    clock.advance(59_600);
    expect(pause.nextMs()).toBe(120_000);
  });

  test('is the first again after a success', () => {
    const clock = createManualClock();
    const pause = createRateLimitPause(clock);
    for (let i = 0; i < 5; i++) clock.advance(pause.nextMs());
    pause.succeeded();
    expect(pause.nextMs()).toBe(60_000);
  });
});
