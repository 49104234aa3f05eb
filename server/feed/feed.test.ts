import { describe, expect, test } from 'bun:test';
import { applyPatch } from '../../contract/index.ts';
import { diff } from './diff.ts';
import { coin, DAY_MS, EMPTY, failing, fng, market, ok, START, setUp } from './test-feed.ts';

describe('the feed', () => {
  test('begins a term with one whole document', () => {
    const { emitted } = setUp();
    expect(emitted).toEqual([{ document: EMPTY, whole: true }]);
  });

  test('folds readings into figures with source, age and the decimals of the wire', () => {
    const { feed, last } = setUp();
    feed.accept([market(START - 5000), coin(START, 77_705.125), fng(START - 7 * 3_600_000, 26)]);
    expect(last()).toMatchObject({
      market_cap: 2.6e12,
      volume_24h: 95_133_256_404.373_08,
      market_cap_change_24h: -1.61,
      volume_change_24h: null,
      btc_dominance: 57.95,
      btc_price_usd: 77_705.125,
      btc_change_24h: -1.41,
      fng_value: 26,
      fng_label: 'Fear',
      fng_next_update_at: '2026-11-24T00:00:00Z',
      last_updated: '2026-11-23T07:00:00Z',
    });
    expect(last().coins.BTC).toEqual({
      name: 'Bitcoin',
      price_usd: 77_705.125,
      change_24h: -1.41,
      high_24h: null,
      low_24h: null,
      volume_24h_usd: null,
      source: 'coingecko',
      as_of: '2026-11-23T07:00:00Z',
      state: 'live',
      stale_after_s: 900,
    });
    expect(last().freshness.market).toEqual({
      source: 'coingecko',
      as_of: '2026-11-23T06:59:55Z',
      state: 'live',
      stale_after_s: 1800,
    });
    expect(last().coins.ETH?.price_usd).toBeNull();
  });

  test('sends the first change after a quiet interval at once, then one patch per interval', () => {
    const { clock, feed, emitted, last } = setUp();
    for (let tick = 0; tick < 100; tick++) {
      feed.accept([coin(clock.now(), 70_000 + tick)]);
      clock.advance(10);
    }
    // 1 whole at start, 1 at once, then one every 250 ms of the 1 000.
    expect(emitted).toHaveLength(6);
    expect(emitted[1]?.document.btc_price_usd).toBe(70_000);
    expect(emitted.slice(1).every(({ whole }) => !whole)).toBe(true);
    clock.advance(250);
    expect(last().btc_price_usd).toBe(70_099);
  });

  test('sends nothing when nothing changed', () => {
    const { clock, feed, emitted } = setUp();
    feed.accept([market(START)]);
    clock.advance(1000);
    const before = emitted.length;
    feed.accept([market(START)]);
    clock.advance(1000);
    expect(emitted).toHaveLength(before);
  });

  describe('at the end of a round', () => {
    test('sends one whole document if a figure changed', () => {
      const { clock, feed, emitted } = setUp();
      clock.advance(1000);
      feed.roundStarted();
      feed.accept([market(START)]);
      feed.accept([coin(START, 77_705)]);
      clock.advance(50);
      feed.report(new Map([['coingecko', ok]]));
      expect(feed.roundEnded()).toBe('changed');
      expect(emitted.slice(1).map(({ whole }) => whole)).toEqual([true]);
      clock.advance(1000);
      expect(emitted).toHaveLength(2);
    });

    test('sends a patch if only the word on the sources changed, and nothing if nothing did', () => {
      const { clock, feed, emitted } = setUp();
      clock.advance(1000);
      feed.roundStarted();
      feed.report(new Map([['coingecko', failing]]));
      expect(feed.roundEnded()).toBe('unchanged');
      expect(emitted.slice(1).map(({ whole }) => whole)).toEqual([false]);
      expect(emitted[1]?.document.sources.coingecko).toEqual({
        state: 'failing',
        last_success_at: null,
        next_attempt_at: '2026-11-23T07:05:00Z',
        error: { code: 'timeout', at: '2026-11-23T07:00:00Z' },
        deviation_percent: null,
      });
      feed.roundStarted();
      expect(feed.roundEnded()).toBe('unchanged');
      expect(emitted).toHaveLength(2);
    });

    test('has not waited for it longer than one flush interval, and is still whole', () => {
      const { clock, feed, emitted } = setUp();
      clock.advance(1000);
      feed.roundStarted();
      feed.accept([market(START)]);
      clock.advance(250);
      expect(emitted).toHaveLength(2);
      expect(emitted[1]?.whole).toBe(false);
      clock.advance(9000);
      expect(feed.roundEnded()).toBe('changed');
      expect(emitted.at(-1)?.whole).toBe(true);
    });
  });

  describe('freshness', () => {
    test('turns a figure stale by timer, and says so by itself', () => {
      const { clock, feed, emitted, last } = setUp();
      feed.accept([coin(START, 77_705)]);
      clock.advance(900_000);
      expect(last().coins.BTC?.state).toBe('live');
      const before = emitted.length;
      clock.advance(15_000);
      expect(last().coins.BTC?.state).toBe('stale');
      expect(last().btc_price_usd).toBe(77_705);
      expect(emitted).toHaveLength(before + 1);
    });

    test('is live again with the next reading', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_705)]);
      clock.advance(1_000_000);
      feed.accept([coin(clock.now(), 77_000)]);
      expect(last().coins.BTC).toMatchObject({ state: 'live', price_usd: 77_000 });
    });

    test('notices a wall clock that jumped ahead', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_705)]);
      clock.setWall(START + 3_600_000);
      clock.advance(15_000);
      expect(last().coins.BTC?.state).toBe('stale');
    });

    test('shows a first reading that is already old as stale', () => {
      const { feed, last } = setUp();
      feed.accept([market(START - 3 * 365 * DAY_MS)]);
      expect(last().freshness.market.state).toBe('stale');
      expect(last().market_cap).toBe(2.6e12);
    });
  });

  describe('order', () => {
    test('drops a reading older than the last of its connection', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_705)]);
      clock.advance(1000);
      feed.accept([coin(START - 1000, 1)]);
      clock.advance(1000);
      expect(last().btc_price_usd).toBe(77_705);
    });

    test('takes any reading of another connection, and one without a time', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_705)]);
      clock.advance(1000);
      feed.accept([{ ...coin(START - 1000, 70_000), connection: 'other' }]);
      clock.advance(1000);
      expect(last().btc_price_usd).toBe(70_000);
      feed.accept([{ ...coin(START - 5000, 71_000), connection: 'other', eventTimeMs: null }]);
      clock.advance(1000);
      expect(last().btc_price_usd).toBe(71_000);
    });
  });

  describe('numbers that cannot be', () => {
    const refused = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1];
    for (const price of refused) {
      test(`keeps the last price when one of ${price} comes`, () => {
        const { clock, feed, last } = setUp();
        feed.accept([coin(START, 77_705)]);
        clock.advance(1000);
        feed.accept([coin(clock.now(), price)]);
        clock.advance(1000);
        expect(last().btc_price_usd).toBe(77_705);
      });
    }

    test('makes a side figure unknown, not nought', () => {
      const { feed, last } = setUp();
      const reading = coin(START, 77_705);
      feed.accept([{ ...reading, value: { ...reading.value, change_24h: 5000 } }]);
      expect(last().btc_price_usd).toBe(77_705);
      expect(last().btc_change_24h).toBeNull();
    });
  });

  test('says when a source is asked that this term may not ask yet, and lets the rest of its entry stand', () => {
    const limited = {
      state: 'rate_limited',
      last_success_at: '2026-11-23T06:50:00Z',
      next_attempt_at: '2026-11-23T06:59:00Z',
      error: { code: 'rate_limited', at: '2026-11-23T06:55:00Z' },
      deviation_percent: null,
    } as const;
    const inherited = { ...EMPTY, sources: { coingecko: limited, binance: limited } };
    const { clock, feed, last } = setUp(inherited, START, ['binance']);
    const later = START + 3_600_000;
    const postponed = [['coingecko', later] as const, ['binance', later] as const];
    feed.report(new Map(), new Map([...postponed, ['taapi', later] as const]));
    clock.advance(250);
    const { coingecko, binance, taapi } = last().sources;
    expect(coingecko).toEqual({ ...limited, next_attempt_at: '2026-11-23T08:00:00Z' });
    expect(binance).toMatchObject({ state: 'off', next_attempt_at: null });
    expect(taapi).toBeUndefined();
  });

  test('sends nothing after it was closed', () => {
    const { clock, feed, emitted } = setUp();
    feed.accept([coin(START, 77_705)]);
    const before = emitted.length;
    feed.close();
    feed.accept([coin(START + 1, 77_706)]);
    clock.advance(10_000_000);
    expect(emitted).toHaveLength(before);
    expect(clock.pending()).toBe(0);
  });

  test('emits versions that the patches between them lead to', () => {
    const { clock, feed, emitted } = setUp();
    for (let tick = 1; tick <= 40; tick++) {
      if (tick % 10 === 0) feed.roundStarted();
      feed.accept([coin(clock.now(), 70_000 + tick), market(clock.now(), 1e12 + tick)]);
      if (tick % 10 === 5) feed.roundEnded();
      clock.advance(tick * 1000);
    }
    let held = emitted[0]?.document ?? EMPTY;
    for (const { document } of emitted.slice(1)) {
      const patch = diff(held, document);
      held = patch === null ? held : applyPatch(held, patch);
      expect(held).toEqual(document);
    }
    expect(emitted.length).toBeGreaterThan(40);
  });
});
