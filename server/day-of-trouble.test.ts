import { describe, expect, test } from 'bun:test';
import { EXCHANGES, judgedFigures } from '../contract/index.ts';
import { aDay, QUOTAS } from './test-day.ts';
import { POLL_TROUBLES, STREAM_TROUBLES } from './test-day-kinds.ts';
import { tableOf } from './test-day-table.ts';

const day = await aDay(20_261_201);
process.stdout.write(`${tableOf(day)}\n`);

/** Attempts of a day: six in any five minutes, all day long, would be no storm yet. */
const MOST_ATTEMPTS = 6 * 12 * 24;
/** The heap's own waves, between two full collections. */
const HEAP_SLACK = 1.25;
/** Timers of calls and waits that may be under way at a moment. */
const TIMER_SLACK = 10;

describe('a day of trouble', () => {
  test('has every kind of it, refreshes and a clock that jumps', () => {
    const kinds = new Set([...STREAM_TROUBLES, ...POLL_TROUBLES].map(({ name }) => name));
    const counts = day.troubles.counts();
    expect(Object.keys(counts).toSorted()).toEqual([...kinds].toSorted());
    expect(day.clockJumps).toBeGreaterThan(10);
    expect(day.visitor.presses()[200]).toBeGreaterThan(100);
  });

  test('shows nothing that no upstream gave, and as live what is live and nothing else', () => {
    expect(day.judge.faults()).toEqual([]);
    const { checks, liveCoins, coins } = day.judge.counts();
    expect(checks).toBeGreaterThan(150_000);
    expect(liveCoins / coins).toBeGreaterThan(0.95);
  });

  test('reaches a page by patches, none of them lost', () => {
    const { versions, gaps } = day.visitor.counts();
    expect(versions).toBeGreaterThan(75_000);
    expect(gaps).toBe(0);
    expect(day.atEnd.shown).toEqual(day.atEnd.told);
  });

  test('ends with every figure live', () => {
    const states = judgedFigures(day.atEnd.told).map(([name, { state }]) => [name, state]);
    expect(states.filter(([, state]) => state !== 'live')).toEqual([]);
    expect(states).toHaveLength(11);
  });

  test.each(EXCHANGES)('is no reason to storm %s, nor to forget it', (id) => {
    const { attempts, counts } = day.world.streamOf(id);
    expect(attempts.most()).toBeLessThan(60);
    expect(attempts.total()).toBeWithin(100, MOST_ATTEMPTS);
    expect(counts().mostOpen).toBeLessThanOrEqual(2);
    expect(day.forgotten).toEqual([]);
  });

  test('costs no upstream a call too many: in a minute, a day, and a month of such days', () => {
    expect(day.refused).toEqual(Object.fromEntries(Object.keys(QUOTAS).map((id) => [id, 0])));
    const ofTheMonth = (['coingecko', 'coinpaprika'] as const).flatMap((id) => {
      // The second day has its part of what the first one has left.
      const most = Math.ceil(QUOTAS[id].perMonth / 30);
      return [...day.world.pollOf(id).byDay.values()].map((count) => count / most);
    });
    expect(ofTheMonth).toHaveLength(4);
    expect(Math.max(...ofTheMonth)).toBeLessThanOrEqual(1);
  });

  test('leaves nothing behind: neither memory nor timers', () => {
    const [first, , , last] = day.quarters;
    if (first === undefined || last === undefined) throw new Error('a day has four quarters');
    expect(last.heapBytes / first.heapBytes).toBeLessThan(HEAP_SLACK);
    expect(last.timers).toBeLessThan(first.timers + TIMER_SLACK);
  });
});
