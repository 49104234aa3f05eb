import { describe, expect, test } from 'bun:test';
import { EXCHANGES, type SourceId } from '../../contract/index.ts';
import type { CandleAnswer, PastCandle } from './past.ts';
import { pastRows } from './past-rows.ts';
import { openKeptRows } from './test-kept-rows.ts';

const DAY = Date.UTC(2026, 10, 23) / 1000;

const candle = (time: number, more: Partial<PastCandle> = {}): PastCandle => ({
  ...{ time, open: 10, high: 12, low: 9, close: 11, volume: 1 },
  ...more,
});

/** Of BTC by the minute, answered long after its end. */
const answer = (more: Partial<CandleAnswer>): CandleAnswer => ({
  ...{ kind: 'candles', source: 'binance', symbol: 'BTC', intervalS: 60 },
  ...{ fromS: DAY, toS: DAY + 600, receivedAtS: DAY + 86_400 * 3, candles: [] },
  ...more,
});

const minutes = (fromS: number, count: number): PastCandle[] =>
  Array.from({ length: count }, (_, n) =>
    candle(fromS + n * 60, {
      open: 100 + n,
      close: 101 + n,
      high: 130 - n,
      low: 90 + n,
      volume: n,
    }),
  );

const candlesOf = (more: Partial<CandleAnswer>, intervalS: number) =>
  pastRows(answer(more)).candles.filter((row) => row.intervalS === intervalS);
const samplesOf = (more: Partial<CandleAnswer>) =>
  pastRows(answer(more)).samples.map(({ intervalS, time, value, asOfS }) => [
    intervalS,
    time - DAY,
    value,
    asOfS - DAY,
  ]);

describe('minutes of BTC', () => {
  test('are kept as they are, and built into five: open of the first, close of the last, extremes, sum', () => {
    const candles = minutes(DAY, 10);
    expect(candlesOf({ candles }, 60)).toHaveLength(10);
    expect(candlesOf({ candles }, 300)).toEqual([
      {
        ...{ intervalS: 300, time: DAY, source: 'binance', asOfS: DAY + 300 },
        ...{ open: 100, high: 130, low: 90, close: 105, volume: 10 },
      },
      {
        ...{ intervalS: 300, time: DAY + 300, source: 'binance', asOfS: DAY + 600 },
        ...{ open: 105, high: 125, low: 95, close: 110, volume: 35 },
      },
    ]);
  });

  test('build no five that lie partly outside of the page', () => {
    const page = { fromS: DAY + 60, toS: DAY + 720 };
    const candles = minutes(DAY + 60, 11);
    expect(candlesOf({ ...page, candles }, 300).map(({ time }) => time - DAY)).toEqual([300]);
    expect(candlesOf({ ...page, candles }, 60)).toHaveLength(11);
  });

  test('build the five that are open as far as they go, and say so', () => {
    const receivedAtS = DAY + 440;
    const page = { toS: DAY + 480, receivedAtS, candles: minutes(DAY, 8) };
    expect(candlesOf(page, 300).map(({ asOfS }) => asOfS - DAY)).toEqual([300, 440]);
    expect(candlesOf(page, 60).at(-1)?.asOfS).toBe(receivedAtS);
    // A page that ends before now says nothing of what came after it.
    expect(candlesOf({ ...page, toS: DAY + 420 }, 300)).toHaveLength(1);
  });

  test('may be missing: five with a trade in some are built of those, five without any are not', () => {
    const candles = minutes(DAY, 10).filter((_, n) => n === 1 || n === 3);
    expect(candlesOf({ candles }, 300)).toMatchObject([{ time: DAY, open: 101, close: 104 }]);
  });
});

describe('the newest candle of a page, read while our clock is ahead,', () => {
  test('is an open one of its beginning, whatever our clock says; those before it are closed', () => {
    // It is 00:07 to the exchange and 00:15 to us.
    const page = { toS: DAY + 960, receivedAtS: DAY + 900, candles: minutes(DAY, 8) };
    expect(candlesOf(page, 60).map(({ asOfS }) => asOfS - DAY)).toEqual([
      ...[60, 120, 180, 240, 300, 360, 420, 420],
    ]);
    expect(candlesOf(page, 300).map(({ asOfS }) => asOfS - DAY)).toEqual([300, 300]);
    const older = { ...page, toS: DAY + 600 };
    expect(candlesOf(older, 60).at(-1)?.asOfS).toBe(DAY + 420);
    expect(candlesOf(older, 300).at(-1)?.asOfS).toBe(DAY + 300);
  });

  test('is open until it was read, where that lies inside of it', () => {
    const page = { toS: DAY + 480, receivedAtS: DAY + 450, candles: minutes(DAY, 7) };
    expect(candlesOf(page, 60).at(-1)?.asOfS).toBe(DAY + 360);
    expect(candlesOf(page, 300).at(-1)?.asOfS).toBe(DAY + 450);
  });

  test('gives way, as a price, to whatever is read later of its interval', () => {
    const page = { symbol: 'ETH', intervalS: 3600, fromS: DAY, toS: DAY + 7200 };
    const ahead = pastRows(answer({ ...page, receivedAtS: DAY + 3700, candles: [candle(DAY)] }));
    const later = answer({
      ...page,
      receivedAtS: DAY + 700,
      candles: [candle(DAY, { close: 10 })],
    });
    const kept = openKeptRows();
    kept.keepSamples(pastRows(later).samples, 'last');
    kept.keepSamples(ahead.samples, 'last');
    const span = { series: 'coin:ETH', intervalS: 3600, fromS: DAY, toS: DAY + 3600 };
    expect(kept.samples(span)).toMatchObject([{ value: 10, asOfS: DAY + 700 }]);
    kept.close();
  });

  test('is closed where the page ends with it, before now', () => {
    const page = { toS: DAY + 480, receivedAtS: DAY + 900, candles: minutes(DAY, 8) };
    expect(candlesOf(page, 60).at(-1)?.asOfS).toBe(DAY + 480);
  });
});

describe('candles', () => {
  test.each([300, 3600, 86_400])('of %p s are kept as they are', (intervalS) => {
    const page = { intervalS, toS: DAY + intervalS, candles: [candle(DAY)] };
    const rows = pastRows(answer(page)).candles;
    expect(rows).toEqual([
      { ...candle(DAY), intervalS, source: 'binance', asOfS: DAY + intervalS },
    ]);
  });

  test('of other coins are prices alone', () => {
    const { candles, samples, keeps } = pastRows(
      answer({ symbol: 'ETH', candles: minutes(DAY, 5) }),
    );
    expect(candles).toEqual([]);
    expect(keeps).toBe('last');
    expect(new Set(samples.map(({ series }) => series))).toEqual(new Set(['coin:ETH']));
  });

  test('are prices at their close, in the interval that they are of and in those it lies in', () => {
    expect(samplesOf({ toS: DAY + 360, candles: minutes(DAY + 240, 2) })).toEqual([
      [60, 240, 101, 300],
      [300, 0, 101, 300],
      [3600, 0, 102, 360],
      [86_400, 0, 102, 360],
      [60, 300, 102, 360],
      [300, 300, 102, 360],
    ]);
    const hour = { intervalS: 3600, fromS: DAY, toS: DAY + 7200 };
    expect(samplesOf({ ...hour, candles: [candle(DAY + 3600)] })).toEqual([
      [3600, 3600, 11, 7200],
      [86_400, 0, 11, 7200],
    ]);
    const day = { intervalS: 86_400, toS: DAY + 86_400 };
    expect(samplesOf({ ...day, candles: [candle(DAY)] })).toEqual([[86_400, 0, 11, 86_400]]);
  });

  test('of several exchanges give the price of the preferred one, whoever tells it last', () => {
    const close = (source: SourceId, at: number) =>
      pastRows(answer({ source, candles: [candle(DAY, { close: 10 + at / 4 })] })).samples;
    const closes = EXCHANGES.map(close);
    const orders = [closes, closes.toReversed(), [...closes.slice(1), ...closes.slice(0, 1)]];
    for (const order of orders) {
      const kept = openKeptRows();
      for (const samples of order) kept.keepSamples(samples, 'last');
      for (const intervalS of [60, 300, 3600, 86_400]) {
        const span = { series: 'coin:BTC', intervalS, fromS: 0, toS: DAY + 86_400 };
        expect(kept.samples(span)).toMatchObject([{ source: 'binance', value: 10 }]);
      }
      kept.close();
    }
  });

  test('that are open are prices of their receipt', () => {
    const page = {
      intervalS: 3600,
      toS: DAY + 3600,
      receivedAtS: DAY + 100,
      candles: [candle(DAY)],
    };
    expect(samplesOf(page)).toEqual([
      [3600, 0, 11, 100],
      [86_400, 0, 11, 100],
    ]);
  });

  test.each<[string, PastCandle]>([
    ['before the page', candle(DAY - 60)],
    ['after it', candle(DAY + 600)],
    ['between two minutes', candle(DAY + 30)],
    ['with a price of 0', candle(DAY, { low: 0 })],
    ['with a price that is no number', candle(DAY, { open: Number.NaN })],
    ['with a price beyond all that things cost', candle(DAY, { high: 1e10 })],
    ['with a high below its close', candle(DAY, { high: 10.9 })],
    ['with a low above its open', candle(DAY, { low: 10.1 })],
    ['with a negative volume', candle(DAY, { volume: -1 })],
    ['with a volume beyond all that is traded', candle(DAY, { volume: 1e19 })],
    ['with an endless volume', candle(DAY, { volume: Number.POSITIVE_INFINITY })],
  ])('%s are left out', (_name, wrong) => {
    expect(pastRows(answer({ candles: [wrong] }))).toEqual({
      samples: [],
      keeps: 'last',
      candles: [],
    });
  });

  test('of a time to come are left out', () => {
    const page = { receivedAtS: DAY + 59, candles: [candle(DAY), candle(DAY + 60)] };
    expect(candlesOf(page, 60).map(({ time }) => time)).toEqual([DAY]);
  });
});

describe('days of the index', () => {
  test('are a row each, at their stamp, the first that was read being kept', () => {
    const days = [
      { time: DAY - 86_400, value: 20 },
      { time: DAY, value: 0 },
    ];
    const { samples, keeps } = pastRows({ kind: 'fng', source: 'alternative_me', days });
    expect(keeps).toBe('first');
    expect(samples).toEqual(
      days.map(({ time, value }) => ({
        ...{ series: 'fng', intervalS: 86_400, time, value },
        ...{ source: 'alternative_me' as const, asOfS: time },
      })),
    );
  });

  test.each([-1, 101, 20.5, Number.NaN])('with a value of %p are left out', (value) => {
    const { samples } = pastRows({
      kind: 'fng',
      source: 'alternative_me',
      days: [{ time: DAY, value }],
    });
    expect(samples).toEqual([]);
  });

  test.each([DAY + 0.5, -86_400, 0, Number.NaN])('of the moment %p are left out', (time) => {
    const days = [{ time, value: 20 }];
    expect(pastRows({ kind: 'fng', source: 'alternative_me', days }).samples).toEqual([]);
  });
});
