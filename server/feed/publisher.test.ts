import { describe, expect, test } from 'bun:test';
import { type DashboardDocument, emptyDocument } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createPublisher, type Save } from './publisher.ts';

const EMPTY = emptyDocument(
  ['BTC'],
  { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 900 },
  false,
);
const priced = (btc_price_usd: number): DashboardDocument => ({ ...EMPTY, btc_price_usd });

type Answer = 'ok' | 'not_leader' | 'behind' | 'lost';

/** A publisher whose saves are answered one by one, when the test says so. */
function setUp(epoch = 9) {
  const clock = createManualClock();
  const saves: Save[] = [];
  const answers: ((answer: Answer) => void)[] = [];
  const warnings: string[] = [];
  const asides: string[] = [];
  let notLeader = 0;
  const publisher = createPublisher(
    {
      clock,
      save: (version) => {
        saves.push(version);
        return new Promise((resolve, reject) =>
          answers.push((a) => (a === 'lost' ? reject(new Error('no answer')) : resolve(a))),
        );
      },
      onNotLeader: () => notLeader++,
      log: {
        debug: (_, message) => void asides.push(message),
        warn: (_, message) => void warnings.push(message),
      },
    },
    epoch,
  );
  const answer = async (a: Answer) => {
    answers.shift()?.(a);
    await clock.advanceAsync(0);
  };
  return { clock, publisher, saves, warnings, asides, answer, notLeader: () => notLeader };
}

describe('the publisher', () => {
  test('begins with seq 1, whole and without a patch', () => {
    const { publisher, saves } = setUp();
    publisher.offer(priced(1), false);
    expect(saves).toEqual([{ epoch: 9, seq: 1, patch: null, document: priced(1), whole: true }]);
  });

  test('knows its highest seq from the moment it is sent, and after a save that was not answered', async () => {
    const { clock, publisher, answer } = setUp();
    expect(publisher.lastSeq()).toBe(0);
    publisher.offer(priced(1), false);
    expect(publisher.lastSeq()).toBe(1);
    await answer('lost');
    await clock.advanceAsync(250);
    expect(publisher.lastSeq()).toBe(2);
    publisher.close();
    expect(publisher.lastSeq()).toBe(2);
  });

  test('has one save in flight at a time and conflates what changes meanwhile', async () => {
    const { publisher, saves, answer } = setUp();
    for (const price of [1, 2, 3, 4]) publisher.offer(priced(price), false);
    expect(saves).toHaveLength(1);
    await answer('ok');
    expect(saves).toHaveLength(2);
    expect(saves[1]).toEqual({
      epoch: 9,
      seq: 2,
      patch: { btc_price_usd: 4 },
      document: priced(4),
      whole: false,
    });
  });

  test('keeps the wish for a whole document through conflation', async () => {
    const { publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    publisher.offer(priced(2), true);
    publisher.offer(priced(3), false);
    await answer('ok');
    expect(saves[1]).toMatchObject({ seq: 2, whole: true, patch: { btc_price_usd: 3 } });
  });

  test('sends a whole document that equals the last one with an empty patch', async () => {
    const { publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    await answer('ok');
    publisher.offer(priced(1), true);
    expect(saves[1]).toMatchObject({ seq: 2, whole: true, patch: {} });
  });

  test('never sends a seq again after an unanswered save, and goes on whole until one is answered', async () => {
    const { clock, publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    await answer('ok');
    publisher.offer(priced(2), false);
    await answer('lost');
    await clock.advanceAsync(250);
    await answer('lost');
    publisher.offer(priced(3), false);
    await clock.advanceAsync(500);
    await answer('ok');
    publisher.offer(priced(4), false);
    expect(saves.map(({ seq, patch, whole }) => [seq, patch, whole])).toEqual([
      [1, null, true],
      [2, { btc_price_usd: 2 }, false],
      [3, null, true],
      [4, null, true],
      [5, { btc_price_usd: 4 }, false],
    ]);
    expect(saves[3]?.document.btc_price_usd).toBe(3);
  });

  test('saves anew after 250 ms, twice as long each time, 2 s at most, and 250 ms again after an answer', async () => {
    const { clock, publisher, saves, warnings, asides, answer } = setUp();
    const waits: number[] = [];
    const lose = async () => {
      const [before, lostAtMs] = [saves.length, clock.monotonic()];
      await answer('lost');
      while (saves.length === before) await clock.advanceAsync(10);
      waits.push(clock.monotonic() - lostAtMs);
    };
    publisher.offer(priced(1), false);
    for (let save = 0; save < 6; save++) await lose();
    await answer('ok');
    publisher.offer(priced(2), false);
    await lose();
    expect(waits).toEqual([250, 500, 1000, 2000, 2000, 2000, 250]);
    expect(saves.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // A warning for each of the two times that it began, and no more.
    expect([warnings.length, asides.length]).toEqual([2, 5]);
  });

  test('waits with what is offered meanwhile for the next try', async () => {
    const { clock, publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    await answer('lost');
    publisher.offer(priced(2), true);
    publisher.offer(priced(3), false);
    await clock.advanceAsync(249);
    expect(saves).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(saves).toHaveLength(2);
    expect(saves[1]).toMatchObject({ seq: 2, patch: null, document: priced(3), whole: true });
  });

  test('stops at not_leader, says so once, and lets nobody wait', async () => {
    const { publisher, saves, answer, notLeader } = setUp();
    publisher.offer(priced(1), false);
    const settled = publisher.settled();
    await answer('not_leader');
    publisher.offer(priced(2), false);
    expect(saves).toHaveLength(1);
    expect(notLeader()).toBe(1);
    expect(await settled).toEqual({ epoch: 0, seq: 0 });
  });

  test('settles at the position where everything offered is stored', async () => {
    const { publisher, answer } = setUp();
    publisher.offer(priced(1), false);
    publisher.offer(priced(2), false);
    const settled = publisher.settled();
    await answer('ok');
    await answer('ok');
    expect(await settled).toEqual({ epoch: 9, seq: 2 });
    expect(await publisher.settled()).toEqual({ epoch: 9, seq: 2 });
  });

  test('settles only when a save is answered, however many were not', async () => {
    const { clock, publisher, answer } = setUp();
    publisher.offer(priced(1), false);
    const settled: unknown[] = [];
    void publisher.settled().then((position) => settled.push(position));
    await answer('lost');
    void publisher.settled().then((position) => settled.push(position));
    await clock.advanceAsync(250);
    await answer('lost');
    expect(settled).toEqual([]);
    await clock.advanceAsync(500);
    await answer('ok');
    expect(settled).toEqual([
      { epoch: 9, seq: 3 },
      { epoch: 9, seq: 3 },
    ]);
  });

  test('lets nobody wait who waits when it is closed, in flight or between two tries', async () => {
    for (const isLost of [false, true]) {
      const { clock, publisher, warnings, answer } = setUp();
      publisher.offer(priced(1), false);
      await answer('ok');
      publisher.offer(priced(2), false);
      const settled = publisher.settled();
      if (isLost) await answer('lost');
      publisher.close();
      expect(await settled).toEqual({ epoch: 9, seq: 1 });
      expect(await publisher.settled()).toEqual({ epoch: 9, seq: 1 });
      await answer('lost');
      expect(warnings).toHaveLength(isLost ? 1 : 0);
      expect(clock.pending()).toBe(0);
    }
  });

  test('leaves the newest document stored when a save that was given up on is executed late', async () => {
    const { clock, publisher, saves, answer } = setUp();
    const stored: Save[] = [];
    /** As the broker does it: what is not above the stored position is behind. */
    const execute = (save: Save | undefined) => {
      const newest = stored.at(-1)?.seq ?? 0;
      if (save === undefined || save.seq <= newest) return 'behind';
      stored.push(save);
      return 'ok';
    };
    publisher.offer(priced(1), false);
    await answer(execute(saves[0]));
    publisher.offer(priced(2), false);
    await answer('lost');
    publisher.offer(priced(3), false);
    await clock.advanceAsync(250);
    await answer('lost');
    // The second save comes through only now, the third with its answer lost again, the fourth in time.
    expect(execute(saves[1])).toBe('ok');
    await clock.advanceAsync(500);
    await answer(execute(saves[3]));
    expect(execute(saves[2])).toBe('behind');
    publisher.offer(priced(4), false);
    await answer(execute(saves[4]));
    expect(stored.map(({ seq, document }) => [seq, document.btc_price_usd])).toEqual([
      [1, 1],
      [2, 2],
      [4, 3],
      [5, 4],
    ]);
    expect(stored.map(({ patch }) => patch?.btc_price_usd ?? null)).toEqual([null, 2, null, 4]);
    expect(await publisher.settled()).toEqual({ epoch: 9, seq: 5 });
  });

  test('goes on after a save that was behind', async () => {
    const { publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    const settled = publisher.settled();
    await answer('behind');
    expect(await settled).toEqual({ epoch: 0, seq: 0 });
    publisher.offer(priced(2), false);
    expect(saves[1]).toMatchObject({ seq: 2, patch: null, whole: true });
  });

  test('repeats the last version whole, under the next position, and goes on with patches', async () => {
    const { publisher, saves, answer } = setUp();
    publisher.repeat();
    expect(saves).toEqual([]);
    publisher.offer(priced(1), false);
    await answer('ok');
    publisher.repeat();
    const settled = publisher.settled();
    await answer('ok');
    expect(await settled).toEqual({ epoch: 9, seq: 2 });
    publisher.offer(priced(2), false);
    expect(saves.slice(1)).toEqual([
      { epoch: 9, seq: 2, patch: {}, document: priced(1), whole: true },
      { epoch: 9, seq: 3, patch: { btc_price_usd: 2 }, document: priced(2), whole: false },
    ]);
  });

  test('repeats nothing beside a save that is under way or tried anew, nor after it was closed', async () => {
    const { clock, publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    await answer('ok');
    publisher.offer(priced(2), false);
    publisher.repeat();
    await answer('ok');
    expect(saves).toHaveLength(2);
    publisher.offer(priced(3), false);
    await answer('lost');
    publisher.repeat();
    await clock.advanceAsync(250);
    await answer('ok');
    expect(saves.map(({ document }) => document.btc_price_usd)).toEqual([1, 2, 3, 3]);
    publisher.close();
    publisher.repeat();
    expect(saves).toHaveLength(4);
    expect(clock.pending()).toBe(0);
  });

  test('sends nothing after it was closed', async () => {
    const { clock, publisher, saves, answer } = setUp();
    publisher.offer(priced(1), false);
    await answer('lost');
    publisher.close();
    await clock.advanceAsync(10_000);
    expect(saves).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});
