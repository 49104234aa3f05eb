import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { MAX_PAUSE_MS } from './ledger.ts';
import { RSI, spending, testLedger } from './ledger-contract.ts';
import { createMemoryLedger, periodOf } from './memory-ledger.ts';

testLedger('the memory ledger', async () => {
  const clock = createManualClock();
  return { ledger: createMemoryLedger(clock), clock, close: async () => {} };
});

test('the memory ledger takes over what is stricter than what it knows, and nothing else', () => {
  const clock = createManualClock();
  const ledger = createMemoryLedger(clock);
  ledger.spend(spending('taapi', 3));
  ledger.pause('taapi', 5000);
  const lastMinute = { lastMinute: 0, lastMinuteForMs: 0 };
  ledger.learn('taapi', { pauseMs: 4000, today: 2, thisMonth: 90, ...lastMinute });
  expect(ledger.pauseMs('taapi')).toBe(5000);
  expect(ledger.calls('taapi')).toEqual({ today: 3, thisMonth: 90 });
  ledger.learn('taapi', { pauseMs: 6000, today: 7, thisMonth: 80, ...lastMinute });
  expect(ledger.allowedAtMs(RSI)).toBe(6000);
  expect(ledger.calls('taapi')).toEqual({ today: 7, thisMonth: 90 });
});

test('the memory ledger keeps no pause for longer than an upstream’s own word is believed', () => {
  const clock = createManualClock();
  const ledger = createMemoryLedger(clock);
  const tenYearsMs = 3650 * 86_400_000;
  const counts = { today: 0, thisMonth: 0, lastMinute: 0, lastMinuteForMs: 0 };
  ledger.learn('taapi', { pauseMs: tenYearsMs, ...counts });
  expect(ledger.pauseMs('taapi')).toBe(MAX_PAUSE_MS);
  ledger.pause('coingecko', tenYearsMs);
  expect(ledger.pauseMs('coingecko')).toBe(MAX_PAUSE_MS);
  clock.advance(MAX_PAUSE_MS);
  expect(ledger.allowedAtMs(RSI)).toBe(clock.monotonic());
});

test('the memory ledger forgets a day when eight others were counted after it', () => {
  const clock = createManualClock();
  const today = clock.now();
  const ledger = createMemoryLedger(clock);
  ledger.spend(spending('taapi', 5));
  for (let others = 1; others <= 8; others++) {
    clock.setWall(today);
    expect(ledger.calls('taapi').today).toBe(5);
    clock.setWall(today + others * 40 * 86_400_000);
    ledger.spend(spending('taapi', 1));
  }
  clock.setWall(today);
  expect(ledger.calls('taapi')).toEqual({ today: 0, thisMonth: 0 });
});

test('the memory ledger takes over calls of the minute that it does not know, for a minute at most', () => {
  const clock = createManualClock();
  const ledger = createMemoryLedger(clock);
  const learn = (lastMinute: number, lastMinuteForMs: number) =>
    ledger.learn('taapi', { pauseMs: 0, today: 0, thisMonth: 0, lastMinute, lastMinuteForMs });
  ledger.spend(spending('taapi', 2));
  learn(2, 60_000);
  learn(9, 0);
  expect(ledger.lastMinute('taapi')).toEqual([{ atMs: 0, calls: 2 }]);
  clock.advance(10_000);
  learn(3, 45_000);
  expect(ledger.lastMinute('taapi')).toEqual([
    { atMs: -5000, calls: 1 },
    { atMs: 0, calls: 2 },
  ]);
  learn(7, 3_600_000);
  expect(ledger.lastMinute('taapi').at(-1)).toEqual({ atMs: 10_000, calls: 4 });
  clock.advance(60_000);
  expect(ledger.lastMinute('taapi')).toEqual([]);
});

test('a period is a day and a month in UTC', () => {
  expect(periodOf(Date.UTC(2026, 10, 30, 23, 59, 59, 999))).toEqual({
    day: '2026-11-30',
    month: '2026-11',
  });
});
