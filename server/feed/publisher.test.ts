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
      log: { warn: () => {} },
    },
    epoch,
  );
  const answer = async (a: Answer) => {
    answers.shift()?.(a);
    await clock.advanceAsync(0);
  };
  return { clock, publisher, saves, answer, notLeader: () => notLeader };
}

describe('the publisher', () => {
  test('begins with seq 1, whole and without a patch', () => {
    const { publisher, saves } = setUp();
    publisher.offer(priced(1), false);
    expect(saves).toEqual([{ epoch: 9, seq: 1, patch: null, document: priced(1), whole: true }]);
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
    await clock.advanceAsync(250);
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
