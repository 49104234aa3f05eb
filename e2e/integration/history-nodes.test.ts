import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  HISTORY_RANGES,
  HISTORY_SERIES,
  type HistoryBody,
  type HistoryRange,
  PATHS,
  SPARKLINE_RANGE,
} from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import type { RunningNode } from '../start-node.ts';
import { type RunningNodes, startNodes } from '../start-nodes.ts';
import { type RunningRedis, startRedis } from '../start-redis.ts';
import { until } from '../until.ts';

/** A sync each minute, an answer that is good for one, and half of it for a machine that is busy. */
const IN_STEP_WITHIN_MS = 180_000;
const TEST_TIMEOUT_MS = IN_STEP_WITHIN_MS + 30_000;
const RANGES: readonly HistoryRange[] = ['24h', '7d', '30d', '1y'];

let redis: RunningRedis;
let simulator: RunningSimulator;
let nodes: RunningNodes;
beforeAll(async () => {
  [redis, simulator] = await Promise.all([startRedis(), startSimulator({ seed: 7 })]);
  nodes = await startNodes({ count: 2, redis, simulator });
}, 60_000);
afterAll(async () => {
  await nodes?.end();
  await simulator?.stop();
  await redis?.stop();
});

async function ask(node: RunningNode, series: string, range: HistoryRange): Promise<HistoryBody> {
  const query = new URLSearchParams({ series, range });
  const answer = await fetch(`${node.server.url}${PATHS.history}?${query}`);
  return answer.json();
}

/** Every row of an interval that has ended, of every series and range: the newest one still changes. */
async function endedRows(node: RunningNode): Promise<Record<string, HistoryBody['rows']>> {
  const answers = await Promise.all(
    [...HISTORY_SERIES, 'coin:ETH'].flatMap((series) =>
      (series === 'sparklines' ? [SPARKLINE_RANGE] : RANGES).map((range) =>
        ask(node, series, range),
      ),
    ),
  );
  const ended = answers.map(({ series, range, rows }) => {
    const { intervalS } = HISTORY_RANGES[range];
    const isOver = ([time]: HistoryBody['rows'][number]) => time + intervalS <= Date.now() / 1000;
    return [`${series} ${range}`, rows.filter(isOver)] as const;
  });
  return Object.fromEntries(ended);
}

/** Resolves with what all of them answer as soon as it is the same. */
async function inStep(
  of: readonly RunningNode[],
  holds: (rows: Record<string, HistoryBody['rows']>) => boolean,
): Promise<Record<string, HistoryBody['rows']>> {
  const [first = {}] = await until(
    () => Promise.all(of.map(endedRows)),
    ([one, ...others]) =>
      one !== undefined && holds(one) && others.every((other) => Bun.deepEquals(other, one)),
    IN_STEP_WITHIN_MS,
  );
  return first;
}

const timesOf = (rows: HistoryBody['rows'] = []) => rows.map(([time]) => time);
/** Whether every interval of the last day has its row, up to one that has just ended. */
const isWholeDay = (rows: HistoryBody['rows'] = []): boolean => {
  const times = timesOf(rows);
  return (
    times.length >= 286 && times.every((time, index) => time === (times[0] ?? 0) + 300 * index)
  );
};
const isFilled = (rows: Record<string, HistoryBody['rows']>): boolean =>
  isWholeDay(rows['btc_candles 24h']) &&
  isWholeDay(rows['btc_price 24h']) &&
  timesOf(rows['btc_candles 1y']).length === 364 &&
  timesOf(rows['fng 1y']).length > 300;

const callsOf = (node: RunningNode): number => node.toUpstreams.accepted().length;

describe('the history of several nodes', () => {
  test(
    'is the same on both, though one of them only follows',
    async () => {
      const leader = await nodes.newLeader();
      const follower = nodes.nodes.find((node) => node !== leader);
      const rows = await inStep(nodes.nodes, isFilled);
      expect(timesOf(rows['sparklines 7d']).length).toBeGreaterThan(160);
      expect(callsOf(leader)).toBeGreaterThan(0);
      expect(follower && callsOf(follower)).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'is with a node that joins with nothing, soon and without a call',
    async () => {
      const begun = performance.now();
      const third = await nodes.join();
      await inStep(nodes.nodes, isFilled);
      expect(callsOf(third)).toBe(0);
      // One sync of its own; the others' answers may be a minute old.
      expect(performance.now() - begun).toBeLessThan(90_000);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'is in Redis again after somebody has emptied it',
    async () => {
      const { history } = nodes.keys;
      const names = async () => {
        const keys = await redis.command('HKEYS', history);
        return Array.isArray(keys) ? keys.map(String).toSorted() : [];
      };
      const before = await until(names, ({ length }) => length > 30, IN_STEP_WITHIN_MS);
      await redis.command('FLUSHALL');
      await until(
        names,
        (after) => before.every((name) => after.includes(name)),
        IN_STEP_WITHIN_MS,
      );
      expect(Number(await redis.command('TTL', history))).toBeGreaterThan(7 * 86_400);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    'has no row twice and no hole when the leader is killed, and goes on with the next one',
    async () => {
      const leader = await nodes.newLeader();
      await leader.kill();
      const killedAtS = Date.now() / 1000;
      const next = await nodes.newLeader(undefined, leader);
      const others = nodes.nodes.filter((node) => node !== leader);
      const rows = await inStep(others, isFilled);
      for (const times of Object.values(rows).map(timesOf)) {
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      }
      // The price of now, which no candle can have had before.
      const newest = await until(
        () => Promise.all(others.map((node) => ask(node, 'btc_price', '24h'))),
        (answers) => answers.every(({ as_of }) => Date.parse(as_of ?? '') / 1000 > killedAtS),
        IN_STEP_WITHIN_MS,
      );
      for (const { rows: all } of newest) expect(isWholeDay(all)).toBeTrue();
      expect(callsOf(next)).toBeGreaterThan(0);
    },
    TEST_TIMEOUT_MS,
  );
});
