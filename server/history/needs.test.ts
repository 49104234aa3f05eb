import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { BASE_COIN } from '../../contract/index.ts';
import { NOTHING_READ } from '../broker/test-broker.ts';
import { missingOf, needsOf } from './needs.ts';
import { windowOf } from './points.ts';
import { rsiPoints } from './rsi-points.ts';
import { candle, type KeptRows, openKeptRows } from './test-kept-rows.ts';

const DAY = 86_400;
const TODAY = 20_000 * DAY;
/** 14:37:21 of a day. */
const NOW = TODAY + 14 * 3600 + 37 * 60 + 21;

describe('the days of a year', () => {
  let kept: KeptRows;
  beforeEach(() => {
    kept = openKeptRows();
  });
  afterEach(() => kept.close());

  /** As many closed days as are told, and the open one. */
  const keepDays = (count: number) => {
    const days = Array.from({ length: count + 1 }, (_, ago) => TODAY - ago * DAY);
    kept.keepCandles(
      days.map((time) => candle(DAY, time, 1000, { asOfS: Math.min(NOW, time + DAY) })),
    );
  };
  const days = needsOf([]).filter(({ name }) => name === `${BASE_COIN} ${DAY}`);
  const missing = () => days.map((need) => missingOf(need, kept, NOW, []));
  const rsiOfYear = () => rsiPoints(kept, windowOf('1y', NOW), NOTHING_READ);

  test('are missed by charts back to those that the RSI of its first day is of', () => {
    keepDays(364 + 99);
    expect(rsiOfYear()).toHaveLength(364);
    expect(missing()).toMatchObject([{ gap: { toS: TODAY - 463 * DAY }, isShown: true }]);
    keepDays(364 + 100);
    expect(rsiOfYear()).toHaveLength(365);
  });

  test('are missed by nobody’s chart where they are older', () => {
    keepDays(364 + 130);
    expect(missing()).toMatchObject([{ gap: { toS: TODAY - 494 * DAY }, isShown: false }]);
  });
});
