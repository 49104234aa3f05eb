import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createManualClock } from '../../contract/manual-clock.ts';
import {
  ATTEMPTS_WINDOW_MS,
  CAP_MS,
  createStreamBackoff,
  MAX_ATTEMPTS,
  type StreamPauses,
} from './stream-backoff.ts';
import { failed, type StreamFailure } from './stream-end.ts';
import { NO_PAUSES } from './test-stream.ts';

const OUTAGE = failed('unavailable');
const MINUTE_MS = 60_000;

function backoffOf(
  random: () => number,
  clock = createManualClock(),
  pauses: StreamPauses = NO_PAUSES,
) {
  return createStreamBackoff({ clock, random, pauses }, 'binance');
}

/** Numbers in [0, 1), without end. */
const dice = () =>
  fc
    .infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }))
    .map((numbers) => () => numbers.next().value);

/** The waits of `count` failures in a row. */
function waits(random: () => number, count: number): number[] {
  const backoff = backoffOf(random);
  return Array.from({ length: count }, () => backoff.waitMs(OUTAGE));
}

describe('the wait', () => {
  test('pitfall 41: doubles its range with every failure in a row, up to half a minute', () => {
    expect(waits(() => 1 - Number.EPSILON, 8)).toEqual([
      1000,
      2000,
      4000,
      8000,
      16_000,
      CAP_MS,
      CAP_MS,
      CAP_MS,
    ]);
  });

  test('pitfall 41: is anywhere in that range, but never none at all', () => {
    expect(waits(() => 0, 8)).toEqual(Array.from({ length: 8 }, () => 250));
    const drawn = waits(() => 0.5, 3);
    expect(drawn).toEqual([625, 1125, 2125]);
  });

  test('is short again after a good connection', () => {
    const backoff = backoffOf(() => 0.5);
    for (let n = 0; n < 6; n++) backoff.waitMs(OUTAGE);
    backoff.proven();
    expect(backoff.waitMs(OUTAGE)).toBe(625);
  });

  test('is drawn again, not grown, for somebody who was not allowed to connect', () => {
    const backoff = backoffOf(() => 0.5);
    expect(backoff.sameWaitMs()).toBe(625);
    backoff.waitMs(OUTAGE);
    const last = backoff.waitMs(OUTAGE);
    expect(backoff.sameWaitMs()).toBe(last);
  });
});

describe('a pause', () => {
  const pause = (failure: Pick<StreamFailure, 'code' | 'askedMs'>) => {
    const [least, most] = [0, 1].map((random) => backoffOf(() => random).waitMs(failure));
    return [least, most];
  };

  test('of half an hour follows a refusal, and a little more', () => {
    expect(pause(failed('blocked'))).toEqual([30 * MINUTE_MS, 33 * MINUTE_MS]);
  });

  test('of a minute follows a "too many" that names no time', () => {
    expect(pause(failed('rate_limited'))).toEqual([MINUTE_MS, 1.1 * MINUTE_MS]);
  });

  test('is as long as it was asked for', () => {
    expect(pause({ code: 'rate_limited', askedMs: 7000 })).toEqual([7000, 7700]);
    expect(pause({ code: 'unavailable', askedMs: 120_000 })).toEqual([120_000, 132_000]);
  });

  test('is never shorter than the wait without one', () => {
    const backoff = backoffOf(() => 0.5);
    for (let n = 0; n < 6; n++) backoff.waitMs(OUTAGE);
    expect(backoff.waitMs({ code: 'rate_limited', askedMs: 10 })).toBe(15_125);
  });
});

describe('the attempts', () => {
  test('pitfall 41: are never more than 40 in five minutes, even if every connection is good', () => {
    fc.assert(
      fc.property(dice(), (roll) => {
        const clock = createManualClock();
        const backoff = backoffOf(roll, clock);
        const attempts: number[] = [];
        for (let n = 0; n < 3 * MAX_ATTEMPTS; n++) {
          attempts.push(clock.monotonic());
          backoff.attempted();
          backoff.proven();
          clock.advance(backoff.waitMs(null));
        }
        for (const [n, atMs] of attempts.entries()) {
          const later = attempts[n + MAX_ATTEMPTS] ?? Number.POSITIVE_INFINITY;
          expect(later - atMs).toBeGreaterThanOrEqual(ATTEMPTS_WINDOW_MS);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('do not wait for the window when they are few', () => {
    const clock = createManualClock();
    const backoff = backoffOf(() => 0, clock);
    for (let n = 1; n < MAX_ATTEMPTS; n++) backoff.attempted();
    expect(backoff.waitMs(null)).toBe(250);
    clock.advance(1000);
    backoff.attempted();
    expect(backoff.waitMs(null)).toBe(ATTEMPTS_WINDOW_MS - 1000);
  });
});

describe('what is left of a wait', () => {
  const WALL_MS = createManualClock().now();

  test('is nothing at first, nor when the wait is over', () => {
    const clock = createManualClock();
    const backoff = backoffOf(() => 0.5, clock);
    expect(backoff.left()).toEqual({ waitMs: 0, failure: null });
    clock.advance(backoff.waitMs(failed('blocked')));
    expect(backoff.left()).toEqual({ waitMs: 0, failure: null });
  });

  test.each(['blocked', 'unavailable', 'rate_limited'] as const)(
    'of a stream that was %s is told with its reason and its time',
    (code) => {
      const clock = createManualClock();
      const backoff = backoffOf(() => 0, clock);
      const waitMs = backoff.waitMs(failed(code));
      clock.advance(100);
      expect(backoff.left()).toEqual({ waitMs: waitMs - 100, failure: { code, atMs: WALL_MS } });
    },
  );

  test('has no reason while the old connection still held', () => {
    const backoff = backoffOf(() => 0.5);
    backoff.waitMs(failed('unavailable'));
    backoff.waitMs(null);
    expect(backoff.left()).toEqual({ waitMs: 1125, failure: null });
  });

  test('pitfall 41: goes on to the end of the window when the attempts are many', () => {
    const clock = createManualClock();
    const backoff = backoffOf(() => 0, clock);
    for (let n = 0; n < MAX_ATTEMPTS; n++) backoff.attempted();
    clock.advance(1000);
    expect(backoff.left()).toEqual({ waitMs: ATTEMPTS_WINDOW_MS - 1000, failure: null });
  });

  test('is what another process was told, if that is longer', () => {
    const clock = createManualClock();
    const backoff = backoffOf(() => 0, clock, { ...NO_PAUSES, leftMs: () => 5000.5 });
    backoff.waitMs(failed('unavailable'));
    expect(backoff.left()).toEqual({
      waitMs: 5001,
      failure: { code: 'rate_limited', atMs: WALL_MS },
    });
    backoff.waitMs(failed('blocked'));
    expect(backoff.left().failure?.code).toBe('blocked');
  });

  test('is kept for other processes when there were too many connections, and in no other case', () => {
    const kept: unknown[] = [];
    const keep = (...pause: unknown[]) => void kept.push(pause);
    const backoff = backoffOf(() => 0, createManualClock(), { ...NO_PAUSES, keep });
    for (const code of ['blocked', 'unavailable', 'timeout'] as const) backoff.waitMs(failed(code));
    backoff.waitMs({ code: 'unavailable', askedMs: 120_000 });
    backoff.waitMs(null);
    expect(kept).toEqual([]);
    backoff.waitMs(failed('rate_limited'));
    backoff.waitMs({ code: 'rate_limited', askedMs: 7000 });
    expect(kept).toEqual([
      ['binance', MINUTE_MS],
      ['binance', 7000],
    ]);
  });
});
