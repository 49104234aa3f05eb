import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { CLOSE } from '../contract/close-codes.ts';
import { isSentAway, patientDelayMs, reconnectDelayMs, tryDelayMs } from './backoff.ts';

const LEAST = () => 0;
const MOST = () => 1;

describe('reconnect delay', () => {
  test('doubles from half a second up to eight', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 50].map((attempt) => reconnectDelayMs(attempt, 1006, MOST));
    expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('is fully jittered: anything from nothing to the ceiling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, chance) => {
          const ceiling = reconnectDelayMs(attempt, null, MOST);
          expect(reconnectDelayMs(attempt, null, () => chance)).toBeCloseTo(chance * ceiling, 6);
        },
      ),
    );
    expect(reconnectDelayMs(5, 1006, LEAST)).toBe(0);
  });

  test('spreads a crowd over two seconds when its server goes away', () => {
    for (const code of [CLOSE.goingAway, CLOSE.serviceRestart]) {
      expect(reconnectDelayMs(1, code, MOST)).toBe(2000);
      expect(reconnectDelayMs(5, code, MOST)).toBe(8000);
    }
    expect(reconnectDelayMs(1, CLOSE.slowClient, MOST)).toBe(500);
  });
});

describe('delay between attempts while polling', () => {
  test('is 5 to 8 s for two minutes, then 20 to 40 s', () => {
    expect([tryDelayMs(0, LEAST), tryDelayMs(0, MOST)]).toEqual([5000, 8000]);
    expect([tryDelayMs(119_999, LEAST), tryDelayMs(119_999, MOST)]).toEqual([5000, 8000]);
    expect([tryDelayMs(120_000, LEAST), tryDelayMs(120_000, MOST)]).toEqual([20_000, 40_000]);
    expect(tryDelayMs(Number.MAX_SAFE_INTEGER, LEAST)).toBe(20_000);
  });

  test('is at least 20 s for a client that was sent away', () => {
    expect([patientDelayMs(LEAST), patientDelayMs(MOST)]).toEqual([20_000, 40_000]);
  });
});

test('only shedding and refusal send a client away', () => {
  const codes = [...Object.values(CLOSE), 1000, 1006, null];
  expect(codes.filter(isSentAway)).toEqual([CLOSE.policyViolation, CLOSE.tryAgainLater]);
});
