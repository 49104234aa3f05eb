import { describe, expect, test } from 'bun:test';
import type { SourceId } from '../../contract/index.ts';
import { createSetAside } from './set-aside.ts';

/** Prices by exchange; `null` for one that streams none. */
type Prices = readonly [binance: number | null, coinbase: number | null, kraken: number | null];

const EXCHANGES = ['binance', 'coinbase', 'kraken'] as const;

/** Judges the same prices once a second for `seconds`, from where the last call ended; `polled` beside them if given. */
function setUpJudge(asideBefore: readonly SourceId[] = []) {
  const setAside = createSetAside(EXCHANGES, asideBefore);
  let nowMs = 5;
  const judge = (prices: Prices, seconds: number, polled: number | null = null) => {
    const live = EXCHANGES.flatMap((id, index): [SourceId, number][] => {
      const price = prices[index] ?? null;
      return price === null ? [] : [[id, price]];
    });
    for (let s = 0; s <= seconds; s++) {
      setAside.judge(new Map(live), polled, nowMs);
      if (s < seconds) nowMs += 1000;
    }
    return EXCHANGES.filter(setAside.isAside);
  };
  return { ...setAside, judge, now: () => nowMs };
}

describe('an exchange is set aside', () => {
  test('when it has been off the median by more than one per cent for ten seconds', () => {
    const { judge, deviation, dueAtMs } = setUpJudge();
    expect(judge([102, 100, 100.1], 9)).toEqual([]);
    expect(deviation('binance')).toBeNull();
    expect(dueAtMs()).toBe(10_005);
    expect(judge([102, 100, 100.1], 1)).toEqual(['binance']);
    expect(deviation('binance')).toBe(1.9);
    expect(dueAtMs()).toBeNull();
  });

  test('not by one per cent exactly, nor with only two to compare', () => {
    expect(setUpJudge().judge([101, 100, 100], 30)).toEqual([]);
    expect(setUpJudge().judge([110, 100, null], 30)).toEqual([]);
    expect(setUpJudge().judge([110, null, null], 30)).toEqual([]);
  });

  test('not by a polled price, with which an exchange only comes back', () => {
    for (const prices of [
      [110, null, null],
      [110, 100, null],
    ] as const) {
      const { judge, dueAtMs } = setUpJudge();
      expect(judge(prices, 60, 100)).toEqual([]);
      expect(judge(prices, 60)).toEqual([]);
      expect(dueAtMs()).toBeNull();
    }
  });

  test('not when it was right for a moment in between, or one of three was not there', () => {
    const { judge } = setUpJudge();
    for (let s = 0; s < 5; s++) {
      expect(judge([98, 100, 100], 9)).toEqual([]);
      expect(judge(s % 2 === 0 ? [100, 100, 100] : [98, 100, null], 0)).toEqual([]);
    }
  });

  test('together with another one, when both are off', () => {
    expect(setUpJudge().judge([98, 100, 103], 10)).toEqual(['binance', 'kraken']);
  });

  test('whatever its price, with a deviation only if that is a number', () => {
    const { judge, deviation } = setUpJudge();
    expect(judge([Number.MAX_VALUE, Number.MIN_VALUE, Number.MIN_VALUE], 10)).toEqual(['binance']);
    expect(deviation('binance')).toBeNull();
    expect(judge([1e-300, 100, 100], 10)).toEqual(['binance']);
    expect(deviation('binance')).toBe(-100);
  });
});

describe('an exchange that is set aside', () => {
  const aside = () => {
    const judging = setUpJudge();
    judging.judge([102, 100, 100], 10);
    return judging;
  };

  test('comes back when it has been within one per cent for ten seconds', () => {
    const { judge, deviation } = aside();
    expect(judge([100.5, 100, 100], 9)).toEqual(['binance']);
    expect(judge([102, 100, 100], 0)).toEqual(['binance']);
    expect(judge([100.5, 100, 100], 10)).toEqual([]);
    expect(deviation('binance')).toBeNull();
  });

  test('is so from the beginning when it was before, and comes back by the same rules', () => {
    const { judge } = setUpJudge(['binance']);
    expect(judge([102, null, null], 60)).toEqual(['binance']);
    expect(judge([102, 100, null], 60)).toEqual(['binance']);
    expect(judge([100.5, 100, null], 9)).toEqual(['binance']);
    expect(judge([100.5, 100, null], 1)).toEqual([]);
  });

  test('stays aside with fewer than three while it is off every other one', () => {
    const { judge, deviation } = aside();
    expect(judge([102, null, 100], 60)).toEqual(['binance']);
    expect(deviation('binance')).toBe(2);
    expect(judge([102, null, 101.5], 9)).toEqual(['binance']);
    expect(judge([102, null, 101.5], 1)).toEqual([]);
  });

  test('is not judged while it streams nothing, and has no deviation then', () => {
    const { judge, deviation } = aside();
    expect(judge([null, 100, 100], 60)).toEqual(['binance']);
    expect(deviation('binance')).toBeNull();
    expect(judge([100, 100, 100], 9)).toEqual(['binance']);
    expect(judge([100, 100, 100], 1)).toEqual([]);
  });

  test('shows a deviation that moves every five seconds at most', () => {
    const { judge, deviation } = setUpJudge();
    judge([102, 100, 100], 10);
    const seen = Array.from({ length: 20 }, (_, s) => {
      judge([102 + s / 100, 100, 100], 1);
      return deviation('binance');
    });
    expect(new Set(seen).size).toBe(5);
    expect(seen.at(-1)).toBe(2.19);
  });
});

describe('an exchange that is set aside, when no good one is left,', () => {
  const aside = (prices: Prices = [120, 100, 100]) => {
    const judging = setUpJudge();
    judging.judge(prices, 10);
    return judging;
  };

  test('is no better for it', () => {
    const { judge, deviation, dueAtMs } = aside();
    expect(judge([120, null, null], 0)).toEqual(['binance']);
    expect(deviation('binance')).toBeNull();
    expect(dueAtMs()).toBe(610_005);
    // However often the good ones go, and for however long they come.
    for (let cut = 0; cut < 50; cut++) {
      expect(judge([120, null, null], 14)).toEqual(['binance']);
      expect(judge([120, cut % 2 === 0 ? 100 : null, 100], 0)).toEqual(['binance']);
    }
  });

  test('comes back when it has been within one per cent of a polled price for ten seconds', () => {
    const { judge, deviation, dueAtMs } = aside();
    expect(judge([120, null, null], 3600, 100)).toEqual(['binance']);
    expect(deviation('binance')).toBe(20);
    expect(dueAtMs()).toBeNull();
    expect(judge([100.5, null, null], 9, 100)).toEqual(['binance']);
    expect(judge([100.5, null, null], 1, 100)).toEqual([]);
    expect(judge([100.5, 100, 100], 60, 100)).toEqual([]);
  });

  test('goes by another exchange before a polled price', () => {
    const { judge } = aside();
    expect(judge([120, null, 100], 60, 120)).toEqual(['binance']);
    expect(judge([100.5, null, 100], 10, 120)).toEqual([]);
  });

  test('comes back after ten seconds of agreement with one after another', () => {
    const { judge } = aside();
    judge([100.5, 100, null], 4);
    judge([100.5, null, null], 4, 100);
    expect(judge([100.5, null, 100], 0)).toEqual(['binance']);
    expect(judge([100.5, null, 100], 2)).toEqual([]);
  });

  test('is let in by itself after ten minutes without anybody to compare it with', () => {
    const { judge, dueAtMs } = aside();
    expect(judge([120, null, null], 599)).toEqual(['binance']);
    expect(judge([120, null, null], 1)).toEqual([]);
    expect(dueAtMs()).toBeNull();
    expect(judge([120, null, null], 3600)).toEqual([]);
  });

  test.each<[string, Prices, number | null]>([
    ['another exchange', [120, 100, null], null],
    ['two of them', [120, 100, 100], null],
    ['a polled price', [120, null, null], 100],
  ])('waits all of that anew after a moment of %s', (_, prices, polled) => {
    const { judge } = aside();
    judge([120, null, null], 599);
    judge(prices, 0, polled);
    expect(judge([120, null, null], 598)).toEqual(['binance']);
    expect(judge([120, null, null], 2)).toEqual([]);
    // Let in, it has agreed with nobody yet.
    expect(judge(prices, 0, polled)).toEqual(['binance']);
  });

  test('goes on with its ten minutes after a silence of its own, which does not count', () => {
    const { judge, dueAtMs, now } = aside();
    judge([120, null, null], 299);
    for (const silenceS of [1, 3600]) {
      judge([120, null, null], 1);
      judge([null, null, null], silenceS);
      expect(dueAtMs()).toBeNull();
      expect(judge([120, null, null], 149)).toEqual(['binance']);
    }
    expect(judge([120, null, null], 0)).toEqual(['binance']);
    expect(dueAtMs()).toBe(now() + 1000);
    expect(judge([120, null, null], 1)).toEqual([]);
    judge([null, null, null], 60);
    expect(judge([120, null, null], 0)).toEqual([]);
    expect(judge([120, null, 100], 0)).toEqual(['binance']);
  });

  test('is good again, once it was let in, only by agreeing', () => {
    const { judge } = aside();
    judge([120, null, null], 600);
    expect(judge([120, null, 100], 3600)).toEqual(['binance']);
    judge([120, null, null], 600);
    expect(judge([100.5, null, 100], 9)).toEqual(['binance']);
    expect(judge([100.5, null, 100], 1)).toEqual([]);
    expect(judge([120, null, 100], 60)).toEqual([]);
  });

  test('does not go by another one that is set aside too', () => {
    const { judge } = aside([98, 100, 103]);
    expect(judge([103, null, 103], 60)).toEqual(['binance', 'kraken']);
    expect(judge([98, null, 103], 10, 103)).toEqual(['binance']);
  });

  test('is let in before a less preferred one, which then is compared with it', () => {
    const { judge } = aside([98, 100, 103]);
    expect(judge([98, null, 103], 599)).toEqual(['binance', 'kraken']);
    expect(judge([98, null, 103], 3600)).toEqual(['kraken']);
    expect(judge([98, 98, 103], 10)).toEqual(['kraken']);
    expect(judge([98, null, 98], 10)).toEqual([]);
  });

  test('is judged anew by the median as soon as there are three', () => {
    const { judge } = aside();
    judge([120, null, null], 60);
    expect(judge([120, 120, 100], 9)).toEqual(['binance']);
    expect(judge([120, 120, 100], 1)).toEqual(['kraken']);
  });
});
