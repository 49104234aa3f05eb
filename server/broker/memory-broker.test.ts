import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { EMPTY, REFRESH_MS, testBroker } from './broker-contract.ts';
import { createConditions } from './conditions.ts';
import { createMemoryBroker } from './memory-broker.ts';

const make = () => {
  const clock = createManualClock();
  const conditions = createConditions();
  const broker = createMemoryBroker(
    { clock, log: { error: () => {} }, conditions },
    { empty: EMPTY, refreshMinIntervalMs: REFRESH_MS },
  );
  return { clock, broker, conditions };
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

test('the memory broker names the node’s conditions, and tells each change once', () => {
  const { broker, conditions } = make();
  const told: unknown[] = [];
  broker.subscribe((event) => told.push(event));
  conditions.set('store_in_memory', true);
  conditions.set('store_in_memory', true);
  conditions.set('redis_away', true);
  expect(broker.conditions()).toEqual(['redis_away', 'store_in_memory']);
  conditions.set('redis_away', false);
  expect(told).toEqual([
    { type: 'conditions', conditions: ['store_in_memory'] },
    { type: 'conditions', conditions: ['redis_away', 'store_in_memory'] },
    { type: 'conditions', conditions: ['store_in_memory'] },
  ]);
});
