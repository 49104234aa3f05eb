import { describe, expect, test } from 'bun:test';
import { comparePositions, NO_POSITION, type Position } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { KeyContent, StoredJson } from '../redis/steps.ts';
import { EMPTY, EPOCH } from './broker-contract.ts';
import { createKeyReader } from './key-reader.ts';

const at = (seq: number, epoch = EPOCH): StoredJson => ({ epoch, seq, json: `{"seq":${seq}}` });
const content = (stored: StoredJson | null, term = stored?.epoch ?? 0): KeyContent => ({
  term,
  stored,
});

/** A reader of a node that takes whatever is newer than what it holds. */
function start(first: Position = NO_POSITION) {
  const clock = createManualClock();
  let held: StoredJson = { ...first, json: '{}' };
  let isSolo = false;
  let reads = 0;
  const taken: StoredJson[] = [];
  const raised: StoredJson[] = [];
  let answer: () => Promise<KeyContent> = async () => content(null);
  let raise = async (): Promise<void> => {};
  const reader = createKeyReader(
    {
      steps: {
        read: () => {
          reads++;
          return answer();
        },
        raise: (version) => {
          raised.push(version);
          return raise();
        },
      },
      clock,
      log: { debug: () => {} },
    },
    () => ({ ...held, patch: null, document: EMPTY, whole: true }),
    {
      take(stored) {
        taken.push(stored);
        if (comparePositions(stored, held) > 0) held = stored;
      },
      isAllowed: () => !isSolo,
    },
  );
  return {
    clock,
    reader,
    taken,
    raised,
    reads: () => reads,
    answerReads(next: () => Promise<KeyContent>) {
      answer = next;
    },
    answerRaises(next: () => Promise<void>) {
      raise = next;
    },
    setSolo(is: boolean) {
      isSolo = is;
    },
  };
}

const away = () => Promise.reject(new Error('away'));

describe('the reader of the document’s key', () => {
  test('gives what is stored', async () => {
    const { clock, reader, taken, raised, answerReads } = start();
    answerReads(async () => content(at(3)));
    reader.read();
    await clock.advanceAsync(0);
    expect(taken).toEqual([at(3)]);
    expect(raised).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test('joins the read under way, and reads once more after it', async () => {
    const { clock, reader, reads, answerReads } = start();
    const answer = Promise.withResolvers<KeyContent>();
    answerReads(() => answer.promise);
    for (let times = 0; times < 10; times++) reader.read();
    expect(reads()).toBe(1);
    answer.resolve(content(at(1)));
    await clock.advanceAsync(0);
    expect(reads()).toBe(2);
  });

  test('reads when a newer position is named, and not for the one held or an earlier of its term', async () => {
    const { clock, reader, reads, answerReads } = start(at(3));
    answerReads(async () => content(at(4)));
    reader.compare(at(3));
    reader.compare(at(2));
    expect(reads()).toBe(0);
    reader.compare(at(4));
    await clock.advanceAsync(0);
    expect(reads()).toBe(1);
    reader.compare(at(1, EPOCH + 1));
    await clock.advanceAsync(0);
    expect(reads()).toBe(2);
  });

  test('tries a read that failed again until it succeeds, at most every eight seconds', async () => {
    const { clock, reader, reads, taken, answerReads } = start();
    answerReads(away);
    reader.read();
    const counted: number[] = [];
    for (const ms of [0, 500, 1000, 2000, 4000, 8000, 8000, 8000]) {
      await clock.advanceAsync(ms);
      counted.push(reads());
    }
    expect(counted).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    answerReads(async () => content(at(3)));
    await clock.advanceAsync(8000);
    expect(taken).toEqual([at(3)]);
    expect(clock.pending()).toBe(0);
    answerReads(away);
    reader.read();
    await clock.advanceAsync(500);
    expect(reads()).toBe(11);
  });

  test('is not held up by a retry that is planned', async () => {
    const { clock, reader, taken, answerReads } = start();
    answerReads(away);
    reader.read();
    await clock.advanceAsync(10_000);
    answerReads(async () => content(at(3)));
    reader.read();
    await clock.advanceAsync(0);
    expect(taken).toEqual([at(3)]);
    expect(clock.pending()).toBe(0);
  });

  test('lifts a term that is below the one held, and puts the document where none is', async () => {
    const ahead = at(3, EPOCH + 500);
    const { clock, reader, raised, answerReads } = start(ahead);
    answerReads(async () => content(at(9), EPOCH + 500));
    reader.compare(at(9));
    await clock.advanceAsync(0);
    expect(raised).toEqual([]);
    answerReads(async () => ({ term: EPOCH, stored: { ...ahead, json: '{}' } }));
    reader.compare(at(9));
    await clock.advanceAsync(0);
    expect(raised).toEqual([{ ...ahead, json: '{}' }]);
    answerReads(async () => content(null, EPOCH + 900));
    reader.read();
    await clock.advanceAsync(0);
    expect(raised).toHaveLength(2);
  });

  test('tries a lift that failed again', async () => {
    const { clock, reader, raised, answerReads, answerRaises } = start(at(3));
    answerReads(async () => content(null));
    answerRaises(away);
    reader.read();
    await clock.advanceAsync(0);
    await clock.advanceAsync(500);
    await clock.advanceAsync(1000);
    expect(raised).toHaveLength(3);
    answerRaises(async () => {});
    await clock.advanceAsync(2000);
    expect(raised).toHaveLength(4);
    expect(clock.pending()).toBe(0);
  });

  test('lifts nothing for a node that holds nothing', async () => {
    const { clock, reader, raised } = start();
    reader.read();
    await clock.advanceAsync(0);
    expect(raised).toEqual([]);
  });

  test('neither reads nor takes nor lifts anything while its node goes by itself, and does so after that', async () => {
    const { clock, reader, reads, taken, raised, setSolo, answerReads } = start(at(3));
    const answer = Promise.withResolvers<KeyContent>();
    answerReads(() => answer.promise);
    reader.read();
    setSolo(true);
    answer.resolve({ term: 0, stored: at(9) });
    await clock.advanceAsync(0);
    reader.read();
    reader.compare(at(1, EPOCH - 1));
    reader.compare(at(1, EPOCH + 1));
    await clock.advanceAsync(60_000);
    expect([reads(), taken, raised]).toEqual([1, [], []]);
    setSolo(false);
    reader.read();
    await clock.advanceAsync(0);
    expect([reads(), taken]).toEqual([2, [at(9)]]);
  });

  test('stops when it is closed, with a read under way or planned', async () => {
    const under = start(at(3));
    const answer = Promise.withResolvers<KeyContent>();
    under.answerReads(() => answer.promise);
    under.reader.read();
    under.reader.close();
    answer.resolve(content(at(9)));
    await under.clock.advanceAsync(0);
    expect(under.taken).toEqual([]);
    expect(under.raised).toEqual([]);

    const planned = start();
    planned.answerReads(away);
    planned.reader.read();
    await planned.clock.advanceAsync(0);
    planned.reader.close();
    planned.reader.read();
    await planned.clock.advanceAsync(60_000);
    expect(planned.reads()).toBe(1);
    expect(planned.clock.pending()).toBe(0);
  });
});
