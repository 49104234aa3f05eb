import { describe, expect, test } from 'bun:test';
import { MAX_HISTORY_CHUNKS } from '../redis/steps.ts';
import { CANDLES, type ChunkPlace, chunkAt, chunksOf, isOver, readChunkName } from './chunks.ts';
import { FIGURE_SERIES } from './series.ts';
import { DAY_S, TIERS } from './tiers.ts';

const NOW_S = Date.UTC(2026, 10, 23, 7) / 1000;

function place(series: string, intervalS: number, timeS = NOW_S - DAY_S): ChunkPlace {
  const found = chunkAt(series, intervalS, timeS);
  if (found === null) throw new Error('no such tier');
  return found;
}
describe('a chunk’s name', () => {
  test.each([
    ['coin:BTC:60:1763856000', 'coin:BTC', 60, 6 * 3600],
    ['market_cap:300:1763856000', 'market_cap', 300, DAY_S],
    ['candles:3600:1763856000', CANDLES, 3600, 15 * DAY_S],
    ['fng:86400:1762560000', 'fng', 86_400, 400 * DAY_S],
  ])('%s says where it is', (name, series, intervalS, spanS) => {
    const at = place(series, intervalS, 1_763_856_001);
    expect(readChunkName(at.name)).toEqual(at);
    expect({ series: at.series, intervalS: at.intervalS }).toEqual({ series, intervalS });
    expect(at.toS - at.fromS).toBe(spanS);
    expect(at.fromS % spanS).toBe(0);
    expect(at.name).toBe(name);
  });

  test.each([
    ...['', 'note', 'candles', 'candles:60', 'candles:60:', 'candles:60:x', 'candles:60:-21600'],
    // Not at a chunk's beginning, no tier, written otherwise, of no series that is kept.
    ...['candles:60:60', 'candles:900:0', 'candles:060:0', 'candles:60:00', 'candles:60:1e3'],
    ...['rsi_14:60:0', 'coin:btc:60:0', 'sparklines:60:0', 'fng:60:0', '__proto__:60:0'],
    `candles:86400:${'9'.repeat(13)}`,
    `coin:${'A'.repeat(13)}:60:0`,
  ])('%j is none', (name) => {
    expect(readChunkName(name)).toBeNull();
  });

  test('there is a chunk for every tier, of 400 rows at most, and for nothing else', () => {
    for (const { intervalS } of TIERS) {
      const { fromS, toS } = place('coin:BTC', intervalS);
      expect((toS - fromS) / intervalS).toBeWithin(200, 401);
    }
    expect(chunkAt('coin:BTC', 900, NOW_S)).toBeNull();
  });
});

describe('the chunks of a series', () => {
  test.each([...TIERS])('lie side by side and reach from what is kept to now: %j', (tier) => {
    const places = chunksOf('coin:BTC', NOW_S).filter((at) => at.intervalS === tier.intervalS);
    for (const [index, at] of places.entries()) {
      if (index > 0) expect(at.fromS).toBe(places[index - 1]?.toS ?? Number.NaN);
      expect(isOver(at, NOW_S)).toBeFalse();
    }
    expect(places.at(-1)).toEqual(place('coin:BTC', tier.intervalS, NOW_S));
    const before = place('coin:BTC', tier.intervalS, (places[0]?.fromS ?? 0) - 1);
    expect(isOver(before, NOW_S)).toBe(tier.keepS !== null);
  });

  test('are of the tiers it is kept in', () => {
    const tiersOf = (series: string) =>
      [...new Set(chunksOf(series, NOW_S).map(({ intervalS }) => intervalS))].sort((a, b) => a - b);
    expect(tiersOf('fng')).toEqual([DAY_S]);
    expect(tiersOf(CANDLES)).toEqual([60, 300, 3600, DAY_S]);
  });

  test('are of fifty coins far fewer than are read', () => {
    const coins = Array.from({ length: 50 }, (_, index) => `coin:C${index}`);
    const all = [CANDLES, ...Object.keys(FIGURE_SERIES), ...coins];
    const count = all.flatMap((series) => chunksOf(series, NOW_S)).length;
    expect(count).toBeWithin(1000, MAX_HISTORY_CHUNKS / 4);
  });

  test('are over when the last of their rows is', () => {
    const at = place('coin:BTC', 60);
    expect(isOver(at, at.toS + 48 * 3600 - 1)).toBeFalse();
    expect(isOver(at, at.toS + 48 * 3600)).toBeTrue();
    expect(isOver(place('coin:BTC', DAY_S, 0), NOW_S)).toBeFalse();
  });
});
