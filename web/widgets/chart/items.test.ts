import { describe, expect, test } from 'bun:test';
import { candleItems, lineItems, type Row, type Span } from './items.ts';

const SPAN: Span = { fromS: 100, toS: 150, intervalS: 10 };
const rows = (...times: number[]): Row[] => times.map((time) => [time, time * 2]);
const times = (items: readonly { time: number }[]) => items.map(({ time }) => time);

describe('the points of a line', () => {
  test('have a place for each interval of the range, also for those that are missing', () => {
    const items = lineItems(rows(110, 120), SPAN, 'none');
    expect(times(items)).toEqual([100, 110, 120, 130, 140, 150]);
    expect(items.map(({ value }) => value)).toEqual([
      undefined,
      220,
      240,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('lead nowhere before a hole, and only there', () => {
    const items = lineItems(rows(100, 110, 130, 150), SPAN, 'none');
    expect(items.filter(({ color }) => color === 'none').map(({ time }) => time)).toEqual([
      110, 130,
    ]);
    // The newest has the line's own colour: it is that of the label beside it.
    expect(items.at(-1)).toEqual({ time: 150, value: 300 });
  });

  test('take a null for a hole, and a newer interval than the clock knows', () => {
    const items = lineItems(
      [
        [100, 1],
        [110, null],
        [120, 1],
        [160, 2],
      ],
      SPAN,
      'none',
    );
    expect(times(items)).toEqual([100, 110, 120, 130, 140, 150, 160]);
    expect(items[0]).toEqual({ time: 100, value: 1, color: 'none' });
    expect(items[1]).toEqual({ time: 110 });
  });

  test('are no more than a chart can have, whatever the range', () => {
    expect(lineItems([], { fromS: 0, toS: 1e12, intervalS: 1 }, 'none')).toHaveLength(1000);
  });
});

describe('candles', () => {
  test('are whole or missing', () => {
    const items = candleItems(
      [
        [100, 1, 3, 0.5, 2, 9],
        [120, 1, null, 0.5, 2, 9],
      ],
      { ...SPAN, toS: 120 },
    );
    expect(items).toEqual([
      { time: 100, open: 1, high: 3, low: 0.5, close: 2 },
      { time: 110 },
      { time: 120 },
    ]);
  });
});
