import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createRateGate } from './rate-gate.ts';

test('lets so many through in any span of time, wherever it begins', () => {
  const clock = createManualClock();
  const gate = createRateGate({ count: 2, perMs: 1000 }, clock);
  const at = (ms: number) => {
    clock.advance(ms - clock.monotonic());
    return gate.pass();
  };
  expect([at(0), at(900), at(999)]).toEqual([true, true, false]);
  expect([at(1500), at(1999), at(2998)]).toEqual([false, true, true]);
});
