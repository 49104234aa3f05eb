import { afterEach, expect, test } from 'bun:test';
import { systemClock } from '../../contract/index.ts';
import { startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { createHistorySteps } from '../redis/history-steps.ts';
import { connectTestNode, TEST_KEYS } from '../redis/test-redis.ts';
import { createHistorySync } from './history-sync.ts';
import { allRows } from './test-history-nodes.ts';
import { candle, openKeptRows, sample } from './test-kept-rows.ts';
import { bucketOf, DAY_S } from './tiers.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function join(url: string, isLeader: boolean) {
  const { link, log } = connectTestNode(url, crypto.randomUUID());
  const rows = openKeptRows();
  const sync = createHistorySync({
    ...{ clock: systemClock, random: Math.random, rows, presence: link, coins: ['BTC'] },
    ...{ steps: createHistorySteps(link, TEST_KEYS), isLeader: () => isLeader },
    log: { ...log, debug: () => {} },
  });
  ends.push(rows.close, link.close, sync.close);
  return { rows, log };
}

test('on a real Redis a node that follows has all rows soon, and a Redis that was lost is filled soon', async () => {
  const redis = await startRedis();
  ends.push(redis.stop);
  const [leader, follower] = [join(redis.url, true), join(redis.url, false)];
  const firstS = bucketOf(Date.now() / 1000, DAY_S) - 1000 * DAY_S;
  const days = Array.from({ length: 1000 }, (_, day) => firstS + day * DAY_S);
  leader.rows.keepSamples(
    days.map((time) => sample('coin:BTC', DAY_S, time, 1 + time / 7)),
    'last',
  );
  leader.rows.keepCandles(days.map((time) => candle(DAY_S, time, 1 + time / 7)));
  await until(
    () => redis.command('HLEN', TEST_KEYS.history),
    (count) => Number(count) >= 6,
  );

  const late = join(redis.url, false);
  const all = allRows(leader.rows);
  await until(
    () => allRows(late.rows),
    ({ candles, samples }) => candles.length + samples.length === 2000,
  );
  expect(allRows(late.rows)).toEqual(all);

  // Every connection is made anew, which is a good moment to look.
  await redis.restart({ empty: true });
  await until(
    () => redis.command('HLEN', TEST_KEYS.history),
    (count) => Number(count) >= 6,
  );
  expect(await redis.command('HLEN', TEST_KEYS.historyIndex)).toBe(
    await redis.command('HLEN', TEST_KEYS.history),
  );
  expect(follower.log.lines.filter((line) => line.includes('history'))).toEqual([]);
});
