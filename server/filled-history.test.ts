import { afterEach, describe, expect, test } from 'bun:test';
import {
  coinSeries,
  DEFAULT_COINS,
  HISTORY_RANGES,
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
  type SourceId,
} from '../contract/index.ts';
import { type MarketOptions, setUpMarket } from './test-market.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type Market = ReturnType<typeof setUpMarket>;
const markets: Market[] = [];
afterEach(async () => {
  for (const market of markets.splice(0)) await market.end();
});
const setUp = (options?: MarketOptions): Market => {
  const market = setUpMarket(options);
  markets.push(market);
  return market;
};

const RANGES = Object.keys(HISTORY_RANGES) as HistoryRange[];
const PRICES: readonly HistorySeries[] = DEFAULT_COINS.map(coinSeries);
/** What an exchange can tell of the past, in every range there is. */
const TOLD: readonly (readonly [HistorySeries, HistoryRange])[] = [
  ...(['btc_candles', 'btc_price', 'rsi_14', ...PRICES] as const).flatMap((series) =>
    RANGES.map((range) => [series, range] as const),
  ),
  ['sparklines', '7d'],
];

/** Beginnings of the intervals of a range for which there is no row. */
function holesIn({ range, rows, interval_s }: HistoryBody, nowMs: number): number[] {
  const { durationS } = HISTORY_RANGES[range];
  const openS = Math.floor(nowMs / 1000 / interval_s) * interval_s;
  const times = new Set(rows.filter((row) => !row.includes(null)).map(([time]) => time));
  const holes: number[] = [];
  for (let time = openS + interval_s - durationS; time <= openS; time += interval_s) {
    if (!times.has(time)) holes.push(time);
  }
  return holes;
}

/** Series and ranges that have one. */
async function allHoles(market: Market): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const [series, range] of TOLD) {
    const holes = holesIn(await market.history(series, range), market.clock.now());
    if (holes.length > 0) found[`${series} ${range}`] = holes;
  }
  return found;
}

/** The candles of a range that are over, as far as they are of one exchange, are what that exchange says now. */
async function expectTrueCandles(
  market: Market,
  range: HistoryRange,
  exchange: 'binance' | 'coinbase',
) {
  const { rows, interval_s, sources } = await market.history('btc_candles', range);
  expect(sources).toEqual([exchange]);
  const closed = rows.filter(
    ([time]) => (time + interval_s) * 1000 <= market.clock.now() - MINUTE_MS,
  );
  const [first] = closed;
  const [last] = closed.slice(-1);
  const truth = market.simulator.market.exchangePast(exchange, 'BTC', {
    intervalMs: interval_s * 1000,
    fromMs: (first?.[0] ?? 0) * 1000,
    toMs: ((last?.[0] ?? 0) + interval_s) * 1000,
  });
  expect(closed.map((row) => row.slice(0, 5))).toEqual(
    (truth ?? []).map(({ openTimeMs, open, high, low, close }) => [
      ...[openTimeMs / 1000, open, high, low, close],
    ]),
  );
  for (const [index, row] of closed.entries()) {
    expect(row[5]).toBeCloseTo(truth?.[index]?.volume ?? Number.NaN, 3);
  }
}

const callsOf = (market: Market) => market.simulator.requests().counts;

describe('a server that is started for the first time', () => {
  test('has every series of every range within a minute, and within a minute’s calls', async () => {
    const market = setUp();
    await market.start();
    await market.pass(MINUTE_MS);
    expect(await allHoles(market)).toEqual({});
    const fng = await market.history('fng', '1y');
    expect(fng.rows.length).toBeGreaterThan(360);
    for (const range of RANGES) {
      expect((await market.history('market_cap', range)).rows).toHaveLength(1);
    }
    // Binance lets itself be asked sixty times a minute; a third of that is for what is shown.
    const { '/api/v3/klines': calls = 0, '/fng/': index } = callsOf(market);
    expect(calls).toBeWithin(25, 42);
    expect(index).toBe(2);
    for (const range of ['24h', '7d', '1y'] as const)
      await expectTrueCandles(market, range, 'binance');
    await market.pass(MINUTE_MS, 1000);
    const all = callsOf(market)['/api/v3/klines'] ?? 0;
    expect(all).toBeLessThan(70);
    await market.pass(2 * MINUTE_MS, 1000);
    expect(callsOf(market)['/api/v3/klines']).toBe(all);
    // Before Binance's first day the others are asked, once.
    expect(callsOf(market)['/products/BTC-USD/candles']).toBeWithin(1, 4);
    expect(callsOf(market)['/0/public/OHLC']).toBeWithin(1, 3);
  }, 30_000);

  test('tells pages nothing of it: no version and no entry changes for it', async () => {
    const market = setUp({
      env: { BINANCE_WS_URL: 'off', COINBASE_WS_URL: 'off', KRAKEN_WS_URL: 'off' },
    });
    await market.start();
    await market.pass(10_000);
    const before = await market.document();
    const calls = callsOf(market)['/api/v3/klines'] ?? 0;
    await market.pass(30_000);
    expect(callsOf(market)['/api/v3/klines']).toBeGreaterThan(calls + 10);
    expect(await market.document()).toEqual(before);
  });

  test('goes on where it was when it is stopped in the middle of it', async () => {
    const market = setUp();
    await market.start();
    await market.pass(20_000);
    const before = callsOf(market)['/api/v3/klines'] ?? 0;
    await market.stop();
    await market.start();
    await market.pass(40_000);
    expect(await allHoles(market)).toEqual({});
    // A candle of a day each start, and no page twice but the newest ones.
    expect((callsOf(market)['/api/v3/klines'] ?? 0) - before).toBeLessThan(40 - before + 12);
  });
});

describe('a server that was away', () => {
  test('has what it sampled in its last seconds, though nobody tells of it again', async () => {
    const market = setUp();
    await market.start();
    await market.pass(2000);
    await market.stop(1000);
    const dead = ['coingecko', 'coinpaprika', 'coinlore', 'binance', 'coinbase', 'kraken'] as const;
    market.simulator.states.setStates(Object.fromEntries(dead.map((id) => [id, 'dead'])));
    await market.clock.advanceAsync(3_600_000);
    await market.start();
    await market.pass(1000);
    for (const series of ['market_cap', 'coin:ETH'] as const) {
      expect((await market.history(series, '24h')).rows).toHaveLength(1);
    }
  });

  test.each([
    ['ten minutes', 10 * MINUTE_MS],
    ['three days', 3 * DAY_MS],
  ])(
    'for %s has no hole',
    async (_name, awayMs) => {
      const market = setUp();
      await market.start();
      await market.pass(3 * MINUTE_MS, 500);
      await market.stop();
      await market.clock.advanceAsync(awayMs);
      const before = callsOf(market)['/api/v3/klines'] ?? 0;
      await market.start();
      await market.pass(MINUTE_MS);
      expect(await allHoles(market)).toEqual({});
      for (const range of RANGES) await expectTrueCandles(market, range, 'binance');
      // Ten minutes cost a page for each coin.
      const calls = (callsOf(market)['/api/v3/klines'] ?? 0) - before;
      expect(calls).toBeWithin(
        DEFAULT_COINS.length,
        awayMs > DAY_MS ? 60 : DEFAULT_COINS.length + 3,
      );
    },
    30_000,
  );
});

describe('candles', () => {
  test('that were asked for while they were open are right once they are over', async () => {
    // Six minutes before a day ends.
    const market = setUp({ startMs: Date.UTC(2026, 10, 23, 23, 54) });
    await market.start();
    await market.pass(2 * MINUTE_MS, 500);
    const asked = await market.history('btc_candles', '24h');
    expect(asked.rows.at(-1)?.[0]).toBe(Date.UTC(2026, 10, 23, 23, 55) / 1000);
    await market.pass(15 * MINUTE_MS, 1000);
    for (const range of RANGES) await expectTrueCandles(market, range, 'binance');
    expect(await allHoles(market)).toEqual({});
  }, 60_000);
});

describe('while upstreams fail', () => {
  const setStates = ({ simulator }: Market, ids: readonly SourceId[], state: 'dead' | 'ok') =>
    simulator.states.setStates(Object.fromEntries(ids.map((id) => [id, state])));

  test('as Binance refuses, the past is Coinbase’s', async () => {
    const market = setUp();
    market.simulator.states.setBlocks({ binance: 451 });
    await market.start();
    await market.pass(2 * MINUTE_MS, 500);
    expect(await allHoles(market)).toEqual({});
    await expectTrueCandles(market, '24h', 'coinbase');
    const { sources } = await market.document();
    expect(sources.binance?.state).toBe('blocked');
    expect(sources.coinbase?.state).toBe('ok');
    // One refusal is enough.
    expect(callsOf(market)['/api/v3/klines']).toBeLessThan(4);
  }, 30_000);

  test('as Binance and Coinbase are dead, it is Kraken’s, as far as that has it', async () => {
    const market = setUp({ env: { COINS: 'BTC,ETH' } });
    setStates(market, ['binance', 'coinbase'], 'dead');
    await market.start();
    await market.pass(2 * MINUTE_MS, 500);
    for (const range of RANGES) {
      const { rows, sources } = await market.history('btc_candles', range);
      expect(sources).toEqual(['kraken']);
      expect(rows.length).toBe(HISTORY_RANGES[range].durationS / HISTORY_RANGES[range].intervalS);
    }
  }, 30_000);

  test('as Binance begins to refuse later on, candles and RSI go on with Coinbase’s', async () => {
    const market = setUp({ env: { COINS: 'BTC' } });
    await market.start();
    await market.pass(MINUTE_MS, 500);
    market.simulator.states.setBlocks({ binance: 451 });
    market.simulator.streams.act('binance', { do: 'cut' });
    await market.pass(26 * MINUTE_MS, 2000);
    for (const series of ['btc_candles', 'rsi_14'] as const) {
      const body = await market.history(series, '24h');
      expect(holesIn(body, market.clock.now())).toEqual([]);
      expect(body.sources).toEqual(['binance', 'coinbase']);
    }
  }, 60_000);

  test('as all are dead nothing is made up, and all is filled when they are back', async () => {
    const market = setUp();
    const all = ['binance', 'coinbase', 'kraken', 'alternative_me', 'coingecko'] as const;
    setStates(market, all, 'dead');
    await market.start();
    await market.pass(10 * MINUTE_MS, 2000);
    for (const [series, range] of TOLD) {
      expect((await market.history(series, range)).rows).toEqual([]);
    }
    setStates(market, all, 'ok');
    await market.pass(7 * MINUTE_MS, 1000);
    expect(await allHoles(market)).toEqual({});
    expect((await market.history('fng', '1y')).rows.length).toBeGreaterThan(360);
  }, 60_000);

  test('as they begin to fail in the middle of it, what came stays and the rest follows', async () => {
    const market = setUp({ env: { COINS: 'BTC,ETH' } });
    await market.start();
    await market.pass(6000);
    market.simulator.faults.set({ '/api/v3/klines': { status: 500 } });
    setStates(market, ['coinbase', 'kraken'], 'dead');
    await market.pass(3 * MINUTE_MS, 1000);
    const { rows } = await market.history('btc_candles', '24h');
    expect(rows.length).toBeWithin(150, 289);
    market.simulator.faults.clear();
    await market.pass(7 * MINUTE_MS, 1000);
    await expectTrueCandles(market, '24h', 'binance');
    expect(holesIn(await market.history('btc_candles', '1y'), market.clock.now())).toEqual([]);
  }, 60_000);
});
