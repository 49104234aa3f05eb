import { describe, expect, test } from 'bun:test';
import type { SourceId } from '../../contract/index.ts';
import { createSetAside } from './set-aside.ts';
import { ok, START, setUp, streamed } from './test-feed.ts';

/** Prices by exchange; `null` for one that streams none. */
type Prices = readonly [binance: number | null, coinbase: number | null, kraken: number | null];

const EXCHANGES = ['binance', 'coinbase', 'kraken'] as const;

/** Judges the same prices once a second for `seconds`, from where the last call ended. */
function setUpJudge() {
  const setAside = createSetAside(EXCHANGES);
  let nowMs = 5;
  const judge = (prices: Prices, seconds: number) => {
    const live = EXCHANGES.flatMap((id, index): [SourceId, number][] => {
      const price = prices[index] ?? null;
      return price === null ? [] : [[id, price]];
    });
    for (let s = 0; s <= seconds; s++) {
      setAside.judge(new Map(live), nowMs);
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

  test('comes back at once when no other one is left', () => {
    expect(aside().judge([102, null, null], 0)).toEqual([]);
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

  test('is the first to come back of those that disagree when nobody else is left', () => {
    const { judge } = setUpJudge();
    judge([98, 100, 103], 10);
    expect(judge([98, null, 103], 0)).toEqual(['kraken']);
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

describe('the feed and an exchange that deviates', () => {
  /** The three exchanges' prices, once a second. */
  function stream() {
    const { clock, feed, emitted, last } = setUp();
    feed.report(new Map(EXCHANGES.map((id) => [id, ok])));
    const run = (prices: Prices, seconds: number) => {
      for (let s = 0; s < seconds; s++) {
        feed.accept(
          EXCHANGES.flatMap((id, index) => {
            const price = prices[index] ?? null;
            return price === null ? [] : [streamed(clock.now(), price, id)];
          }),
        );
        clock.advance(1000);
      }
    };
    return { clock, feed, emitted, last, run };
  }

  test('shows the next one, says so, and takes it back by itself', () => {
    const { last, run } = stream();
    run([102, 100, 100.1], 9);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 102 });
    run([102, 100, 100.1], 3);
    expect(last().coins.BTC).toMatchObject({ source: 'coinbase', price_usd: 100, state: 'live' });
    expect(last().sources.binance).toMatchObject({
      state: 'set_aside',
      deviation_percent: 1.9,
      last_success_at: '2026-11-23T07:00:00Z',
    });
    expect(last().btc_spread).toEqual({
      percent: 0.1,
      prices: { binance: null, coinbase: 100, kraken: 100.1 },
    });
    run([100, 100, 100.1], 12);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 100 });
    expect(last().sources.binance).toMatchObject({ state: 'ok', deviation_percent: null });
  });

  test('needs no frame to do so', () => {
    const { clock, feed, last, run } = stream();
    run([102, 100, 100.1], 1);
    clock.advance(10_000);
    expect(last().sources.binance?.state).toBe('set_aside');
    expect(last().coins.BTC?.source).toBe('coinbase');
    feed.connectionLost('coinbase stream 1');
    feed.connectionLost('kraken stream 1');
    clock.advance(250);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 102, state: 'live' });
    expect(last().sources.binance?.deviation_percent).toBeNull();
  });

  test('is not set aside when it was right, or one of three was not there, between two flushes', () => {
    const { clock, feed, last, run } = stream();
    run([102, 100, 100], 9);
    for (const price of [102, 100, 102]) feed.accept([streamed(clock.now(), price, 'binance')]);
    run([102, 100, 100], 9);
    feed.accept([streamed(clock.now(), 102, 'binance')]);
    feed.connectionLost('kraken stream 1');
    feed.accept([streamed(clock.now(), 100, 'kraken', 2)]);
    clock.advance(9000);
    expect(last().sources.binance?.state).toBe('ok');
    clock.advance(1500);
    expect(last().sources.binance?.state).toBe('set_aside');
  });

  test('has no entry before there is a word of it', () => {
    const { clock, feed, emitted, last } = setUp();
    feed.accept([streamed(START, 102, 'binance'), streamed(START, 100, 'coinbase')]);
    feed.accept([streamed(START, 100, 'kraken')]);
    clock.advance(20_000);
    expect(last().coins.BTC?.source).toBe('coinbase');
    clock.advance(60_000);
    expect(emitted.every(({ document }) => Object.keys(document.sources).length === 0)).toBe(true);
  });

  test('leaves a word that is worse, and says the deviation beside it', () => {
    const { feed, last, run } = stream();
    run([102, 100, 100], 12);
    feed.report(new Map([['binance', { ...ok, state: 'failing' }]]));
    run([102, 100, 100], 1);
    expect(last().sources.binance).toMatchObject({ state: 'failing', deviation_percent: 2 });
  });

  test('shows none of its other prices either, but a polled one where there is no third', () => {
    const { clock, feed, last, run } = stream();
    const ofEth = (usd: number, source: SourceId) => ({
      ...streamed(clock.now(), usd, source),
      symbol: 'ETH',
    });
    feed.accept([ofEth(3060, 'binance')]);
    run([102, 100, 100], 12);
    expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'stale' });
    expect(feed.unstreamedCoins()).toEqual(['ETH']);
    const polled = { ...ofEth(3000, 'coingecko'), connection: '/simple/price' };
    feed.accept([polled, ofEth(3061, 'binance')]);
    clock.advance(250);
    expect(last().coins.ETH).toMatchObject({ source: 'coingecko', state: 'live' });
  });

  test('gives its place at once to a polled price that came after its last word', () => {
    const { clock, feed, last, run } = stream();
    const ofEth = (usd: number, source: SourceId) => ({
      ...streamed(clock.now(), usd, source),
      symbol: 'ETH',
    });
    feed.accept([ofEth(3060, 'binance')]);
    feed.accept([ofEth(3000, 'coingecko')]);
    run([102, 100, 100], 1);
    expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'live' });
    run([102, 100, 100], 10);
    expect(last().coins.ETH).toMatchObject({ source: 'coingecko', state: 'live' });
  });

  test('lets a polled price take over only once it was asked anew, or another exchange streams the coin', () => {
    const begun = (isAgain: boolean) => {
      const { clock, feed, last, run } = stream();
      const ofEth = (usd: number, source: SourceId) => ({
        ...streamed(clock.now(), usd, source),
        symbol: 'ETH',
      });
      const polled = () => ({ ...ofEth(3000, 'coingecko'), staleAfterS: 900 });
      feed.accept([polled()]);
      // Set aside, and in the one case for a second time.
      run([100, 100, 100], 1);
      feed.accept([ofEth(3060, 'binance')]);
      run([102, 100, 100], 12);
      if (isAgain) {
        run([100, 100, 100], 12);
        feed.accept([polled(), ofEth(3060, 'binance')]);
        run([102, 100, 100], 12);
      }
      feed.accept([ofEth(3061, 'binance')]);
      clock.advance(250);
      return { clock, feed, last, ofEth, polled };
    };
    for (const isAgain of [false, true]) {
      const { clock, feed, last, ofEth, polled } = begun(isAgain);
      expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'stale' });
      feed.connectionLost('binance stream 1');
      clock.advance(250);
      expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'stale' });
      feed.accept([{ ...polled(), eventTimeMs: null }]);
      clock.advance(250);
      expect(last().coins.ETH).toMatchObject({ source: 'coingecko', state: 'live' });
      feed.accept([ofEth(3001, 'kraken')]);
      clock.advance(250);
      expect(last().coins.ETH).toMatchObject({ source: 'kraken', state: 'live' });
    }
    const { clock, feed, last, ofEth } = begun(false);
    feed.accept([ofEth(3001, 'kraken')]);
    clock.advance(250);
    expect(last().coins.ETH).toMatchObject({ source: 'kraken', state: 'live' });
  });

  test('puts the deviation into no more than one patch in five seconds', () => {
    const { clock, feed, emitted, run } = stream();
    run([102, 100, 100], 12);
    const before = emitted.length;
    for (let tick = 0; tick < 100; tick++) {
      feed.accept([streamed(clock.now(), 102 + tick / 100, 'binance')]);
      clock.advance(100);
    }
    const told = emitted.slice(before).map(({ document }) => document.sources.binance);
    expect(new Set(told.map((entry) => entry?.deviation_percent)).size).toBeLessThanOrEqual(3);
    expect(told.length).toBeLessThan(20);
  });
});
