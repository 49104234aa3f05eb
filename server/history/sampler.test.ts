import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EXCHANGES, type Patch, toWireTime } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { createTestBroker, type TestBroker } from '../broker/test-broker.ts';
import type { SampleRow } from '../store/history-rows.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { type KeptRows, openKeptRows, sample } from './test-kept-rows.ts';
import { TIERS } from './tiers.ts';

const START_MS = Date.UTC(2026, 10, 23, 7, 2, 10);
const START_S = START_MS / 1000;
const DAY_MS = 86_400_000;

/** A coin's price that was read at a moment. */
const price = (symbol: string, value: number | null, asOfMs: number, rest: Patch = {}): Patch => ({
  coins: {
    [symbol]: {
      name: symbol,
      price_usd: value,
      ...{ source: 'binance', as_of: toWireTime(asOfMs), state: 'live', stale_after_s: 60 },
      ...rest,
    },
  },
});

/** Market figures that were read at a moment. */
const market = (figures: Patch, asOfMs: number, rest: Patch = {}): Patch => ({
  ...figures,
  freshness: {
    market: {
      ...{ source: 'coingecko', as_of: toWireTime(asOfMs), state: 'live', stale_after_s: 1800 },
      ...rest,
    },
  },
});

describe('the sampler', () => {
  let kept: KeptRows;
  let clock: ManualClock;
  let broker: TestBroker;
  let sampler: Sampler;
  /** Transactions in which rows were new, as listeners heard of them. */
  let told: (readonly SampleRow[])[];

  const all = (series: string): SampleRow[] =>
    TIERS.flatMap(({ intervalS }) =>
      kept.samples({ series, intervalS, fromS: 0, toS: Number.MAX_SAFE_INTEGER }),
    );
  /** What a series has since half a day ago, by interval. */
  const ofToday = (series: string) => {
    const rows = all(series).filter(({ asOfS }) => asOfS * 1000 > clock.now() - DAY_MS / 2);
    return rows.map(({ series: _, ...row }) => row);
  };
  const valuesOf = (series: string, intervalS: number) =>
    all(series)
      .filter((row) => row.intervalS === intervalS)
      .map(({ time, value }) => [time, value]);

  beforeEach(() => {
    kept = openKeptRows();
    clock = createManualClock(START_MS);
    broker = createTestBroker(clock);
    told = [];
    kept.watch({ samples: (rows) => void told.push(rows), candles: () => {} });
    sampler = createSampler({ clock, broker, rows: kept });
  });
  afterEach(() => {
    sampler.close();
    kept.close();
  });

  test('puts a live price into the interval of its own time, in every tier', () => {
    broker.change(price('BTC', 77_705, START_MS - 15_000));
    sampler.flush();
    const asOfS = START_S - 15;
    expect(all('coin:BTC')).toEqual(
      [60, 300, 3600, 86_400].map((intervalS) =>
        sample('coin:BTC', intervalS, Math.floor(asOfS / intervalS) * intervalS, 77_705, { asOfS }),
      ),
    );
  });

  test('keeps the last price of an interval, and the first of what is measured now and then', () => {
    broker.change(price('BTC', 77_705, START_MS));
    broker.change(market({ market_cap: 2.6e12, volume_24h: 9e10, btc_dominance: 57.95 }, START_MS));
    clock.advance(20_000);
    broker.change(price('BTC', 77_650, START_MS + 20_000));
    broker.change(
      market({ market_cap: 2.7e12, volume_24h: 8e10, btc_dominance: 58 }, START_MS + 20_000),
    );
    sampler.flush();
    const minute = Math.floor(START_S / 60) * 60;
    expect(valuesOf('coin:BTC', 60)).toEqual([[minute, 77_650]]);
    expect(valuesOf('market_cap', 60)).toEqual([[minute, 2.6e12]]);
    expect(valuesOf('volume_24h', 60)).toEqual([[minute, 9e10]]);
    expect(valuesOf('btc_dominance', 60)).toEqual([[minute, 57.95]]);
    expect(all('market_cap').every(({ source }) => source === 'coingecko')).toBe(true);
  });

  test('keeps the Fear & Greed index by the day alone', () => {
    const day = Date.UTC(2026, 10, 23);
    broker.change({
      fng_value: 26,
      freshness: {
        fng: {
          ...{ source: 'alternative_me', as_of: toWireTime(day) },
          ...{ state: 'live', stale_after_s: 108_000 },
        },
      },
    });
    sampler.flush();
    expect(all('fng')).toEqual([
      sample('fng', 86_400, day / 1000, 26, { source: 'alternative_me', asOfS: day / 1000 }),
    ]);
  });

  test.each([
    ['stale by the document', price('BTC', 77_705, START_MS, { state: 'stale' })],
    ['stale by its own clock alone', price('BTC', 77_705, START_MS - 61_000)],
    ['not read', price('BTC', null, START_MS)],
    ['out of range', price('BTC', 2e9, START_MS)],
    ['zero', price('BTC', 0, START_MS)],
    ['of nobody', price('BTC', 77_705, START_MS, { source: null })],
    ['without a time', price('BTC', 77_705, START_MS, { as_of: null })],
    ['of no time', price('BTC', 77_705, START_MS, { as_of: 'noon' })],
    ['of more than a minute ahead', price('BTC', 77_705, START_MS + 61_000)],
    [
      'older than the first block',
      price('BTC', 77_705, Date.UTC(2008, 11, 31), { stale_after_s: 1e9 }),
    ],
    ['of a coin that none can be', price('b t c', 77_705, START_MS)],
    ['a dominance above the whole', market({ btc_dominance: 100.1 }, START_MS)],
  ])('does not sample what is %s', (_name, patch) => {
    broker.change(patch);
    sampler.flush();
    expect(told).toEqual([]);
  });

  test('samples what is a minute ahead, and what is as old as may be', () => {
    broker.change(price('BTC', 1, START_MS + 60_000));
    broker.change(price('ETH', 2, START_MS - 60_000));
    sampler.flush();
    expect(valuesOf('coin:BTC', 60)).toEqual([[Math.floor((START_S + 60) / 60) * 60, 1]]);
    expect(valuesOf('coin:ETH', 60)).toEqual([[Math.floor((START_S - 60) / 60) * 60, 2]]);
  });

  test('samples the document that is held when it begins', () => {
    sampler.close();
    broker.change(price('BTC', 77_705, START_MS));
    sampler = createSampler({ clock, broker, rows: kept });
    sampler.flush();
    expect(valuesOf('coin:BTC', 3600)).toHaveLength(1);
  });

  test('writes every five seconds, what came since in one transaction, and nothing without news', () => {
    for (let second = 0; second < 5; second++) {
      broker.change(price('BTC', 77_705 + second, START_MS + second * 1000));
      broker.change(price('ETH', 2800 + second, START_MS + second * 1000));
      clock.advance(999);
      expect(told).toEqual([]);
    }
    clock.advance(5);
    expect(told).toHaveLength(1);
    expect(told[0]).toHaveLength(2 * TIERS.length);
    expect(clock.pending()).toBe(0);
    broker.change({ simulated: true });
    expect(clock.pending()).toBe(0);
    broker.change(price('ETH', 2900, START_MS + 6000));
    expect(clock.pending()).toBe(1);
    clock.advance(5000);
    expect(told).toHaveLength(2);
    expect(told[1]?.every(({ series }) => series === 'coin:ETH')).toBe(true);
  });

  test('joins samples that come in any order as the store does', () => {
    broker.change(price('BTC', 3, START_MS + 2000));
    broker.change(price('BTC', 9, START_MS + 1000));
    broker.change(price('BTC', 2, START_MS + 2000));
    broker.change(market({ market_cap: 5 }, START_MS + 2000));
    broker.change(market({ market_cap: 7 }, START_MS + 1000));
    broker.change(market({ market_cap: 6 }, START_MS + 1000));
    sampler.flush();
    expect(all('coin:BTC').map(({ value }) => value)).toEqual([3, 3, 3, 3]);
    expect(all('market_cap').map(({ value }) => value)).toEqual([6, 6, 6, 6]);
  });

  test('joins what waits as the store joins what comes, whatever it is', () => {
    const told = fc.record({
      asOfMs: fc.integer({ min: -50, max: 50 }).map((seconds) => seconds * 1000),
      source: fc.constantFrom(...EXCHANGES),
      value: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 12 }), (all) => {
        clock.advance(DAY_MS);
        for (const { value, source, asOfMs } of all) {
          broker.change(price('BTC', value, clock.now() + asOfMs, { source }));
          broker.change(
            market({ market_cap: value, volume_24h: null }, clock.now() + asOfMs, { source }),
          );
        }
        sampler.flush(); // The same once more, each written before the next comes.
        for (const { value, source, asOfMs } of all) {
          broker.change(price('ETH', value, clock.now() + asOfMs, { source }));
          broker.change(
            market({ volume_24h: value, market_cap: null }, clock.now() + asOfMs, { source }),
          );
          sampler.flush();
        }
        expect(ofToday('coin:BTC')).toEqual(ofToday('coin:ETH'));
        expect(ofToday('market_cap')).toEqual(ofToday('volume_24h'));
      }),
      { numRuns: 50 },
    );
  });

  test('takes a price anew when another source says the same', () => {
    broker.change(price('BTC', 5, START_MS, { source: 'kraken' }));
    sampler.flush();
    broker.change(price('BTC', 5, START_MS, { source: 'coinbase' }));
    sampler.flush();
    expect(all('coin:BTC').map(({ source }) => source)).toEqual(Array(4).fill('coinbase'));
  });

  test('has nothing left to do after it was told to write', () => {
    broker.change(price('BTC', 5, START_MS));
    expect(clock.pending()).toBe(1);
    sampler.flush();
    expect(clock.pending()).toBe(0);
  });

  test('keeps the two minutes of one flush apart', () => {
    broker.change(price('BTC', 1, START_MS + 48_000));
    broker.change(price('BTC', 2, START_MS + 50_000));
    sampler.flush();
    expect(valuesOf('coin:BTC', 60).map(([, value]) => value)).toEqual([1, 2]);
    expect(valuesOf('coin:BTC', 300).map(([, value]) => value)).toEqual([2]);
  });

  test('says that it writes while it writes, and at no other time', () => {
    const heard: boolean[] = [];
    kept.watch({ samples: () => void heard.push(sampler.isWriting()), candles: () => {} });
    broker.change(price('BTC', 1, START_MS));
    expect(sampler.isWriting()).toBe(false);
    sampler.flush();
    kept.keepSamples([sample('coin:ETH', 60, 60, 2)], 'last');
    expect(heard).toEqual([true, false]);
  });

  test('writes what waits when it is closed, and listens no more', () => {
    broker.change(price('BTC', 1, START_MS));
    sampler.close();
    expect(valuesOf('coin:BTC', 60)).toHaveLength(1);
    broker.change(price('ETH', 2, START_MS));
    clock.advance(60_000);
    expect(valuesOf('coin:ETH', 60)).toEqual([]);
    expect(broker.listeners()).toBe(0);
  });

  test('holds no more than it may: series beyond any configuration are not followed', () => {
    for (let at = 0; at < 150; at++) broker.change(price(`C${at}`, 1, START_MS));
    sampler.flush();
    expect(kept.series()).toHaveLength(100);
  });

  test('writes early when a great many minutes come at once', () => {
    for (let at = 0; at < 1000; at++) {
      broker.change(price('BTC', 1, START_MS - at * 60_000, { stale_after_s: 90_000 }));
    }
    expect(told).toHaveLength(1);
  });

  test('prints what a version costs that changes one coin of fifty', () => {
    const coins = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`C${at}`, 100 + at] as const),
    );
    for (const [symbol, value] of Object.entries(coins))
      broker.change(price(symbol, value, START_MS));
    const versions = Array.from({ length: 400 }, (_, at) =>
      broker.change(price('C7', 200 + at, START_MS)),
    );
    let listener: Parameters<TestBroker['subscribe']>[0] = () => {};
    const quiet: Pick<TestBroker, 'held' | 'subscribe'> = {
      held: broker.held,
      subscribe(heard) {
        listener = heard;
        return () => {};
      },
    };
    const other = createSampler({ clock, broker: quiet, rows: kept });
    const before = performance.now();
    for (const version of versions) listener({ type: 'version', version, consecutive: true });
    const eachUs = ((performance.now() - before) * 1000) / versions.length;
    process.stdout.write(`sampling one change among 50 coins: ${eachUs.toFixed(1)} µs a version\n`);
    other.close();
    expect(valuesOf('coin:C7', 60).map(([, value]) => value)).toEqual([599]);
  });
});
