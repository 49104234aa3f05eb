/** The contract suite of the ledger interface: every implementation is run against it. */

import { afterEach, describe, expect, test } from 'bun:test';
import type { ManualClock } from '../../contract/manual-clock.ts';
import type { Ledger } from './ledger.ts';

/** A ledger under test. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly clock: ManualClock;
  close(): Promise<void>;
}

/** The routes of the suite. */
export const GLOBAL = { upstream: 'coingecko', route: '/global' } as const;
const PRICE = { upstream: 'coingecko', route: '/price' } as const;
export const RSI = { upstream: 'taapi', route: '/rsi' } as const;

/** One upstream's part in a round. */
export const spending = (upstream: 'coingecko' | 'taapi', calls: number, minCallIntervalMs = 0) => [
  { upstream, calls, minCallIntervalMs },
];

/** Runs the suite against ledgers that nobody else writes to. */
export function testLedger(name: string, make: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the duties of a ledger`, () => {
    const opened: LedgerUnderTest[] = [];
    const open = async () => {
      const under = await make();
      opened.push(under);
      const { ledger, clock } = under;
      /** How long each route is still to be left alone, ms. */
      const waits = (...routes: Parameters<Ledger['allowedAtMs']>[0][]) =>
        routes.map((route) => Math.max(0, ledger.allowedAtMs(route) - clock.monotonic()));
      return { ...under, waits };
    };
    afterEach(async () => {
      for (const under of opened.splice(0)) await under.close();
    });

    test('knows of nothing at first', async () => {
      const { ledger, waits } = await open();
      await ledger.catchUp(['coingecko', 'taapi']);
      expect(waits(GLOBAL, PRICE, RSI)).toEqual([0, 0, 0]);
      expect(ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 0 });
    });

    test('holds a pause for the whole upstream and no other, from one term to the next', async () => {
      const { ledger, clock, waits } = await open();
      ledger.pause('coingecko', 120_000);
      expect(waits(GLOBAL, PRICE, RSI)).toEqual([120_000, 120_000, 0]);
      clock.advance(100_000);
      expect(waits(GLOBAL, PRICE, RSI)).toEqual([20_000, 20_000, 0]);
      clock.advance(20_000);
      expect(waits(GLOBAL, PRICE, RSI)).toEqual([0, 0, 0]);
    });

    test('never shortens a pause', async () => {
      const { ledger, waits } = await open();
      ledger.pause('taapi', 60_000);
      ledger.pause('taapi', 7000);
      ledger.spend(spending('taapi', 1, 15_000));
      expect(waits(RSI)).toEqual([60_000]);
      ledger.pause('taapi', 61_000);
      expect(waits(RSI)).toEqual([61_000]);
    });

    test('counts pauses on the monotonic clock, wherever the wall clock jumps', async () => {
      const { ledger, clock, waits } = await open();
      ledger.pause('taapi', 60_000);
      clock.setWall(clock.now() - 3_600_000);
      expect(waits(RSI)).toEqual([60_000]);
      clock.setWall(clock.now() + 7_200_000);
      expect(waits(RSI)).toEqual([60_000]);
    });

    test('holds a refusal for its route alone', async () => {
      const { ledger, waits } = await open();
      ledger.refused(GLOBAL, 30_000);
      expect(waits(GLOBAL, PRICE, RSI)).toEqual([30_000, 0, 0]);
    });

    test('leaves an upstream alone for as long as it allows no further call, if it was called', async () => {
      const { ledger, waits } = await open();
      ledger.spend(spending('taapi', 0, 15_000));
      expect(waits(RSI)).toEqual([0]);
      ledger.spend(spending('taapi', 1, 15_000));
      expect(waits(RSI)).toEqual([15_000]);
    });

    test('counts the calls of the day and of the month, in UTC', async () => {
      const { ledger, clock } = await open();
      clock.setWall(Date.UTC(2026, 10, 29, 23, 59));
      ledger.spend(spending('coingecko', 2));
      ledger.spend(spending('coingecko', 1));
      expect(ledger.calls('coingecko')).toEqual({ today: 3, thisMonth: 3 });
      expect(ledger.calls('taapi')).toEqual({ today: 0, thisMonth: 0 });
      clock.advance(60_000);
      expect(ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 3 });
      ledger.spend(spending('coingecko', 2));
      expect(ledger.calls('coingecko')).toEqual({ today: 2, thisMonth: 5 });
      clock.setWall(Date.UTC(2026, 11, 1));
      expect(ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 0 });
    });

    test('knows its calls of the last minute, by the monotonic clock', async () => {
      const { ledger, clock } = await open();
      ledger.spend(spending('coingecko', 2));
      clock.advance(20_000);
      ledger.spend(spending('coingecko', 1));
      ledger.spend(spending('coingecko', 0));
      clock.setWall(clock.now() - 86_400_000);
      const calls = (upstream: 'coingecko' | 'taapi') =>
        ledger.lastMinute(upstream).map(({ calls }) => calls);
      clock.advance(39_999);
      expect([calls('coingecko'), calls('taapi')]).toEqual([[2, 1], []]);
      clock.advance(1);
      expect(ledger.lastMinute('coingecko')).toEqual([{ atMs: 20_000, calls: 1 }]);
      clock.advance(20_000);
      expect(calls('coingecko')).toEqual([]);
    });

    test('knows what was counted on the right day when the wall clock comes back to it', async () => {
      const { ledger, clock } = await open();
      const right = clock.now();
      ledger.spend(spending('coingecko', 7));
      for (const wrong of [right + 40 * 86_400_000, right - 400 * 86_400_000, 0]) {
        clock.setWall(wrong);
        expect(ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 0 });
        ledger.spend(spending('coingecko', 1));
        clock.setWall(right);
        expect(ledger.calls('coingecko')).toEqual({ today: 7, thisMonth: 7 });
      }
      clock.setWall(right + 86_400_000);
      ledger.spend(spending('coingecko', 2));
      clock.setWall(right);
      ledger.spend(spending('coingecko', 1));
      expect(ledger.calls('coingecko')).toEqual({ today: 8, thisMonth: 10 });
    });

    test('knows all that before it catches up, and nothing twice afterwards', async () => {
      const { ledger, waits } = await open();
      ledger.spend(spending('taapi', 4, 15_000));
      ledger.pause('coingecko', 90_000);
      ledger.refused(GLOBAL, 100_000);
      await ledger.catchUp(['coingecko', 'taapi']);
      await ledger.catchUp(['coingecko', 'taapi']);
      expect(waits(GLOBAL, PRICE, RSI)).toEqual([100_000, 90_000, 15_000]);
      expect(ledger.calls('taapi')).toEqual({ today: 4, thisMonth: 4 });
      expect(ledger.lastMinute('taapi').map(({ calls }) => calls)).toEqual([4]);
    });
  });
}
