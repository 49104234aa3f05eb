import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createManualClock } from '../../contract/manual-clock.ts';
import { ATTEMPTS_WINDOW_MS, CAP_MS, createStreamBackoff, MAX_ATTEMPTS } from './stream-backoff.ts';
import { failed, type StreamFailure } from './stream-end.ts';

const OUTAGE = failed('unavailable');
const MINUTE_MS = 60_000;

/** Numbers in [0, 1), without end. */
const dice = () =>
  fc
    .infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }))
    .map((numbers) => () => numbers.next().value);

/** The waits of `count` failures in a row. */
function waits(random: () => number, count: number): number[] {
  const backoff = createStreamBackoff(createManualClock(), random);
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
    const backoff = createStreamBackoff(createManualClock(), () => 0.5);
    for (let n = 0; n < 6; n++) backoff.waitMs(OUTAGE);
    backoff.proven();
    expect(backoff.waitMs(OUTAGE)).toBe(625);
  });

  test('is drawn again, not grown, for somebody who was not allowed to connect', () => {
    const backoff = createStreamBackoff(createManualClock(), () => 0.5);
    expect(backoff.sameWaitMs()).toBe(625);
    backoff.waitMs(OUTAGE);
    const last = backoff.waitMs(OUTAGE);
    expect(backoff.sameWaitMs()).toBe(last);
  });
});

describe('a pause', () => {
  const pause = (failure: Pick<StreamFailure, 'code' | 'askedMs'>) => {
    const [least, most] = [0, 1].map((random) =>
      createStreamBackoff(createManualClock(), () => random).waitMs(failure),
    );
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
    const backoff = createStreamBackoff(createManualClock(), () => 0.5);
    for (let n = 0; n < 6; n++) backoff.waitMs(OUTAGE);
    expect(backoff.waitMs({ code: 'rate_limited', askedMs: 10 })).toBe(15_125);
  });
});

describe('the attempts', () => {
  test('pitfall 41: are never more than 40 in five minutes, even if every connection is good', () => {
    fc.assert(
      fc.property(dice(), (roll) => {
        const clock = createManualClock();
        const backoff = createStreamBackoff(clock, roll);
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
    const backoff = createStreamBackoff(clock, () => 0);
    for (let n = 1; n < MAX_ATTEMPTS; n++) backoff.attempted();
    expect(backoff.waitMs(null)).toBe(250);
    clock.advance(1000);
    backoff.attempted();
    expect(backoff.waitMs(null)).toBe(ATTEMPTS_WINDOW_MS - 1000);
  });
});
