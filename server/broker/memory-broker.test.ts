import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { EMPTY, REFRESH_MS, testBroker } from './broker-contract.ts';
import { createMemoryBroker } from './memory-broker.ts';

const make = () => {
  const clock = createManualClock();
  const broker = createMemoryBroker(
    { clock, log: { error: () => {} } },
    { empty: EMPTY, refreshMinIntervalMs: REFRESH_MS, conditions: ['store_in_memory'] },
  );
  return { clock, broker };
};

testBroker('the memory broker', async () => {
  const { clock, broker } = make();
  return {
    broker,
    pass: (ms) => clock.advanceAsync(ms),
    settle: () => clock.advanceAsync(0),
    close: () => broker.close(),
  };
});

test('the memory broker tells a version before the publisher’s next line runs', async () => {
  const { broker } = make();
  let heard = 0;
  broker.subscribe(() => heard++);
  const answer = broker.publish({ epoch: 1, seq: 1, patch: null, document: EMPTY, whole: true });
  expect(heard).toBe(1);
  expect(await answer).toBe('ok');
});

test('the memory broker names the conditions it was given', () => {
  expect(make().broker.conditions()).toEqual(['store_in_memory']);
});
