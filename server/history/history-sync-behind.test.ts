import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { allRows, START_S, startHistoryNodes } from './test-history-nodes.ts';
import { sample } from './test-kept-rows.ts';
import { bucketOf } from './tiers.ts';

let nodes: ReturnType<typeof startHistoryNodes>;
beforeEach(() => {
  nodes = startHistoryNodes();
});
afterEach(() => nodes.end());

describe('a leader whose clock is behind', () => {
  const behindS = 30 * 3600;
  const hourly = (back: number) =>
    sample('market_cap', 3600, bucketOf(START_S, 3600) - back * 3600, 1e12 + back);
  const HOURS = Array.from({ length: 80 }, (_, index) => hourly(80 - index));

  test.each([
    ['from its start', 0],
    ['from when it had all rows', behindS],
  ])('%s takes no row from Redis', async (_, rightS) => {
    const first = nodes.start({ isLeader: true });
    first.rows.keepSamples(HOURS, 'first');
    await nodes.passMinutes(1);
    const full = new Map(nodes.redis.chunks);
    expect(full.size).toBeGreaterThan(0);
    first.sync.close();
    const clock = createManualClock((START_S - behindS + rightS) * 1000);
    const second = nodes.start({ clock });
    await clock.advanceAsync(70_000);
    clock.setWall((START_S - behindS) * 1000);
    second.isLeader = true;
    second.rows.keepSamples([hourly(81)], 'first');
    await clock.advanceAsync(70_000);
    const lacking = [...full.keys()].filter((one) => !nodes.redis.chunks.has(one));
    expect(lacking).toEqual([]);
    const newcomer = nodes.start();
    await nodes.passMinutes(1);
    expect(allRows(newcomer.rows).samples).toEqual(expect.arrayContaining(HOURS));
  });
});
