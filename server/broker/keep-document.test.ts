import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { StoredDocument } from '../store/store.ts';
import { EMPTY } from './broker-contract.ts';
import { createConditions } from './conditions.ts';
import { keepDocument } from './keep-document.ts';
import { createMemoryBroker } from './memory-broker.ts';

function setUp() {
  const clock = createManualClock();
  const broker = createMemoryBroker(
    { clock, log: { error: () => {} }, conditions: createConditions() },
    { empty: EMPTY, refreshMinIntervalMs: 1000 },
  );
  const saved: StoredDocument[] = [];
  const store = {
    loadDocument: () => null,
    saveDocument: (document: StoredDocument) => void saved.push(document),
    close: () => {},
  };
  const publish = (seq: number) =>
    broker.publish({ epoch: 7, seq, patch: null, document: EMPTY, whole: true });
  return { clock, saved, publish, stop: keepDocument(broker, store, clock) };
}

test('writes the first version of a term at once', async () => {
  const { saved, publish } = setUp();
  await publish(1);
  expect(saved.map(({ seq }) => seq)).toEqual([1]);
  await publish(2);
  expect(saved).toHaveLength(1);
});

test('writes at most once a second, and the newest version', async () => {
  const { clock, saved, publish } = setUp();
  for (let seq = 1; seq <= 10; seq++) {
    await publish(seq);
    clock.advance(150);
  }
  expect(saved.map(({ seq }) => seq)).toEqual([1, 8]);
  clock.advance(1000);
  expect(saved.map(({ seq }) => seq)).toEqual([1, 8, 10]);
});

test('writes what is not yet written when it is stopped, and nothing afterwards', async () => {
  const { clock, saved, publish, stop } = setUp();
  await publish(1);
  await publish(2);
  stop();
  expect(saved.map(({ seq }) => seq)).toEqual([1, 2]);
  await publish(3);
  clock.advance(5000);
  expect(saved).toHaveLength(2);
});
