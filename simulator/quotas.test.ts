import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { createQuotas, QuotaSchema } from './quotas.ts';

const NOW = Date.UTC(2026, 10, 30, 23, 59, 30);

describe('quotas', () => {
  test('are off until they are set, and after they were lifted', () => {
    const quotas = createQuotas();
    expect(quotas.take('coingecko', NOW, 1)).toBeNull();
    quotas.set({ coingecko: { perMinute: 0 } });
    expect(quotas.take('coingecko', NOW, 1)).not.toBeNull();
    expect(quotas.take('kraken', NOW, 1)).toBeNull();
    quotas.set({ coingecko: null });
    expect(quotas.take('coingecko', NOW, 1)).toBeNull();
    expect(quotas.view()).toEqual({ limits: {}, refused: {} });
  });

  test('let pass so many calls in any minute, and say when there is room again', () => {
    const quotas = createQuotas();
    quotas.set({ coingecko: { perMinute: 2 } });
    expect(quotas.take('coingecko', NOW, 1)).toBeNull();
    expect(quotas.take('coingecko', NOW + 40_000, 1)).toBeNull();
    expect(quotas.take('coingecko', NOW + 59_999, 1)).toEqual({
      span: 'perMinute',
      limit: 2,
      resetMs: NOW + 60_000,
      refusesWith200: false,
    });
    expect(quotas.take('coingecko', NOW + 60_000, 1)).toBeNull();
    expect(quotas.take('coingecko', NOW + 60_001, 1)?.resetMs).toBe(NOW + 100_000);
    expect(quotas.view()).toEqual({
      limits: { coingecko: { perMinute: 2 } },
      refused: { coingecko: 2 },
    });
  });

  test('count a heavy call for what it costs', () => {
    const quotas = createQuotas();
    quotas.set({ binance: { perMinute: 5 } });
    expect(quotas.take('binance', NOW, 2)).toBeNull();
    expect(quotas.take('binance', NOW, 2)).toBeNull();
    expect(quotas.take('binance', NOW, 2)).not.toBeNull();
    expect(quotas.take('binance', NOW, 1)).toBeNull();
  });

  test('begin anew with the day and the month of UTC, and do not say when', () => {
    const quotas = createQuotas();
    quotas.set({ coinmarketcap: { perDay: 1 }, coinpaprika: { perMonth: 1 } });
    for (const [id, span] of [
      ['coinmarketcap', 'perDay'],
      ['coinpaprika', 'perMonth'],
    ] as const) {
      expect(quotas.take(id, NOW, 1)).toBeNull();
      expect(quotas.take(id, NOW + 29_999, 1)).toMatchObject({ span, resetMs: null });
      expect(quotas.take(id, NOW + 30_000, 1)).toBeNull();
    }
    expect(quotas.take('coinmarketcap', NOW + 30_000 + 86_400_000, 1)).toBeNull();
    expect(quotas.take('coinpaprika', NOW + 30_000 + 86_400_000, 1)).not.toBeNull();
  });

  test('with several limits, a refused call spends none of them', () => {
    const quotas = createQuotas();
    quotas.set({ taapi: { per15s: 1, perDay: 2, refusesWith200: true } });
    expect(quotas.take('taapi', NOW - 60_000, 1)).toBeNull();
    expect(quotas.take('taapi', NOW - 50_000, 1)).toMatchObject({
      span: 'per15s',
      resetMs: NOW - 45_000,
      refusesWith200: true,
    });
    expect(quotas.take('taapi', NOW - 45_000, 1)).toBeNull();
    expect(quotas.take('taapi', NOW - 30_000, 1)?.span).toBe('perDay');
  });

  test('forget what was counted in the future of a clock that is set back', () => {
    const quotas = createQuotas();
    quotas.set({ kraken: { perMinute: 1 } });
    expect(quotas.take('kraken', NOW, 1)).toBeNull();
    expect(quotas.take('kraken', NOW - 1_000_000, 1)).toBeNull();
  });

  test.each([{ perMinute: -1 }, { perMinute: 1.5 }, { perHour: 1 }, { perMonth: '1' }, null])(
    'refuse limits like %j',
    (quota) => {
      expect(v.safeParse(QuotaSchema, quota).success).toBe(false);
    },
  );
});
