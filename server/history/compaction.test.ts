import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import { startCompaction } from './compaction.ts';
import { candle, type KeptRows, openKeptRows, sample } from './test-kept-rows.ts';
import { DAY_S, TIERS } from './tiers.ts';

const NOW_S = Date.UTC(2026, 10, 23, 7) / 1000;
const YEAR_MS = 365 * DAY_S * 1000;
const TEN_MINUTES_MS = 600_000;

describe('the compaction', () => {
  let kept: KeptRows;
  let clock: ManualClock;
  const running: { close(): void }[] = [];

  beforeEach(() => {
    kept = openKeptRows();
    clock = createManualClock(NOW_S * 1000);
  });
  afterEach(() => {
    for (const one of running.splice(0)) one.close();
    kept.close();
  });

  const start = () => void running.push(startCompaction({ clock, rows: kept }));
  /** Long enough for every piece. */
  const settle = () => clock.advance(60_000);
  const keep = (...rows: readonly SampleRow[]) => kept.keepSamples(rows, 'last');
  const timesOf = (series: string, intervalS: number) =>
    kept
      .samples({ series, intervalS, fromS: 0, toS: Number.MAX_SAFE_INTEGER })
      .map(({ time }) => time);
  const candleTimes = (intervalS: number) =>
    kept.candles({ intervalS, fromS: 0, toS: Number.MAX_SAFE_INTEGER }).map(({ time }) => time);

  /** In every tier rows of now, of as old as may be, and older. */
  const fill = () => {
    for (const { intervalS, keepS } of TIERS) {
      const newest = Math.floor(NOW_S / intervalS) * intervalS;
      const oldest = Math.ceil((newest - (keepS ?? 3000 * DAY_S)) / intervalS) * intervalS;
      for (const time of [newest, oldest, oldest - intervalS, oldest - 90 * intervalS]) {
        keep(sample('coin:BTC', intervalS, time, 1), sample('market_cap', intervalS, time, 2));
        kept.keepCandles([candle(intervalS, time, 3)]);
      }
    }
  };

  test('deletes at start what its tier keeps no longer, and of the days nothing', () => {
    fill();
    start();
    settle();
    for (const { intervalS, keepS } of TIERS) {
      const newest = Math.floor(NOW_S / intervalS) * intervalS;
      const left = keepS === null ? 4 : 2;
      for (const times of [
        timesOf('coin:BTC', intervalS),
        timesOf('market_cap', intervalS),
        candleTimes(intervalS),
      ]) {
        expect([intervalS, times.length]).toEqual([intervalS, left]);
        expect(times.at(-1)).toBe(newest);
        if (keepS !== null) expect(times[0]).toBe(newest - keepS);
      }
    }
  });

  test('goes on every ten minutes until it is closed', () => {
    const minutes = Array.from({ length: 30 }, (_, at) => NOW_S - 48 * 3600 + at * 60);
    keep(...[...minutes, NOW_S].map((time) => sample('coin:BTC', 60, time, 1)));
    start();
    for (let turn = 1; turn <= 2; turn++) {
      keep(sample('coin:BTC', 60, NOW_S + turn * 600, 1));
      clock.advance(TEN_MINUTES_MS + 1000);
      expect(timesOf('coin:BTC', 60).length).toBe(31 - turn * 10 + turn);
    }
    for (const one of running) one.close();
    expect(clock.pending()).toBe(0);
  });

  test('takes five hundred rows at a time, with a pause after each', () => {
    const old = Array.from({ length: 1200 }, (_, at) => sample('coin:BTC', 60, at * 60 + 1.5e9, 1));
    keep(...old, sample('coin:BTC', 60, NOW_S, 1));
    const pieces: number[] = [];
    const rows = {
      ...kept,
      drop(...[intervalS, beforeS, fromS, limit]: Parameters<KeptRows['drop']>) {
        const dropped = kept.drop(intervalS, beforeS, fromS, limit);
        if (intervalS === 60) pieces.push(dropped);
        return dropped;
      },
    };
    running.push(startCompaction({ clock, rows }));
    expect(pieces).toEqual([500]);
    clock.advance(49);
    expect(pieces).toEqual([500]);
    clock.advance(1);
    expect(pieces).toEqual([500, 500]);
    settle();
    expect(pieces).toEqual([500, 500, 200]);
    expect(timesOf('coin:BTC', 60)).toEqual([NOW_S]);
  });

  test('deletes what is more than an interval and a minute ahead', () => {
    for (const { intervalS } of TIERS) {
      const open = Math.floor(NOW_S / intervalS) * intervalS;
      for (const ahead of [0, 1, 2, 3]) {
        keep(sample('coin:BTC', intervalS, open + ahead * intervalS, 1));
        kept.keepCandles([candle(intervalS, open + ahead * intervalS, 1)]);
      }
    }
    clock.setWall(NOW_S * 1000 + 5000);
    start();
    settle();
    // Of days the newest row itself says that the clock may be three days behind, for a day.
    clock.advance(25 * 3_600_000 - 60_000);
    settle();
    const nowS = clock.now() / 1000;
    for (const { intervalS } of TIERS) {
      const times = [...timesOf('coin:BTC', intervalS), ...candleTimes(intervalS)];
      expect(times.length).toBeGreaterThan(0);
      expect(times.every((time) => time < nowS + intervalS + 60)).toBe(true);
    }
    expect(timesOf('coin:BTC', DAY_S)).toHaveLength(3);
    expect(candleTimes(DAY_S)).toHaveLength(3);
  });

  test.each([
    ['before it started', true],
    ['while it runs', false],
  ])('deletes nothing that is kept when the clock jumped a year ahead %s', (_name, isBefore) => {
    const keptTimes = TIERS.map(({ intervalS, keepS }) => {
      const newest = Math.floor(NOW_S / intervalS) * intervalS;
      const times = [newest - (keepS ?? 10 * DAY_S) + intervalS, newest - intervalS, newest];
      keep(...times.map((time) => sample('coin:BTC', intervalS, time, 1)));
      kept.keepCandles(times.map((time) => candle(intervalS, time, 1)));
      return times;
    });
    if (!isBefore) start();
    clock.setWall(NOW_S * 1000 + YEAR_MS);
    if (isBefore) start();
    settle();
    // What was sampled by that clock.
    for (const { intervalS } of TIERS) {
      const time = Math.floor(clock.now() / 1000 / intervalS) * intervalS;
      keep(sample('coin:BTC', intervalS, time, 1));
    }
    for (let hour = 0; hour < 6; hour++) clock.advance(TEN_MINUTES_MS);
    clock.setWall(clock.now() - YEAR_MS);
    settle();
    const nowS = clock.now() / 1000;
    for (const [at, { intervalS, keepS }] of TIERS.entries()) {
      const over = nowS - (keepS ?? Number.POSITIVE_INFINITY);
      const expected = keptTimes[at]?.filter((time) => time >= over) ?? [];
      expect(expected.length).toBeGreaterThan(1);
      const left = timesOf('coin:BTC', intervalS).filter((time) => time >= over && time <= nowS);
      expect(left).toEqual(expected);
      expect(candleTimes(intervalS).filter((time) => time >= over)).toEqual(expected);
    }
  });

  test('deletes nothing when the machine started with a clock that is years behind', () => {
    fill();
    const before = TIERS.map(({ intervalS }) => timesOf('coin:BTC', intervalS));
    clock.setWall(Date.UTC(1970, 0, 1));
    start();
    clock.advance(3 * TEN_MINUTES_MS);
    expect(TIERS.map(({ intervalS }) => timesOf('coin:BTC', intervalS))).toEqual(before);
    clock.setWall(NOW_S * 1000 + 3 * TEN_MINUTES_MS);
    clock.advance(TEN_MINUTES_MS);
    expect(timesOf('coin:BTC', 60).length).toBeLessThan(before[0]?.length ?? 0);
  });

  test('keeps what nothing has come after, however long ago that was', () => {
    const times = [NOW_S - 100 * DAY_S - 3600, NOW_S - 100 * DAY_S];
    keep(...times.map((time) => sample('coin:BTC', 60, time, 1)));
    start();
    clock.advance(2 * DAY_S * 1000);
    expect(timesOf('coin:BTC', 60)).toEqual(times);
  });

  test('does nothing to an empty store, and says so to nobody', () => {
    start();
    clock.advance(2 * TEN_MINUTES_MS);
    expect(kept.series()).toEqual([]);
    const rows: CandleRow[] = [candle(60, NOW_S, 1)];
    expect(kept.keepCandles(rows)).toEqual(rows);
  });
});
