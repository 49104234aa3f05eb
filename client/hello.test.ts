import { describe, expect, test } from 'bun:test';
import { readDate, readHello, readPollIntervalS } from './hello.ts';
import { hello } from './testing/documents.ts';

const NOW = Date.UTC(2026, 10, 23, 7, 0, 0);

describe('hello', () => {
  test('corrects the clock both ways', () => {
    const ahead = hello({ server_time: '2026-11-23T07:00:42.500Z' });
    expect(readHello(ahead, NOW).clockOffsetMs).toBe(42_500);
    expect(readHello(ahead, NOW + 60_000).clockOffsetMs).toBe(-17_500);
  });

  test('with a time that cannot be read leaves the clock alone', () => {
    expect(readHello(hello({ server_time: 'soon' }), NOW)).not.toHaveProperty('clockOffsetMs');
  });

  test('passes on the version and what is wrong', () => {
    const parts = readHello(hello({ app_version: '2.0.0', degraded: ['solo'] }), NOW);
    expect(parts).toMatchObject({ appVersion: '2.0.0', degraded: ['solo'] });
  });

  test('sets a poll interval within sane limits', () => {
    const asked = [30, 5, 0, -1, 1e9, Number.NaN];
    expect(asked.map((s) => readPollIntervalS(hello({ poll_interval_s: s })))).toEqual([
      30, 5, 1, 1, 600, 30,
    ]);
  });
});

describe('the Date of an answer', () => {
  test('sets a clock that was not set yet', () => {
    expect(readDate(NOW + 90_000, null, NOW)).toEqual({ clockOffsetMs: 90_000 });
  });

  test('moves a set clock only by more than its own coarseness', () => {
    expect(readDate(NOW + 91_000, 90_000, NOW)).toEqual({});
    expect(readDate(NOW + 88_000, 90_000, NOW)).toEqual({});
    expect(readDate(NOW + 95_000, 90_000, NOW)).toEqual({ clockOffsetMs: 95_000 });
  });

  test('that is missing says nothing', () => {
    expect(readDate(Number.NaN, null, NOW)).toEqual({});
    expect(readDate(Number.NaN, 90_000, NOW)).toEqual({});
  });
});
