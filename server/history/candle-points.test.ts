import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { HistoryRange } from '../../contract/index.ts';
import { NOTHING_READ } from '../broker/test-broker.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { candlePoints } from './candle-points.ts';
import type { Trusted } from './candles.ts';
import { windowOf } from './points.ts';
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
const OPEN_HOUR = TODAY + 14 * HOUR;

describe('candles of a range', () => {
  let kept: KeptRows;
  let document: Trusted = NOTHING_READ;
  beforeEach(() => {
    kept = openKeptRows();
    document = NOTHING_READ;
  });
  afterEach(() => kept.close());

  const keep = (...rows: CandleRow[]) => kept.keepCandles(rows);
  const points = (range: HistoryRange, nowS = NOW) =>
    candlePoints(kept, windowOf(range, nowS), document);
  /** By time: whose, its close, and up to when it is known. */
  const closes = (range: HistoryRange, nowS = NOW) =>
    points(range, nowS).map(({ time, values, sources, asOfS }) => [
      time,
      sources[0],
      values[3],
      asOfS,
    ]);

  test('are of the preferred exchange that has them to their end', () => {
    const closed = OPEN_HOUR - HOUR;
    keep(
      candle(HOUR, closed, 1, { source: KRAKEN }),
      candle(HOUR, closed, 2, { source: COINBASE }),
      candle(HOUR, closed, 3, { source: BINANCE, asOfS: closed + 3599 }),
    );
    expect(closes('7d')).toEqual([[closed, COINBASE, 2, OPEN_HOUR]]);
    keep(candle(HOUR, closed, 4, { source: BINANCE }));
    expect(closes('7d')).toEqual([[closed, BINANCE, 4, OPEN_HOUR]]);
  });

  test('are of the exchange that is known furthest where none has them to their end', () => {
    keep(
      candle(HOUR, OPEN_HOUR, 1, { source: BINANCE, asOfS: OPEN_HOUR + 600 }),
      candle(HOUR, OPEN_HOUR, 2, { source: COINBASE, asOfS: OPEN_HOUR + 900 }),
      candle(HOUR, OPEN_HOUR, 3, { source: KRAKEN, asOfS: OPEN_HOUR + 900 }),
    );
    expect(closes('7d')).toEqual([[OPEN_HOUR, COINBASE, 2, OPEN_HOUR + 900]]);
  });

  test('are of an exchange that is set aside only where no other has them, or to their end', () => {
    const [both, partial] = [OPEN_HOUR - HOUR, OPEN_HOUR - 2 * HOUR];
    const alone = OPEN_HOUR - 3 * HOUR;
    keep(
      candle(HOUR, OPEN_HOUR, 1, { source: BINANCE, asOfS: OPEN_HOUR + 900 }),
      candle(HOUR, OPEN_HOUR, 2, { source: KRAKEN, asOfS: OPEN_HOUR + 600 }),
      candle(HOUR, both, 1, { source: BINANCE }),
      // Made to its end of finer ones: as good as given.
      ...Array.from({ length: 12 }, (_, at) => candle(300, both + at * 300, 2, { source: KRAKEN })),
      candle(HOUR, partial, 1, { source: BINANCE }),
      candle(HOUR, partial, 2, { source: KRAKEN, asOfS: partial + 60 }),
      candle(HOUR, alone, 1, { source: BINANCE, asOfS: alone + 60 }),
    );
    const sources = () => closes('7d').map(([, source]) => source);
    expect(sources()).toEqual([BINANCE, BINANCE, BINANCE, BINANCE]);
    document = { sources: { [BINANCE]: ASIDE } };
    expect(sources()).toEqual([BINANCE, BINANCE, KRAKEN, KRAKEN]);
  });

  test('say open, high, low, close and volume in this order', () => {
    keep(candle(DAY, TODAY - DAY, 4, { open: 3, high: 9, low: 1, volume: 77 }));
    expect(points('1y')).toEqual([
      { time: TODAY - DAY, values: [3, 9, 1, 4, 77], sources: [BINANCE], asOfS: TODAY },
    ]);
  });

  test('are made of finer ones where those reach further, down to the minute', () => {
    const [past, minutes] = [OPEN_HOUR - HOUR, OPEN_HOUR + 1800];
    keep(
      // Today as it was at one o'clock, and hours that followed.
      candle(DAY, TODAY, 50, { open: 10, high: 60, low: 5, asOfS: TODAY + HOUR }),
      candle(HOUR, TODAY, 20, { open: 10, high: 21, low: 9, volume: 2 }),
      ...Array.from({ length: 12 }, (_, at) =>
        candle(HOUR, TODAY + (at + 1) * HOUR, 30 + at, { high: 70 + at, volume: 3 }),
      ),
      // The last hour that is over was open when it was asked for; its five minutes are complete.
      candle(HOUR, past, 1, { asOfS: past + 5 }),
      ...Array.from({ length: 12 }, (_, at) => candle(300, past + at * 300, 60 + at)),
      // The open hour has five minutes, then minutes, of which the last is open.
      ...Array.from({ length: 6 }, (_, at) => candle(300, OPEN_HOUR + at * 300, 80 + at)),
      ...Array.from({ length: 7 }, (_, at) => candle(60, minutes + at * 60, 90 + at, { low: 4 })),
      candle(60, minutes + 420, 99, { volume: 0.5, asOfS: NOW }),
    );
    expect(closes('7d').slice(-2)).toEqual([
      [past, BINANCE, 71, OPEN_HOUR],
      [OPEN_HOUR, BINANCE, 99, NOW],
    ]);
    expect(closes('24h').slice(-2)).toEqual([
      [minutes, BINANCE, 94, minutes + 300],
      [minutes + 300, BINANCE, 99, NOW],
    ]);
    const volume = 2 + 12 * 3 + 12 + 6 + 7 + 0.5;
    expect(points('1y')).toEqual([
      { time: TODAY, values: [10, 99, 4, 99, volume], sources: [BINANCE], asOfS: NOW },
    ]);
  });

  test('are complete from the first second after midnight though nobody asked for the day', () => {
    keep(...Array.from({ length: 24 }, (_, hour) => candle(HOUR, TODAY + hour * HOUR, hour + 1)));
    expect(closes('1y', TODAY + DAY + 1)).toEqual([[TODAY, BINANCE, 24, TODAY + DAY]]);
    keep(candle(DAY, TODAY, 5, { source: COINBASE, asOfS: TODAY + 3 * HOUR }));
    expect(closes('1y', TODAY + DAY + 1)).toEqual([[TODAY, BINANCE, 24, TODAY + DAY]]);
  });

  test('are not made where an exchange gave a complete one', () => {
    keep(...Array.from({ length: 24 }, (_, hour) => candle(HOUR, TODAY + hour * HOUR, hour + 1)));
    keep(candle(DAY, TODAY, 5, { source: KRAKEN }));
    expect(closes('1y', TODAY + DAY + 1)).toEqual([[TODAY, KRAKEN, 5, TODAY + DAY]]);
  });

  test('are made of finer ones up to the first gap, and of none without the first', () => {
    const at = (minute: number) => OPEN_HOUR + minute * 60;
    keep(candle(300, at(0), 1), candle(300, at(5), 2), candle(300, at(15), 4));
    expect(closes('7d')).toEqual([[OPEN_HOUR, BINANCE, 2, at(10)]]);
    keep(candle(300, at(10), 3, { asOfS: at(12) }));
    expect(closes('7d')).toEqual([[OPEN_HOUR, BINANCE, 3, at(12)]]);
    const past = OPEN_HOUR - HOUR;
    keep(candle(300, past + 300, 1, { source: KRAKEN }));
    expect(closes('7d')).toHaveLength(1);
    keep(candle(HOUR, past, 7, { source: KRAKEN, asOfS: past + 60 }));
    expect(closes('7d')[0]).toEqual([past, KRAKEN, 7, past + 60]);
  });

  test('are as they were given where finer ones reach less far', () => {
    keep(
      candle(HOUR, OPEN_HOUR, 7, { asOfS: OPEN_HOUR + 1200 }),
      candle(300, OPEN_HOUR, 1),
      candle(300, OPEN_HOUR + 300, 2),
    );
    expect(closes('7d')).toEqual([[OPEN_HOUR, BINANCE, 7, OPEN_HOUR + 1200]]);
  });

  test('are never made of two exchanges', () => {
    keep(
      candle(300, OPEN_HOUR, 1, { source: BINANCE }),
      candle(300, OPEN_HOUR + 300, 2, { source: COINBASE }),
      candle(HOUR, OPEN_HOUR, 3, { source: COINBASE, asOfS: OPEN_HOUR + 200 }),
    );
    expect(closes('7d')).toEqual([[OPEN_HOUR, BINANCE, 1, OPEN_HOUR + 300]]);
  });

  describe('of four hours', () => {
    const hour = (time: number, source: CandleRow['source'], close: number, asOfS = time + HOUR) =>
      candle(HOUR, time, close, { source, high: close + 2, low: close - 1, volume: 10, asOfS });

    test('are made of hours, of the exchange whose reach furthest, of the preferred one if as far', () => {
      const [first, second] = [TODAY, TODAY + 4 * HOUR];
      keep(
        ...[0, 1, 2].map((at) => hour(first + at * HOUR, BINANCE, 1 + at)),
        ...[11, 19, 12, 13].map((close, at) => hour(first + at * HOUR, KRAKEN, close)),
        hour(second, COINBASE, 21),
        hour(second, KRAKEN, 31),
      );
      expect(points('30d')).toEqual([
        {
          time: first,
          values: [11, 21, 10, 13, 40],
          sources: [KRAKEN],
          asOfS: first + 4 * HOUR,
        },
        { time: second, values: [21, 23, 20, 21, 10], sources: [COINBASE], asOfS: second + HOUR },
      ]);
    });

    test('end at the first hour that is missing, and are none without the first', () => {
      keep(
        hour(TODAY, BINANCE, 1),
        hour(TODAY + HOUR, BINANCE, 2),
        hour(TODAY + 3 * HOUR, BINANCE, 4),
        // As many hours of another exchange, which say nothing of the beginning.
        ...[1, 2, 3].map((at) => hour(TODAY + at * HOUR, KRAKEN, 10 + at)),
        ...[5, 6, 7].map((at) => hour(TODAY + at * HOUR, COINBASE, 20 + at)),
      );
      expect(closes('30d')).toEqual([[TODAY, BINANCE, 2, TODAY + 2 * HOUR]]);
    });

    test('end with an hour that is not known to its end, however much comes after it', () => {
      keep(
        hour(TODAY, BINANCE, 1),
        hour(TODAY + HOUR, BINANCE, 2, TODAY + HOUR + 600),
        hour(TODAY + 2 * HOUR, BINANCE, 3),
      );
      expect(closes('30d')).toEqual([[TODAY, BINANCE, 2, TODAY + HOUR + 600]]);
    });

    test('that are open go as far as the finest candle', () => {
      const open = TODAY + 12 * HOUR;
      keep(
        hour(open, BINANCE, 1),
        hour(open + HOUR, BINANCE, 2),
        candle(300, OPEN_HOUR, 5),
        candle(60, OPEN_HOUR + 300, 6, { asOfS: OPEN_HOUR + 330 }),
      );
      expect(closes('30d')).toEqual([[open, BINANCE, 6, OPEN_HOUR + 330]]);
    });
  });

  test('are none of the future', () => {
    keep(
      candle(HOUR, OPEN_HOUR + HOUR, 1),
      candle(HOUR, OPEN_HOUR, 2, { asOfS: NOW + 61 }),
      candle(300, OPEN_HOUR, 3, { asOfS: OPEN_HOUR + 300 }),
    );
    expect(closes('7d')).toEqual([[OPEN_HOUR, BINANCE, 3, OPEN_HOUR + 300]]);
  });

  test('are of exchanges alone', () => {
    keep(candle(HOUR, OPEN_HOUR - HOUR, 1, { source: 'coingecko' }));
    expect(closes('7d')).toEqual([]);
  });
});
