import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { coinSeries, HISTORY_SERIES, toWireTime } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { createTestBroker, type TestBroker } from '../broker/test-broker.ts';
import type { History, HistoryQuery } from './history.ts';
import { createHistory } from './renditions.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { candle, type KeptRows, openKeptRows, sample } from './test-kept-rows.ts';

const HOUR = 3600;
const START_MS = Date.UTC(2026, 10, 23, 7, 2, 10);
const START_S = START_MS / 1000;
const OPEN_HOUR = Math.floor(START_S / HOUR) * HOUR;

const WEEK_OF_BTC: HistoryQuery = { series: 'btc_price', range: '7d', format: 'json' };

describe('the history', () => {
  let kept: KeptRows;
  let clock: ManualClock;
  let broker: TestBroker;
  let sampler: Sampler;
  let history: History;
  let isFilling = false;

  beforeEach(() => {
    kept = openKeptRows();
    clock = createManualClock(START_MS);
    broker = createTestBroker(clock);
    sampler = createSampler({ clock, broker, rows: kept });
    isFilling = false;
    history = createHistory({
      ...{ clock, broker, sampler, rows: kept, coins: ['BTC', 'ETH'] },
      isFilling: () => isFilling,
    });
  });
  afterEach(() => {
    sampler.close();
    kept.close();
  });

  const quote = (value: number, asOfMs = clock.now()) =>
    broker.change({
      coins: {
        BTC: {
          ...{ price_usd: value, source: 'kraken', as_of: toWireTime(asOfMs) },
          ...{ state: 'live', stale_after_s: 60 },
        },
      },
    });
  const read = (query: HistoryQuery) => JSON.parse(history.render(query).body);

  test('has its own series and those of the configured coins', () => {
    for (const name of [...HISTORY_SERIES, 'coin:BTC', 'coin:ETH']) {
      expect([name, history.has(name)]).toEqual([name, true]);
    }
    for (const name of ['coin:SOL', 'coin:', 'BTC', 'fng_value', '', 'constructor']) {
      expect([name, history.has(name)]).toEqual([name, false]);
    }
  });

  test('answers with the wire’s own words, compact', () => {
    kept.keepSamples(
      [
        sample('coin:BTC', HOUR, OPEN_HOUR - HOUR, 77_000.5, { source: 'coingecko' }),
        sample('coin:BTC', HOUR, OPEN_HOUR, 77_705, { asOfS: START_S - 3 }),
      ],
      'last',
    );
    expect(history.render(WEEK_OF_BTC).body).toBe(
      '{"series":"btc_price","range":"7d","interval_s":3600,"source":"binance",' +
        `"sources":["binance","coingecko"],"as_of":"${toWireTime(START_MS - 3000)}",` +
        `"columns":["time","value"],"rows":[[${OPEN_HOUR - HOUR},77000.5],[${OPEN_HOUR},77705]]}`,
    );
    const other = read({ ...WEEK_OF_BTC, series: coinSeries('BTC') });
    expect(other).toEqual({ ...read(WEEK_OF_BTC), series: 'coin:BTC' });
  });

  test('answers without rows where nothing is known', () => {
    expect(read({ series: 'btc_candles', range: '1y', format: 'json' })).toEqual({
      ...{ series: 'btc_candles', range: '1y', interval_s: 86_400 },
      ...{ source: null, sources: [], as_of: null },
      columns: ['time', 'open', 'high', 'low', 'close', 'volume'],
      rows: [],
    });
  });

  test('names every coin of the sparklines, those without a price too', () => {
    kept.keepSamples([sample('coin:ETH', HOUR, OPEN_HOUR, 2800)], 'last');
    const sparklines = read({ series: 'sparklines', range: '7d', format: 'json' });
    expect(sparklines.columns).toEqual(['time', 'BTC', 'ETH']);
    expect(sparklines.rows).toEqual([[OPEN_HOUR, null, 2800]]);
    expect(sparklines.source).toBe('binance');
  });

  test('writes CSV with a line of names, numbers as JSON has them, and nothing for null', () => {
    kept.keepSamples(
      [
        sample('coin:ETH', HOUR, OPEN_HOUR, 1e-7),
        sample('coin:BTC', HOUR, OPEN_HOUR - HOUR, 77_705.25),
      ],
      'last',
    );
    expect(history.render({ series: 'sparklines', range: '7d', format: 'csv' }).body).toBe(
      `time,BTC,ETH\n${OPEN_HOUR - HOUR},77705.25,\n${OPEN_HOUR},,1e-7\n`,
    );
    expect(history.render({ series: 'fng', range: '1y', format: 'csv' }).body).toBe('time,value\n');
    kept.keepCandles([candle(HOUR, OPEN_HOUR - HOUR, 4, { open: 3, high: 9, low: 1, volume: 0 })]);
    expect(history.render({ series: 'btc_candles', range: '7d', format: 'csv' }).body).toBe(
      `time,open,high,low,close,volume\n${OPEN_HOUR - HOUR},3,9,1,4,0\n`,
    );
  });

  test('ends the RSI with the document’s', () => {
    broker.change({
      rsi_14: 33.45,
      freshness: {
        rsi_14: {
          ...{ source: 'binance', as_of: toWireTime(START_MS) },
          ...{ state: 'live', stale_after_s: 60 },
        },
      },
    });
    expect(read({ series: 'rsi_14', range: '24h', format: 'json' }).rows).toEqual([
      [Math.floor(START_S / 300) * 300, 33.45],
    ]);
  });

  test('holds what has just come, without waiting for the sampler', () => {
    quote(77_705);
    expect(read(WEEK_OF_BTC).rows).toEqual([[OPEN_HOUR, 77_705]]);
    expect(read(WEEK_OF_BTC).source).toBe('kraken');
  });

  test('is made once a minute, for everybody', () => {
    quote(77_705);
    const first = history.render(WEEK_OF_BTC);
    clock.advance(10_000);
    quote(77_800);
    clock.advance(10_000);
    expect(history.render(WEEK_OF_BTC)).toBe(first);
    clock.advance(30_000);
    expect(history.render(WEEK_OF_BTC)).not.toBe(first);
    expect(read(WEEK_OF_BTC).rows).toEqual([[OPEN_HOUR, 77_800]]);
  });

  test('stays the same object while it says the same', () => {
    quote(77_705);
    const first = history.render(WEEK_OF_BTC);
    clock.advance(120_000);
    expect(history.render(WEEK_OF_BTC)).toBe(first);
    expect(first.goodForS()).toBe(50);
  });

  test('is made anew when others than the sampler keep rows', () => {
    const empty = history.render(WEEK_OF_BTC);
    kept.keepSamples([sample('coin:BTC', HOUR, OPEN_HOUR - HOUR, 1)], 'last');
    clock.advance(2000);
    const filled = history.render(WEEK_OF_BTC);
    expect(filled).not.toBe(empty);
    quote(2);
    sampler.flush();
    expect(history.render(WEEK_OF_BTC)).toBe(filled);
    kept.keepSamples([sample('coin:BTC', HOUR, OPEN_HOUR - HOUR, 1)], 'last');
    expect(history.render(WEEK_OF_BTC)).toBe(filled);
    kept.keepCandles([candle(HOUR, OPEN_HOUR - HOUR, 3)]);
    clock.advance(2000);
    expect(read(WEEK_OF_BTC).rows).toEqual([
      [OPEN_HOUR - HOUR, 1],
      [OPEN_HOUR, 2],
    ]);
  });

  test('is made anew once in two seconds at most, however many rows are filled in', () => {
    const renditions = new Set([history.render(WEEK_OF_BTC)]);
    for (let piece = 1; piece <= 40; piece++) {
      clock.advance(100);
      kept.keepSamples([sample('coin:BTC', HOUR, OPEN_HOUR - piece * HOUR, piece)], 'last');
      const { size } = renditions.add(history.render(WEEK_OF_BTC));
      expect([piece, size]).toEqual([piece, 1 + Math.floor(piece / 20)]);
    }
    expect(read(WEEK_OF_BTC).rows).toHaveLength(40);
  });

  test('follows a wall clock that jumps, either way, and answers nothing of its future', () => {
    quote(77_705);
    const now = history.render(WEEK_OF_BTC);
    clock.setWall(START_MS - 3 * HOUR * 1000);
    expect(read(WEEK_OF_BTC).rows).toEqual([]);
    clock.setWall(START_MS + 8 * 24 * HOUR * 1000);
    expect(read(WEEK_OF_BTC).rows).toEqual([]);
    clock.setWall(START_MS);
    expect(history.render(WEEK_OF_BTC).body).toBe(now.body);
  });

  test('is good to the end of the minute, and for five seconds at most while it is filled', () => {
    const rendition = history.render(WEEK_OF_BTC);
    expect(rendition.goodForS()).toBe(50);
    clock.advance(48_700);
    expect(rendition.goodForS()).toBe(2);
    clock.advance(1299);
    expect(rendition.goodForS()).toBe(1);
    clock.advance(1);
    expect(rendition.goodForS()).toBe(60);
    isFilling = true;
    expect(rendition.goodForS()).toBe(5);
    clock.advance(57_000);
    expect(rendition.goodForS()).toBe(3);
  });
});
