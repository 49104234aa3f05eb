import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type HistoryRange, type SourceId, toWire, toWireTime } from '../../contract/index.ts';
import { NOTHING_READ } from '../broker/test-broker.ts';
import { rsi } from '../indicators/rsi.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { windowOf } from './points.ts';
import { type RsiDocument, rsiPoints } from './rsi-points.ts';
import {
  ASIDE,
  BINANCE,
  COINBASE,
  candle,
  type KeptRows,
  KRAKEN,
  openKeptRows,
} from './test-kept-rows.ts';

const HOUR = 3600;
const DAY = 86_400;
const TODAY = 20_000 * DAY;
/** 14:37:21 of a day. */
const NOW = TODAY + 14 * HOUR + 37 * 60 + 21;

/** A close of a day or an hour that goes up and down, and of no two exchanges the same. */
const closeAt = (time: number, source: SourceId) =>
  1000 + 100 * Math.sin(time / DAY) + 30 * Math.sin((7 * time) / DAY) + source.length;

const documentWith = (rsi_14: number | null, source: SourceId | null, asOfS: number | null) =>
  ({
    rsi_14,
    sources: {},
    freshness: {
      ...NOTHING_READ.freshness,
      rsi_14: {
        source,
        as_of: asOfS === null ? null : toWireTime(asOfS * 1000),
        state: 'live',
        stale_after_s: 60,
      },
    },
  }) satisfies RsiDocument;

const UNKNOWN = documentWith(null, null, null);

describe('points of the RSI', () => {
  let kept: KeptRows;
  beforeEach(() => {
    kept = openKeptRows();
  });
  afterEach(() => kept.close());

  const points = (range: HistoryRange, document: RsiDocument = UNKNOWN) =>
    rsiPoints(kept, windowOf(range, NOW), document);
  const daysBefore = (until: number, count: number, source: SourceId): CandleRow[] =>
    Array.from({ length: count }, (_, at) => {
      const time = until - (count - at) * DAY;
      return candle(DAY, time, closeAt(time, source), { source });
    });
  const expected = (until: number, count: number, source: SourceId, close: number) =>
    toWire(rsi([...daysBefore(until, count, source).map((day) => day.close), close]) ?? Number.NaN);

  test('are the closes of the days before, and the price of that moment', () => {
    kept.keepCandles([
      ...daysBefore(TODAY, 120, BINANCE),
      candle(HOUR, TODAY - HOUR, 1010),
      candle(HOUR, TODAY, 990),
      candle(HOUR, TODAY + HOUR, 1050),
    ]);
    expect(points('7d')).toEqual([
      {
        time: TODAY - HOUR,
        values: [expected(TODAY - DAY, 119, BINANCE, 1010)],
        sources: [BINANCE],
        asOfS: TODAY,
      },
      {
        time: TODAY,
        values: [expected(TODAY, 120, BINANCE, 990)],
        sources: [BINANCE],
        asOfS: TODAY + HOUR,
      },
      {
        time: TODAY + HOUR,
        values: [expected(TODAY, 120, BINANCE, 1050)],
        sources: [BINANCE],
        asOfS: TODAY + 2 * HOUR,
      },
    ]);
  });

  test('of a year are those of the daily closes, the open day with its last price', () => {
    kept.keepCandles([
      ...daysBefore(TODAY, 130, BINANCE),
      candle(DAY, TODAY, 1077, { asOfS: NOW - 30 }),
    ]);
    const year = points('1y');
    expect(year.map(({ time }) => time)).toEqual(
      Array.from({ length: 31 }, (_, at) => TODAY - (30 - at) * DAY),
    );
    expect(year.map(({ values }) => values[0])).toEqual([
      ...Array.from({ length: 30 }, (_, at) => {
        const day = TODAY - (30 - at) * DAY;
        return expected(day, 100 + at, BINANCE, closeAt(day, BINANCE));
      }),
      expected(TODAY, 130, BINANCE, 1077),
    ]);
    expect(year.at(-1)?.asOfS).toBe(NOW - 30);
  });

  test('are of an exchange that is set aside only where no other has them, the document’s too', () => {
    kept.keepCandles([
      ...[BINANCE, KRAKEN].flatMap((source) => daysBefore(TODAY, 120, source)),
      candle(HOUR, TODAY, 990, { source: BINANCE }),
      candle(HOUR, TODAY + HOUR, 990, { source: BINANCE }),
      candle(HOUR, TODAY + HOUR, 991, { source: KRAKEN, asOfS: TODAY + HOUR + 60 }),
    ]);
    const shown = documentWith(null, BINANCE, null);
    const sources = (document: RsiDocument) => points('7d', document).map((point) => point.sources);
    expect(sources(shown)).toEqual([[BINANCE], [BINANCE]]);
    expect(sources({ ...shown, sources: { [BINANCE]: ASIDE } })).toEqual([[BINANCE], [KRAKEN]]);
  });

  test('of four hours are those of the last hour there is', () => {
    kept.keepCandles([
      ...daysBefore(TODAY, 100, BINANCE),
      candle(HOUR, TODAY, 990),
      candle(HOUR, TODAY + 2 * HOUR, 1011),
    ]);
    expect(points('30d').map(({ time, values }) => [time, values[0]])).toEqual([
      [TODAY, expected(TODAY, 100, BINANCE, 1011)],
    ]);
  });

  test('need a hundred closed days in a row', () => {
    const hour = candle(HOUR, TODAY, 990);
    kept.keepCandles([...daysBefore(TODAY, 99, BINANCE), hour]);
    expect(points('7d')).toEqual([]);
    kept.keepCandles(daysBefore(TODAY - 100 * DAY, 50, BINANCE));
    expect(points('7d')).toEqual([]);
    const gap = TODAY - 100 * DAY;
    kept.keepCandles([candle(DAY, gap, closeAt(gap, BINANCE), { asOfS: gap + DAY - 1 })]);
    expect(points('7d')).toEqual([]);
    kept.keepCandles([candle(DAY, gap, closeAt(gap, BINANCE))]);
    expect(points('7d').map(({ values }) => values[0])).toEqual([
      expected(TODAY, 150, BINANCE, 990),
    ]);
  });

  test('take a day that nobody was asked for from its hours', () => {
    kept.keepCandles([
      ...daysBefore(TODAY - DAY, 110, BINANCE),
      ...Array.from({ length: 24 }, (_, at) => candle(HOUR, TODAY - DAY + at * HOUR, 1000 + at)),
      candle(HOUR, TODAY, 990),
    ]);
    const closes = daysBefore(TODAY - DAY, 110, BINANCE).map(({ close }) => close);
    expect(points('7d').at(-1)?.values).toEqual([toWire(rsi([...closes, 1023, 990]) ?? NaN)]);
  });

  test('take a day from its hours that lie before the range, too', () => {
    const day = TODAY - 20 * DAY;
    kept.keepCandles([
      ...daysBefore(TODAY, 120, BINANCE).filter(({ time }) => time !== day),
      ...Array.from({ length: 24 }, (_, at) => candle(HOUR, day + at * HOUR, 1000 + at)),
      candle(HOUR, TODAY, 990),
    ]);
    const closes = daysBefore(TODAY, 120, BINANCE).map(({ time, close }) =>
      time === day ? 1023 : close,
    );
    expect(points('7d').at(-1)?.values).toEqual([toWire(rsi([...closes, 990]) ?? NaN)]);
  });

  test('are of the document’s exchange first, then of the preferred one that knows, each for itself', () => {
    kept.keepCandles([
      ...daysBefore(TODAY, 120, BINANCE),
      ...daysBefore(TODAY, 120, COINBASE),
      ...daysBefore(TODAY, 120, KRAKEN),
      candle(HOUR, TODAY, 991, { source: BINANCE }),
      candle(HOUR, TODAY, 992, { source: COINBASE }),
      candle(HOUR, TODAY, 993, { source: KRAKEN }),
      candle(HOUR, TODAY + HOUR, 994, { source: COINBASE }),
      candle(HOUR, TODAY + HOUR, 995, { source: BINANCE }),
    ]);
    const whose = (document: RsiDocument) =>
      points('7d', document).map(({ values, sources }) => [sources[0], values[0]]);
    const binance = [BINANCE, expected(TODAY, 120, BINANCE, 995)];
    expect(whose(UNKNOWN)).toEqual([[BINANCE, expected(TODAY, 120, BINANCE, 991)], binance]);
    expect(whose(documentWith(null, KRAKEN, null))).toEqual([
      [KRAKEN, expected(TODAY, 120, KRAKEN, 993)],
      binance,
    ]);
    expect(whose(documentWith(null, 'taapi', null))).toEqual(whose(UNKNOWN));
  });

  test('end with the document’s own, and nothing comes after it', () => {
    kept.keepCandles([
      ...daysBefore(TODAY, 120, BINANCE),
      ...Array.from({ length: 14 }, (_, at) => candle(HOUR, TODAY + at * HOUR, 1000 + at)),
    ]);
    expect(points('7d')).toHaveLength(14);
    const asOfS = TODAY + 12 * HOUR + 100;
    const ended = points('7d', documentWith(33.45, 'taapi', asOfS));
    expect(ended.map(({ time }) => time)).toEqual(
      Array.from({ length: 13 }, (_, at) => TODAY + at * HOUR),
    );
    expect(ended.at(-1)).toEqual({
      ...{ time: TODAY + 12 * HOUR, values: [33.45] },
      ...{ sources: ['taapi'], asOfS },
    });
    expect(ended.slice(0, -1)).toEqual(points('7d').slice(0, 12));
  });

  test('are the document’s alone while nothing else is known', () => {
    const [point, ...others] = points('24h', documentWith(33.45, BINANCE, NOW - 5));
    expect(point?.values).toEqual([33.45]);
    expect(point?.time).toBe(TODAY + 14 * HOUR + 35 * 60);
    expect(others).toEqual([]);
  });

  test('end in the open interval where the document’s time is a little ahead', () => {
    const end = TODAY + 14 * HOUR + 40 * 60;
    const window = windowOf('24h', end - 10);
    const [point] = rsiPoints(kept, window, documentWith(33.45, BINANCE, end + 20));
    expect(point?.time).toBe(end - 300);
  });

  test('go by themselves where the document’s is of the future or of nobody', () => {
    kept.keepCandles([...daysBefore(TODAY, 120, BINANCE), candle(HOUR, TODAY, 990)]);
    const alone = points('7d');
    expect(alone).toHaveLength(1);
    expect(points('7d', documentWith(33.45, BINANCE, NOW + 61))).toEqual(alone);
    expect(points('7d', documentWith(33.45, null, NOW))).toEqual(alone);
    expect(points('7d', documentWith(33.45, BINANCE, null))).toEqual(alone);
  });

  test('go by themselves where the document’s is older than the range', () => {
    kept.keepCandles([...daysBefore(TODAY, 120, BINANCE), candle(HOUR, TODAY, 990)]);
    const alone = points('7d');
    expect(alone).toHaveLength(1);
    expect(points('7d', documentWith(33.45, BINANCE, NOW - 8 * DAY))).toEqual(alone);
    const { fromS } = windowOf('7d', NOW);
    expect(points('7d', documentWith(33.45, BINANCE, fromS - 1))).toEqual(alone);
    expect(points('7d', documentWith(33.45, BINANCE, fromS))).toMatchObject([{ time: fromS }]);
  });
});
