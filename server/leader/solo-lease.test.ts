import { expect, test } from 'bun:test';
import { isPlausible, MIN_EPOCH } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { EPOCH_JITTER, nextEpoch } from './lease.ts';
import { testLease } from './lease-contract.ts';
import { createSoloLease } from './solo-lease.ts';

testLease('the solo lease', async () => {
  const clock = createManualClock();
  const lease = createSoloLease({ clock, random: () => 0.5, highestEpoch: () => 0 });
  return { lease, settle: () => clock.advanceAsync(0), close: () => lease.close() };
});

test('a solo lease begins above what the node has seen, also when the clock is behind it', () => {
  const clock = createManualClock(Date.UTC(2020, 0, 1));
  const lease = createSoloLease({ clock, random: () => 0, highestEpoch: () => 1_900_000_000_000 });
  const epochs: number[] = [];
  lease.subscribe((event) => event.type === 'gained' && epochs.push(event.epoch));
  lease.start();
  expect(epochs).toEqual([1_900_000_000_001]);
});

test('an epoch is above the clock by 1 to 65 536', () => {
  const nowMs = 1_795_000_000_000;
  expect(nextEpoch(0, nowMs, 0)).toBe(nowMs + 1);
  expect(nextEpoch(0, nowMs, 0.999_999_999)).toBe(nowMs + 1 + EPOCH_JITTER);
  expect(nextEpoch(nowMs + 5000, nowMs, 0)).toBe(nowMs + 5001);
});

test('an epoch has a form that every node believes, also when the clock is in 1970', () => {
  expect(nextEpoch(0, 1000, 0)).toBe(MIN_EPOCH + 1);
  expect(isPlausible({ epoch: nextEpoch(0, 1000, 0), seq: 1 }, 1_795_000_000_000)).toBe(true);
});
