import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { at, createTestBroker, documentWith } from '../broker/test-broker.ts';
import type { StoredJson } from '../redis/steps.ts';
import { createReturn } from './return.ts';
import { createQuestions } from './test-questions.ts';

function wayBack() {
  const clock = createManualClock();
  const broker = createTestBroker(clock);
  const raises = createQuestions<StoredJson, void>(clock);
  const connected = new Set<() => void>();
  let back = 0;
  const comeback = createReturn(
    {
      steps: { raise: raises.ask },
      presence: {
        onConnected(listener) {
          connected.add(listener);
          return () => void connected.delete(listener);
        },
      },
      broker,
      clock,
      random: () => 0.999_999,
    },
    () => {
      back++;
    },
  );
  const connect = async () => {
    for (const listener of [...connected]) listener();
    await clock.advanceAsync(0);
  };
  return { clock, broker, raises, comeback, connect, back: () => back };
}

const STAMP = '2026-11-23T07:00:00Z';

describe('the way back of a solo node', () => {
  test('lifts the term to the position that is held, with its document', async () => {
    const { clock, broker, raises, comeback, back } = wayBack();
    const { json } = broker.hold(documentWith(2e12, STAMP), at(9));
    comeback.begin();
    await clock.advanceAsync(250);
    expect(raises.last().asked).toEqual({ ...at(9), json });
    expect(back()).toBe(0);
    await raises.last().answer();
    expect(back()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('has no document to offer before it holds one', async () => {
    const { clock, raises, comeback } = wayBack();
    comeback.begin();
    await clock.advanceAsync(250);
    expect(raises.last().asked).toEqual({ epoch: 0, seq: 0, json: '' });
  });

  test('counts nothing but a lift that succeeded, and sends what is held at each try', async () => {
    const { clock, broker, raises, comeback, back } = wayBack();
    comeback.begin();
    await clock.advanceAsync(250);
    await raises.last().refuse();
    broker.hold(documentWith(2e12, STAMP), at(3));
    await clock.advanceAsync(500);
    expect(raises.count()).toBe(2);
    expect(raises.last().asked).toMatchObject(at(3));
    await raises.last().refuse();
    expect(back()).toBe(0);
    await clock.advanceAsync(1000);
    await raises.last().answer();
    expect(back()).toBe(1);
  });

  test('tries at least every ten seconds, and at once when a connection stands', async () => {
    const { clock, raises, comeback, connect, back } = wayBack();
    comeback.begin();
    for (let turn = 0; turn < 12; turn++) {
      const before = raises.count();
      await clock.advanceAsync(10_000);
      expect(raises.count()).toBe(before + 1);
      await raises.last().refuse();
    }
    const before = raises.count();
    await connect();
    expect(raises.count()).toBe(before + 1);
    await raises.last().answer();
    expect(back()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('has one try under way, however often a connection stands', async () => {
    const { clock, raises, comeback, connect, back } = wayBack();
    comeback.begin();
    for (let turn = 0; turn < 100; turn++) await connect();
    expect(raises.count()).toBe(1);
    await clock.advanceAsync(1400);
    expect(raises.count()).toBe(1);
    await raises.last().answer();
    expect(back()).toBe(1);
  });

  test('leads nowhere before it has begun, and after it was ended', async () => {
    const { clock, raises, comeback, connect, back } = wayBack();
    await connect();
    await clock.advanceAsync(60_000);
    expect(raises.count()).toBe(0);
    comeback.begin();
    await clock.advanceAsync(250);
    comeback.end();
    comeback.begin();
    await raises.last().answer();
    await connect();
    await clock.advanceAsync(60_000);
    expect(back()).toBe(0);
    expect(raises.count()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('can be gone again', async () => {
    const { clock, raises, comeback, back } = wayBack();
    for (let turn = 1; turn <= 3; turn++) {
      comeback.begin();
      await clock.advanceAsync(250);
      await raises.last().answer();
      expect(back()).toBe(turn);
    }
    expect(raises.count()).toBe(3);
  });
});
