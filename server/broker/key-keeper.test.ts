import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { StoredJson } from '../redis/steps.ts';
import { EPOCH } from './broker-contract.ts';
import { createKeyKeeper } from './key-keeper.ts';

const TTL_S = 3600;
const QUARTER_MS = 900_000;

const version = (seq: number, json = `{"seq":${seq}}`): StoredJson => ({ epoch: EPOCH, seq, json });
const STRING = { type: 'string', bytes: 9 };

function start() {
  const clock = createManualClock();
  const touched: number[] = [];
  const warnings: string[] = [];
  let answer = async (): Promise<boolean> => true;
  const steps = {
    touch: ({ seq }: StoredJson) => {
      touched.push(seq);
      return answer();
    },
  };
  const log = { warn: (_: object, message: string) => void warnings.push(message) };
  const keeper = createKeyKeeper({ steps, clock, log }, TTL_S);
  return {
    clock,
    touched,
    warnings,
    keeper,
    answerTouches(next: () => Promise<boolean>) {
      answer = next;
    },
  };
}

const away = () => Promise.reject(new Error('away'));

describe('the keeper of the document’s key', () => {
  test('touches nothing before anything was stored', async () => {
    const { clock, keeper, touched } = start();
    keeper.note({ type: 'none', bytes: 0 });
    await clock.advanceAsync(10 * QUARTER_MS);
    expect(touched).toEqual([]);
  });

  test('writes the newest version again every quarter of its time to live', async () => {
    const { clock, keeper, touched } = start();
    keeper.saved(version(1));
    keeper.saved(version(2));
    await clock.advanceAsync(QUARTER_MS - 1);
    expect(touched).toEqual([]);
    await clock.advanceAsync(1);
    expect(touched).toEqual([2]);
    await clock.advanceAsync(3 * QUARTER_MS);
    expect(touched).toEqual([2, 2, 2, 2]);
  });

  test('counts anew from every save', async () => {
    const { clock, keeper, touched } = start();
    for (let seq = 1; seq <= 5; seq++) {
      keeper.saved(version(seq));
      await clock.advanceAsync(QUARTER_MS - 1);
    }
    expect(touched).toEqual([]);
    await clock.advanceAsync(1);
    expect(touched).toEqual([5]);
  });

  test.each([
    ['nothing', { type: 'none', bytes: 0 }],
    ['a list', { type: 'list', bytes: 0 }],
    ['a shorter text', { type: 'string', bytes: 8 }],
  ])('writes it again at once when a renewal finds %s', async (_, form) => {
    const { clock, keeper, touched } = start();
    keeper.saved(version(1));
    keeper.note(STRING);
    expect(touched).toEqual([]);
    keeper.note(form);
    await clock.advanceAsync(0);
    expect(touched).toEqual([1]);
  });

  test('measures in bytes', async () => {
    const { keeper, touched } = start();
    keeper.saved(version(1, '"₫"'));
    keeper.note({ type: 'string', bytes: 5 });
    expect(touched).toEqual([]);
    keeper.note({ type: 'string', bytes: 3 });
    expect(touched).toEqual([1]);
  });

  test('has one touch under way at a time', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    const answer = Promise.withResolvers<boolean>();
    answerTouches(() => answer.promise);
    keeper.saved(version(1));
    keeper.note({ type: 'none', bytes: 0 });
    keeper.note({ type: 'none', bytes: 0 });
    expect(touched).toEqual([1]);
    answer.resolve(true);
    await clock.advanceAsync(0);
    keeper.note({ type: 'none', bytes: 0 });
    expect(touched).toEqual([1, 1]);
  });

  test('tries a touch that failed again with the next renewal, and in any case after a quarter', async () => {
    const { clock, keeper, touched, warnings, answerTouches } = start();
    keeper.saved(version(1));
    answerTouches(away);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1]);
    expect(warnings).toHaveLength(1);
    keeper.note(STRING);
    await clock.advanceAsync(0);
    expect(touched).toEqual([1, 1]);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1, 1, 1]);
    answerTouches(async () => true);
    keeper.note(STRING);
    await clock.advanceAsync(0);
    keeper.note(STRING);
    await clock.advanceAsync(0);
    expect(touched).toEqual([1, 1, 1, 1]);
  });

  test('owes nothing more for a version that was followed by another', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    keeper.saved(version(1));
    answerTouches(away);
    await clock.advanceAsync(QUARTER_MS);
    keeper.saved(version(2));
    keeper.note(STRING);
    expect(touched).toEqual([1]);
  });

  test('leaves alone what another node has stored since', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    keeper.saved(version(1));
    answerTouches(async () => false);
    await clock.advanceAsync(QUARTER_MS);
    keeper.note({ type: 'none', bytes: 0 });
    await clock.advanceAsync(10 * QUARTER_MS);
    expect(touched).toEqual([1]);
    expect(clock.pending()).toBe(0);
    keeper.saved(version(2));
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1, 2]);
  });

  test('goes on with a version that was stored while the touch of the one before it was refused', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    const answer = Promise.withResolvers<boolean>();
    answerTouches(() => answer.promise);
    keeper.saved(version(1));
    keeper.note({ type: 'none', bytes: 0 });
    keeper.saved(version(2));
    answer.resolve(false);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1, 2]);
  });

  test('stops when it is closed, also with a touch under way', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    const answer = Promise.withResolvers<boolean>();
    answerTouches(() => answer.promise);
    keeper.saved(version(1));
    keeper.note({ type: 'none', bytes: 0 });
    keeper.close();
    answer.resolve(true);
    keeper.saved(version(2));
    keeper.note({ type: 'none', bytes: 0 });
    await clock.advanceAsync(10 * QUARTER_MS);
    expect(touched).toEqual([1]);
    expect(clock.pending()).toBe(0);
  });
});
