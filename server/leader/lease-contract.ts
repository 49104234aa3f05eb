/** The contract suite of the lease interface: every implementation is run against it. */

import { afterEach, describe, expect, test } from 'bun:test';
import type { Lease, LeaseEvent } from './lease.ts';

/** A lease under test. */
export interface LeaseUnderTest {
  readonly lease: Lease;
  /** Lets everything that is under way happen. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Runs the suite against leases that nobody else wants. */
export function testLease(name: string, make: () => Promise<LeaseUnderTest>): void {
  describe(`${name} keeps the duties of a lease`, () => {
    const opened: LeaseUnderTest[] = [];
    const open = async () => {
      const under = await make();
      opened.push(under);
      const events: LeaseEvent[] = [];
      under.lease.subscribe((event) => events.push(event));
      const epochs = () => events.flatMap((e) => (e.type === 'gained' ? [e.epoch] : []));
      return { ...under, events, epochs };
    };
    afterEach(async () => {
      for (const under of opened.splice(0)) await under.close();
    });

    test('is not held before it was started', async () => {
      const { lease, events } = await open();
      expect(lease.isHeld()).toBe(false);
      expect(events).toEqual([]);
    });

    test('is gained when nobody else has it, with an epoch of 13 digits', async () => {
      const { lease, events, epochs, settle } = await open();
      lease.start();
      await settle();
      expect(lease.isHeld()).toBe(true);
      expect(events.map(({ type }) => type)).toEqual(['gained']);
      expect(String(epochs()[0])).toHaveLength(13);
    });

    test('alternates lost and gained, each term above the one before', async () => {
      const { lease, events, epochs, settle } = await open();
      lease.start();
      await settle();
      for (let turn = 0; turn < 5; turn++) {
        lease.renewTerm();
        await settle();
      }
      const types = events.map(({ type }) => type);
      expect(types.filter((_, index) => index % 2 === 0).every((t) => t === 'gained')).toBe(true);
      expect(types.filter((_, index) => index % 2 === 1).every((t) => t === 'lost')).toBe(true);
      expect(epochs()).toHaveLength(6);
      expect(epochs().every((epoch, i) => i === 0 || epoch > (epochs()[i - 1] ?? 0))).toBe(true);
    });

    test('is lost by closing it, told once, and nothing brings it back', async () => {
      const { lease, events, settle } = await open();
      lease.start();
      await settle();
      await lease.close();
      await lease.close();
      lease.renewTerm();
      lease.standBack(0);
      await settle();
      expect(lease.isHeld()).toBe(false);
      expect(events.map(({ type }) => type)).toEqual(['gained', 'lost']);
    });
  });
}
