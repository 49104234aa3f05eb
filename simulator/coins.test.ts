import { describe, expect, test } from 'bun:test';
import { COIN_NAMES } from '../contract/index.ts';
import { createManualClock } from '../contract/manual-clock.ts';
import { DAY_MS, startOfDay } from './candles.ts';
import { COINS, toTick } from './coins.ts';
import { createMarket, type Market } from './market.ts';
import { EXCHANGES, type Ticker } from './ticker.ts';

const NOON = Date.UTC(2026, 10, 23, 12);

function at(startMs = NOON, seed = 1) {
  const clock = createManualClock(startMs);
  return { clock, market: createMarket(clock, seed) };
}

function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('not known');
  return value;
}
const changeOf = ({ price, open24h }: Ticker) => (price / open24h - 1) * 100;
const prices = (market: Market) =>
  [...COINS.keys()].map((symbol) => known(market.coin(symbol)).price);

describe('the coins', () => {
  test('are all those that have a name, and no others', () => {
    const { market } = at();
    expect([...COINS.keys()]).toEqual(Object.keys(COIN_NAMES));
    expect(market.coin('NOCOIN')).toBeNull();
    expect(market.coin('btc')).toBeNull();
    expect(market.exchangeCoin('kraken', 'NOCOIN')).toBeNull();
    expect(market.exchangeCandles('kraken', 'NOCOIN')).toBeNull();
  });

  test('BTC’s is the market’s own price and change', () => {
    const { clock, market } = at();
    for (let i = 0; i < 5; i++) {
      clock.advance(17_000);
      const figures = market.figures();
      const btc = known(market.coin('BTC'));
      expect(btc.price).toBe(figures.btc_price_usd);
      expect(changeOf(btc)).toBeCloseTo(figures.btc_change_24h, 3);
    }
  });

  test('are the same again from the same seed, and others from another', () => {
    const run = (seed: number) => {
      const { clock, market } = at(NOON, seed);
      clock.advance(900_000);
      return prices(market);
    };
    expect(run(7)).toEqual(run(7));
    const [, ...one] = run(7);
    const [, ...other] = run(8);
    for (const [i, price] of one.entries()) expect(price).not.toBe(other[i] ?? 0);
  });

  test('move with BTC by their beta when its price is set', () => {
    const { market } = at();
    const before = known(market.coin('ETH'));
    market.set({ btc_price_usd: 77_705 * 1.1 });
    const after = known(market.coin('ETH'));
    expect(after.price / before.price).toBeCloseTo(1.1 ** 1.33, 4);
    expect(after.open24h).toBe(before.open24h);
  });

  test('go on by themselves while BTC is held', () => {
    const { clock, market } = at();
    market.set({ btc_price_usd: 80_000 });
    const before = known(market.coin('ETH'));
    clock.advance(60_000);
    expect(market.coin('BTC')?.price).toBe(80_000);
    expect(market.coin('ETH')?.price).not.toBe(before.price);
  });

  test.each([0, 1, DAY_MS / 4, DAY_MS / 2, DAY_MS - 1])(
    'keep every price within its 24 hours and on its tick, %d ms into a day and in the next',
    (intoDayMs) => {
      const { clock, market } = at(startOfDay(NOON) + intoDayMs);
      for (const advanceMs of [0, 600_000, DAY_MS]) {
        clock.advance(advanceMs);
        for (const [symbol, { decimals }] of COINS) {
          for (const ticker of EXCHANGES.map((e) => market.exchangeCoin(e, symbol))) {
            const { price, open24h, high24h, low24h, volume24h, quoteVolume24h } = known(ticker);
            for (const value of [price, open24h, high24h, low24h]) {
              expect(value).toBe(toTick(value, decimals));
            }
            expect(low24h).toBeLessThanOrEqual(Math.min(price, open24h));
            expect(high24h).toBeGreaterThanOrEqual(Math.max(price, open24h));
            expect(volume24h).toBeGreaterThan(0);
            expect(quoteVolume24h / volume24h / price).toBeWithin(0.8, 1.2);
            expect(Math.abs(changeOf(known(ticker)))).toBeLessThan(20);
          }
        }
      }
    },
  );

  test('turn the day without a jump', () => {
    const { clock, market } = at(startOfDay(NOON) + DAY_MS - 1);
    market.set({ frozen: true });
    const before = [...COINS.keys()].map((symbol) => known(market.coin(symbol)));
    clock.advance(1);
    for (const [i, symbol] of [...COINS.keys()].entries()) {
      const after = known(market.coin(symbol));
      expect(after.price).toBe(before[i]?.price ?? 0);
      expect(changeOf(after)).toBeCloseTo(changeOf(known(before[i])), 1);
    }
  });

  test('have no price of 0, however deep BTC falls', () => {
    const { market } = at();
    market.set({ btc_price_usd: 0.01 });
    for (const price of prices(market)) expect(price).toBeGreaterThan(0);
  });
});

describe('the exchanges', () => {
  test('differ by a little that stays', () => {
    const { clock, market } = at();
    for (let i = 0; i < 3; i++) {
      const [binance, coinbase, kraken] = EXCHANGES.map(
        (exchange) => known(market.exchangeCoin(exchange, 'BTC')).price,
      );
      const price = market.figures().btc_price_usd;
      expect(binance).toBe(price);
      expect(coinbase).toBeCloseTo(price * 1.0002, 2);
      expect(kraken).toBeCloseTo(price * 0.9999, 2);
      clock.advance(61_000);
    }
  });

  test('an offset moves one exchange’s price, its change and its open candle, and nothing else', () => {
    const { market } = at();
    market.set({ frozen: true, exchange_offset_percent: { kraken: 5 } });
    const kraken = known(market.exchangeCoin('kraken', 'ETH'));
    const coinbase = known(market.exchangeCoin('coinbase', 'ETH'));
    expect(kraken.price / coinbase.price).toBeCloseTo(1.05, 3);
    expect(changeOf(kraken) - changeOf(coinbase)).toBeCloseTo(4.9, 0);
    expect(kraken.high24h).toBeGreaterThanOrEqual(kraken.price);
    const days = known(market.exchangeCandles('kraken', 'ETH'));
    expect(days.at(-1)?.close).toBe(kraken.price);
    expect(days.at(-1)?.high).toBeGreaterThanOrEqual(kraken.price);
    expect(market.offsets()).toEqual({ binance: 0, coinbase: 0, kraken: 5 });
    market.set({ exchange_offset_percent: { kraken: null } });
    expect(known(market.exchangeCoin('kraken', 'ETH')).price).toBeCloseTo(kraken.price / 1.05, 1);
  });

  test('tell a change that was set', () => {
    const { market } = at();
    market.set({ btc_change_24h: -2.5 });
    for (const exchange of EXCHANGES) {
      expect(changeOf(known(market.exchangeCoin(exchange, 'BTC')))).toBeCloseTo(-2.5, 3);
    }
  });

  test('have candles of every coin, a day each, that end at the running price', () => {
    const { clock, market } = at();
    clock.advance(120_000);
    for (const symbol of COINS.keys()) {
      for (const exchange of EXCHANGES) {
        const days = known(market.exchangeCandles(exchange, symbol));
        expect(days).toHaveLength(520);
        expect(days.at(-1)?.close).toBe(known(market.exchangeCoin(exchange, symbol)).price);
        expect(days.at(-1)?.openTimeMs).toBe(startOfDay(NOON));
        for (const { open, high, low, close, volume } of days) {
          expect(low).toBeLessThanOrEqual(Math.min(open, close));
          expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
          expect(volume).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });
});

describe('the US funds', () => {
  test('have quotes that move with time', () => {
    const { clock, market } = at();
    for (const symbol of ['SPY', 'DIA', 'QQQ']) {
      const before = known(market.fund(symbol));
      clock.advance(300_000);
      const now = known(market.fund(symbol));
      expect(now.price).not.toBe(before.price);
      expect(now.atMs).toBe(clock.now());
      expect(now.low).toBeLessThanOrEqual(Math.min(now.price, now.open));
      expect(now.high).toBeGreaterThanOrEqual(Math.max(now.price, now.open));
      expect(now.previousClose).toBe(now.open);
    }
    expect(market.fund('GOLD')).toBeNull();
    expect(market.fund('BTC')).toBeNull();
  });

  test('stand still, their time too, while the US market is closed', () => {
    const { clock, market } = at();
    market.set({ us_market_open: false });
    const before = known(market.fund('SPY'));
    clock.advance(60_000);
    expect(market.fund('SPY')).toEqual(before);
    market.set({ us_market_open: true });
    clock.advance(60_000);
    expect(market.fund('SPY')?.atMs).toBe(clock.now());
  });
});
