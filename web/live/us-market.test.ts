import { describe, expect, test } from 'bun:test';
import { streamedDocument } from './test-streamed-document.ts';
import { isMarketClosed, isOutsideSession } from './us-market.ts';

const isOpenAt = (time: string) => !isOutsideSession(Date.parse(time));

describe('the US session', () => {
  test('runs from 9:30 to 16:00 in New York, in summer and in winter', () => {
    const days = [
      ['2026-11-23T14:29:59Z', false],
      ['2026-11-23T14:30:00Z', true],
      ['2026-11-23T20:59:59Z', true],
      ['2026-11-23T21:00:00Z', false],
      ['2026-07-01T13:29:59Z', false],
      ['2026-07-01T13:30:00Z', true],
      ['2026-07-01T20:00:00Z', false],
    ] as const;
    expect(days.map(([time]) => isOpenAt(time))).toEqual(days.map(([, isOpen]) => isOpen));
  });

  test('is on Mondays to Fridays of New York, not of Greenwich', () => {
    const days = ['20', '21', '22', '23'].map((day) => isOpenAt(`2026-11-${day}T18:00:00Z`));
    expect(days).toEqual([true, false, false, true]);
    expect(isOpenAt('2026-11-23T02:00:00Z')).toBe(false);
  });
});

describe('the market', () => {
  const funds = streamedDocument().us_etfs;
  const night = { nowMs: Date.UTC(2026, 10, 23, 7), isHeld: false };

  test('is closed while no session is on and the prices stand still', () => {
    expect(isMarketClosed(funds, night, true)).toBe(true);
    expect(isMarketClosed(funds, night, false)).toBe(false);
  });

  test('is not called closed while a price moves, before one was read, without a key, or by a page that is held', () => {
    const { SPY } = funds ?? {};
    if (!SPY) throw new Error('the document has no SPY');
    const moving = { ...SPY, state: 'live', as_of: '2026-11-23T06:59:00Z' } as const;
    expect(isMarketClosed({ ...funds, SPY: moving }, night, true)).toBe(false);
    expect(isMarketClosed({ SPY: { ...SPY, state: 'unavailable' } }, night, true)).toBe(false);
    expect(isMarketClosed(null, night, true)).toBe(false);
    expect(isMarketClosed(funds, { ...night, isHeld: true }, true)).toBe(false);
  });
});
