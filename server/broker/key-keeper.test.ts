import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { KeyForm, StoredJson } from '../redis/steps.ts';
import { EPOCH } from './broker-contract.ts';
import { createKeyKeeper } from './key-keeper.ts';

const TTL_S = 3600;
const QUARTER_MS = 900_000;

const version = (seq: number, json = `{"seq":${seq}}`): StoredJson => ({ epoch: EPOCH, seq, json });
/** What a renewal finds beside the position of that version. */
const form = (seq: number, type: string, bytes = 0): KeyForm => ({
  epoch: EPOCH,
  seq,
  type,
  bytes,
});
/** The version itself. */
const intact = (seq: number) => form(seq, 'string', 9);
/** Its position, and no document. */
const gone = (seq: number) => form(seq, 'none');

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
  let wanted = 0;
  const keeper = createKeyKeeper({ steps, clock, log }, TTL_S, () => wanted++);
  return {
    clock,
    touched,
    /** How often it had the leader save anew. */
    wanted: () => wanted,
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
    keeper.note(gone(1));
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
    ['nothing', gone(1)],
    ['a list', form(1, 'list')],
    ['a shorter text', form(1, 'string', 8)],
  ])('writes it again at once when a renewal finds %s', async (_, found) => {
    const { clock, keeper, touched } = start();
    keeper.saved(version(1));
    keeper.note(intact(1));
    expect(touched).toEqual([]);
    keeper.note(found);
    await clock.advanceAsync(0);
    expect(touched).toEqual([1]);
  });

  test('measures in bytes', async () => {
    const { keeper, touched } = start();
    keeper.saved(version(1, '"₫"'));
    keeper.note(form(1, 'string', 5));
    expect(touched).toEqual([]);
    keeper.note(form(1, 'string', 3));
    expect(touched).toEqual([1]);
  });

  test('has one touch under way at a time', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    const answer = Promise.withResolvers<boolean>();
    answerTouches(() => answer.promise);
    keeper.saved(version(1));
    keeper.note(gone(1));
    keeper.note(gone(1));
    expect(touched).toEqual([1]);
    answer.resolve(true);
    await clock.advanceAsync(0);
    keeper.note(gone(1));
    expect(touched).toEqual([1, 1]);
  });

  test('tries a touch that failed again with the next renewal, and in any case after a quarter', async () => {
    const { clock, keeper, touched, warnings, answerTouches } = start();
    keeper.saved(version(1));
    answerTouches(away);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1]);
    expect(warnings).toHaveLength(1);
    keeper.note(intact(1));
    await clock.advanceAsync(0);
    expect(touched).toEqual([1, 1]);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1, 1, 1]);
    answerTouches(async () => true);
    keeper.note(intact(1));
    await clock.advanceAsync(0);
    keeper.note(intact(1));
    await clock.advanceAsync(0);
    expect(touched).toEqual([1, 1, 1, 1]);
  });

  test('owes nothing more for a version that was followed by another', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    keeper.saved(version(1));
    answerTouches(away);
    await clock.advanceAsync(QUARTER_MS);
    keeper.saved(version(2));
    keeper.note(intact(2));
    expect(touched).toEqual([1]);
  });

  test('leaves alone what another node has stored since', async () => {
    const { clock, keeper, touched, wanted, answerTouches } = start();
    keeper.saved(version(1));
    answerTouches(async () => false);
    await clock.advanceAsync(QUARTER_MS);
    for (let renewal = 0; renewal < 3; renewal++) keeper.note(gone(2));
    await clock.advanceAsync(10 * QUARTER_MS);
    expect(touched).toEqual([1]);
    expect(wanted()).toBe(0);
    expect(clock.pending()).toBe(0);
    keeper.saved(version(3));
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1, 3]);
  });

  test('watches on after a touch was refused', async () => {
    const { clock, keeper, touched, wanted, answerTouches } = start();
    keeper.saved(version(2));
    answerTouches(async () => false);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([2]);
    keeper.note(intact(1));
    keeper.note(intact(1));
    expect(wanted()).toBe(1);
    // It is there again after all.
    answerTouches(async () => true);
    keeper.note(intact(2));
    await clock.advanceAsync(0);
    expect(touched).toEqual([2, 2]);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([2, 2, 2]);
  });

  test('goes on with a version that was stored while the touch of the one before it was refused', async () => {
    const { clock, keeper, touched, answerTouches } = start();
    const answer = Promise.withResolvers<boolean>();
    answerTouches(() => answer.promise);
    keeper.saved(version(1));
    keeper.note(gone(1));
    keeper.saved(version(2));
    answer.resolve(false);
    await clock.advanceAsync(QUARTER_MS);
    expect(touched).toEqual([1, 2]);
  });

  test.each([
    ['an earlier version', intact(2)],
    ['an earlier position without a document', gone(2)],
    ['no position', { epoch: 0, seq: 0, type: 'none', bytes: 0 }],
    ['an earlier term', { ...intact(9), epoch: EPOCH - 1 }],
  ])('has the leader save anew when two renewals in a row find %s', (_, found) => {
    const { keeper, touched, wanted } = start();
    keeper.saved(version(3));
    keeper.note(found);
    expect(wanted()).toBe(0);
    keeper.note(found);
    expect(wanted()).toBe(1);
    // Until it is saved.
    keeper.note(found);
    expect(wanted()).toBe(2);
    keeper.saved(version(4));
    keeper.note(intact(4));
    keeper.note(intact(4));
    expect(wanted()).toBe(2);
    expect(touched).toEqual([]);
  });

  test('believes no single renewal: a save may have overtaken its answer', () => {
    const { keeper, wanted } = start();
    for (let seq = 2; seq < 6; seq++) {
      keeper.saved(version(seq));
      keeper.note(intact(seq - 1));
    }
    keeper.note(intact(5));
    keeper.note(intact(4));
    expect(wanted()).toBe(0);
  });

  test('stops when it is closed, also with a touch under way', async () => {
    const { clock, keeper, touched, wanted, answerTouches } = start();
    const answer = Promise.withResolvers<boolean>();
    answerTouches(() => answer.promise);
    keeper.saved(version(1));
    keeper.note(gone(1));
    keeper.close();
    answer.resolve(true);
    keeper.saved(version(2));
    for (let renewal = 0; renewal < 3; renewal++) keeper.note(gone(1));
    await clock.advanceAsync(10 * QUARTER_MS);
    expect(touched).toEqual([1]);
    expect(wanted()).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});
