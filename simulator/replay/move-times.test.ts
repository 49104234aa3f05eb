import { describe, expect, test } from 'bun:test';
import { moveIsoTimes, moveMillis, moveRows, moveSeconds } from './move-times.ts';

const HOUR_MS = 3_600_000;

describe('moving times', () => {
  test.each([
    ['2026-11-20T16:20:01.040040Z', '2026-11-20T17:20:01.040040Z'],
    ['2023-10-04T16:25:00.123456789Z', '2023-10-04T17:25:00.123456789Z'],
    ['2024-10-16T00:19:59.999Z', '2024-10-16T01:19:59.999Z'],
    ['2024-12-31T23:30:00Z', '2025-01-01T00:30:00Z'],
    ['2024-12-31T23:30:00.5Z', '2025-01-01T00:30:00.5Z'],
  ])('moves %s with all its digits', (time, moved) => {
    expect(moveIsoTimes(`{"t" : "${time}"}`, HOUR_MS)).toBe(`{"t" : "${moved}"}`);
  });

  test('leaves texts alone that only hold a time, and days', () => {
    const text =
      '{"a":"since 2026-11-20T16:20:01Z","b":"2026-11-20","c":"2026-11-20T16:20:01+07:00"}';
    expect(moveIsoTimes(text, HOUR_MS)).toBe(text);
  });

  test('moves numbers of thirteen digits behind the keys that are named, and no identifier', () => {
    const text =
      '{"E":1795191601040,"t": 1795191600000,"c":"1795191601040","L":1795191601040,"t":343719861}';
    expect(moveMillis(text, 'E|t', 60_000)).toBe(
      '{"E":1795191661040,"t": 1795191660000,"c":"1795191601040","L":1795191601040,"t":343719861}',
    );
  });

  test('moves every number of seconds behind a key', () => {
    const text = '{"a":{"usd":1.50,"at":1795191611},"b":{"usd":2e-7,"at" : 1795191600}}';
    expect(moveSeconds(text, 'at', -11)).toBe(
      '{"a":{"usd":1.50,"at":1795191600},"b":{"usd":2e-7,"at" : 1795191589}}',
    );
  });

  test('moves what rows begin with, and nothing else in them', () => {
    expect(moveRows('[[1517443740, 1517443740, 10120.210], [1517443680,1.0]]', 60)).toBe(
      '[[1517443800, 1517443740, 10120.210], [1517443740,1.0]]',
    );
  });
});
