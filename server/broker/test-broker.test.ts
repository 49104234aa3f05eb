import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { BrokerEvent } from './broker.ts';
import { REFRESH_MS, testBroker } from './broker-contract.ts';
import { at, createTestBroker, documentWith } from './test-broker.ts';

testBroker('the broker of tests', async () => {
  const clock = createManualClock();
  const broker = createTestBroker(clock, REFRESH_MS);
  return {
    broker,
    pass: (ms) => clock.advanceAsync(ms),
    settle: () => clock.advanceAsync(0),
    close: () => broker.close(),
  };
});

describe('the broker of tests', () => {
  test('begins a term whole and goes on with patches, as a leader does', () => {
    const broker = createTestBroker();
    const told: BrokerEvent[] = [];
    broker.subscribe((event) => told.push(event));
    broker.change({ market_cap: 1 });
    broker.change({ market_cap: 2 });
    broker.change({ market_cap: 3 }, { gap: true });
    expect(told.map((event) => event.type === 'version' && event.consecutive)).toEqual([
      false,
      true,
      false,
    ]);
    expect(broker.held()).toMatchObject({ ...at(4), patch: { market_cap: 3 }, whole: false });
  });

  test('lets no test do what no broker does, nor overlook a listener that fails', () => {
    const broker = createTestBroker();
    broker.hold(documentWith(1, '2026-11-23T07:00:00Z'), at(2));
    expect(() => broker.hold(documentWith(2, '2026-11-23T07:00:00Z'), at(2))).toThrow('not newer');
    broker.subscribe(() => {
      throw new Error('a listener that fails');
    });
    expect(() => broker.change({ market_cap: 3 })).toThrow('a listener of the broker failed');
  });
});
