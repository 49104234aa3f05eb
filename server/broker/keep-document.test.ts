import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { StoredDocument } from '../store/store.ts';
import { EMPTY } from './broker-contract.ts';
import { keepDocument } from './keep-document.ts';
import { createMemoryBroker } from './memory-broker.ts';

function setUp() {
  const clock = createManualClock();
  const broker = createMemoryBroker(
    { clock, log: { error: () => {} } },
    { empty: EMPTY, refreshMinIntervalMs: 1000, conditions: [] },
  );
  const saved: StoredDocument[] = [];
  const store = {
    loadDocument: () => null,
    saveDocument: (document: StoredDocument) => void saved.push(document),
    isInMemory: () => false,
    close: () => {},
  };
  const publish = (seq: number) =>
    broker.publish({ epoch: 7, seq, patch: null, document: EMPTY, whole: true });
  return { clock, saved, publish, stop: keepDocument(broker, store, clock) };
}

test('writes at most once a second, and the newest version', async () => {
  const { clock, saved, publish } = setUp();
  for (let seq = 1; seq <= 10; seq++) {
    await publish(seq);
    clock.advance(150);
  }
  expect(saved.map(({ seq }) => seq)).toEqual([7]);
  clock.advance(1000);
  expect(saved.map(({ seq }) => seq)).toEqual([7, 10]);
});

test('writes what is not yet written when it is stopped, and nothing afterwards', async () => {
  const { clock, saved, publish, stop } = setUp();
  await publish(1);
  stop();
  expect(saved.map(({ seq }) => seq)).toEqual([1]);
  await publish(2);
  clock.advance(5000);
  expect(saved).toHaveLength(1);
});
