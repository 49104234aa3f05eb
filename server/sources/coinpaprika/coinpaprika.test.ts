import { afterEach, describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import { USED_UP_PAUSE_MS } from '../upstream.ts';
import { coinpaprika } from './coinpaprika.ts';
import global from './fixtures/global.json';
import { globalPoll } from './global.ts';

describePollContract('/v1/global', globalPoll, global);

const REQUEST = globalPoll.request({ key: null, plan: null, coins: ['BTC'] });

const loopback = createLoopback();
afterEach(() => loopback.close());

describe('the market by CoinPaprika', () => {
  const read = (body: unknown, receipt = RECEIPT) => globalPoll.read(body, receipt)[0];
  const figuresOf = (body: unknown) => {
    const reading = read(body);
    return reading?.figure === 'market' ? reading.value : null;
  };

  test('is asked for without a key, so that the month’s calls last', () => {
    expect(coinpaprika.needsKey).toBe(false);
    expect(coinpaprika.limits()).toEqual({ perMonth: 20_000 });
    expect(REQUEST).toEqual({ path: '/v1/global', maxBodyBytes: 65_536 });
  });

  test('has all figures but the dominance of ETH, and its own time', () => {
    expect(read(global)).toEqual({
      source: 'coinpaprika',
      connection: '/v1/global',
      eventTimeMs: 1795417110000,
      asOfMs: 1795417110000,
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 900,
      figure: 'market',
      value: {
        market_cap: 2604113870224,
        volume_24h: 97420551903,
        market_cap_change_24h: -1.47,
        volume_change_24h: 31.62,
        btc_dominance: 58.21,
        eth_dominance: null,
      },
    });
  });

  test.each([
    ['volume_24h', 'volume_24h_usd', 0],
    ['market_cap_change_24h', 'market_cap_change_24h', '-1.47'],
    ['volume_change_24h', 'volume_24h_change_24h', undefined],
    ['btc_dominance', 'bitcoin_dominance_percentage', 101],
  ])('has no %s where it is missing or impossible, and all the others', (key, field, value) => {
    expect(figuresOf(changed(global, [field], value))).toEqual({
      ...(figuresOf(global) ?? expect.unreachable()),
      [key]: null,
    });
  });

  test.each([undefined, 0, -1, null, '2604113870224'])('is no answer with a cap of %p', (value) => {
    expect(refusedAs(globalPoll, changed(global, ['market_cap_usd'], value))).toBe('bad_response');
  });

  test('is no answer with a time that cannot be read, and counts from receipt without one', () => {
    const at = (time: unknown) => changed(global, ['last_updated'], time);
    expect(refusedAs(globalPoll, at('2026-11-23T06:58:30Z'))).toBe('bad_response');
    expect(read(at(undefined))?.asOfMs).toBe(RECEIPT.receivedAtMs);
  });

  test('is left alone for an hour when the month’s calls are used up', async () => {
    for (const body of ['', 'Payment required', '{"error":"payment required"}']) {
      const before = Date.now();
      const origin = loopback.serve(() => new Response(body, { status: 402 }));
      const { code, retryAtMs } = await failure(origin, {}, REQUEST);
      expect(code).toBe('rate_limited');
      expect(retryAtMs).toBeGreaterThanOrEqual(before + USED_UP_PAUSE_MS);
      expect(retryAtMs).toBeLessThanOrEqual(Date.now() + USED_UP_PAUSE_MS);
    }
  });
});
