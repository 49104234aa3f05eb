import { describe, expect, test } from 'bun:test';
import type { EtfReading } from '../sources/source.ts';
import { base, EMPTY, START, setUp } from './test-feed.ts';

const SYMBOLS = ['SPY', 'DIA', 'QQQ'];

const fund = (symbol: string, atMs: number, price_usd: number): EtfReading => ({
  ...base('finnhub', atMs, 900),
  figure: 'etf',
  symbol,
  value: {
    ...{ price_usd, change_24h: 0.512_3, high_24h: null, low_24h: null, volume_24h_usd: null },
  },
});

describe('the US funds', () => {
  test('have no place in the document while they are not asked for', () => {
    const { clock, feed, emitted, last } = setUp();
    expect(last().us_etfs).toBeNull();
    feed.accept([fund('SPY', START, 660.1)]);
    clock.advance(1000);
    expect(emitted).toHaveLength(1);
  });

  test('are all there from the start, unread', () => {
    const { last } = setUp(EMPTY, START, [], SYMBOLS);
    expect(Object.keys(last().us_etfs ?? {})).toEqual(SYMBOLS);
    expect(last().us_etfs?.QQQ).toEqual({
      ...{ name: 'Nasdaq 100', price_usd: null, change_24h: null, high_24h: null, low_24h: null },
      ...{ volume_24h_usd: null, source: null, as_of: null, state: 'unavailable' },
      stale_after_s: 900,
    });
  });

  test('are read and grow stale each for itself', () => {
    const { clock, feed, last } = setUp(EMPTY, START, [], SYMBOLS);
    feed.accept([fund('SPY', START, 660.1), fund('XXX', START, 1)]);
    clock.advance(600_000);
    feed.accept([fund('DIA', clock.now(), 480)]);
    clock.advance(315_000);
    const { SPY, DIA, QQQ } = last().us_etfs ?? {};
    expect(SPY).toMatchObject({
      ...{ name: 'S&P 500', price_usd: 660.1, change_24h: 0.51, source: 'finnhub' },
      ...{ as_of: '2026-11-23T07:00:00Z', state: 'stale' },
    });
    expect(DIA).toMatchObject({ price_usd: 480, state: 'live' });
    expect(QQQ).toMatchObject({ price_usd: null, state: 'unavailable' });
    expect(last().last_updated).toBe('2026-11-23T07:10:00Z');
  });

  test('are inherited from an earlier term, and go when they are not asked for any more', () => {
    const before = setUp(EMPTY, START, [], SYMBOLS);
    before.feed.accept([fund('SPY', START, 660.1)]);
    const inherited = before.last();
    const { last } = setUp(inherited, START + 60_000, [], ['SPY']);
    expect(last().us_etfs?.SPY).toMatchObject({ price_usd: 660.1, state: 'live' });
    expect(Object.keys(last().us_etfs ?? {})).toEqual(['SPY']);
    expect(setUp(inherited, START).last().us_etfs).toBeNull();
    const off = setUp(inherited, START, ['finnhub'], SYMBOLS);
    expect(off.last().us_etfs?.SPY).toMatchObject({ price_usd: null, state: 'unavailable' });
  });
});
