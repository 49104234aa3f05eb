import { describe, expect, test } from 'bun:test';
import { type DashboardDocument, EXCHANGES } from '../../contract/index.ts';
import { candles, coin, EMPTY, ok, START, setUp, streamed } from './test-feed.ts';

/** What a term leaves in which Binance was set aside; then the good ones went, and nobody was left to compare it with. */
function leftBehind(hasDeviation: boolean): DashboardDocument {
  const { clock, feed, last } = setUp(EMPTY, START - 3_600_000);
  feed.report(new Map(EXCHANGES.map((id) => [id, ok])));
  for (let s = 0; s < 12; s++) {
    for (const id of EXCHANGES) {
      feed.accept([streamed(clock.now(), id === 'binance' ? 120 : 100, id)]);
    }
    clock.advance(1000);
  }
  if (!hasDeviation) {
    feed.connectionLost('coinbase stream 1');
    feed.connectionLost('kraken stream 1');
    clock.advance(1000);
  }
  return last();
}

/** A term that inherited it, while only Binance streams. */
function next(inherited: DashboardDocument) {
  const world = setUp(inherited);
  const { clock, feed } = world;
  feed.report(new Map(EXCHANGES.map((id) => [id, ok])));
  const run = (price: number, seconds: number) => {
    for (let s = 0; s < seconds; s++) {
      feed.accept([streamed(clock.now(), price)]);
      clock.advance(1000);
    }
  };
  return { ...world, run };
}

describe('a term after one in which an exchange was set aside', () => {
  test.each([true, false])('shows nothing of it, its deviation being known: %p', (hasDeviation) => {
    const inherited = leftBehind(hasDeviation);
    const deviation_percent = hasDeviation ? 20 : null;
    expect(inherited.sources.binance).toMatchObject({ state: 'set_aside', deviation_percent });
    const { clock, feed, emitted, last, run } = next(inherited);
    feed.accept([candles(clock.now())]);
    run(120, 5);
    const { rsi_14 } = last();
    run(130, 5);
    expect(last()).toMatchObject({ rsi_14 });
    expect(last().coins.BTC).toMatchObject({ price_usd: 100, state: 'stale' });
    feed.accept([coin(clock.now(), 100.1)]);
    run(120, 60);
    expect(last().coins.BTC).toMatchObject({ source: 'coingecko', state: 'live' });
    expect(last().sources.binance).toMatchObject({ state: 'set_aside', deviation_percent: 19.88 });
    const told = emitted.map(({ document }) => document);
    expect(told.every(({ sources }) => sources.binance?.state === 'set_aside')).toBe(true);
    expect(told.every(({ btc_price_usd }) => (btc_price_usd ?? 0) < 101)).toBe(true);
  });

  test('leaves it aside in the term after that too, though it has said nothing', () => {
    const { last, run } = next(setUp(leftBehind(true), START - 60_000).last());
    run(120, 60);
    expect(last().coins.BTC?.state).toBe('stale');
    expect(last().sources.binance?.state).toBe('set_aside');
  });

  test('takes it back when it has agreed with a polled price for ten seconds', () => {
    const { clock, feed, last, run } = next(leftBehind(true));
    feed.accept([coin(clock.now(), 100)]);
    run(100.5, 9);
    expect(last().coins.BTC).toMatchObject({ source: 'coingecko', state: 'live' });
    run(100.5, 2);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 100.5, state: 'live' });
    expect(last().sources.binance).toMatchObject({ state: 'ok', deviation_percent: null });
  });

  test('shows it after ten minutes with nobody to compare it with', () => {
    const { last, run } = next(leftBehind(false));
    run(120, 599);
    expect(last().coins.BTC).toMatchObject({ price_usd: 100, state: 'stale' });
    run(120, 2);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 120, state: 'live' });
  });
});
