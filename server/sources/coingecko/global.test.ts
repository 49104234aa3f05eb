import { describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import global from './fixtures/global.json';
import { globalPoll } from './global.ts';

describePollContract('/global', globalPoll, global);

/** What stands where a time should, and does not say when. */
const UNREADABLE_TIMES = [
  ...[0, -5, 1e300, 1_000_000_000, null, true, [], {}],
  ...['', ' ', '0', '-5', '1e300', '2026-11-23T06:58:00Z', '9'.repeat(400)],
].map((time): [unknown] => [time]);

describe('/global', () => {
  const read = (body: unknown, receipt = RECEIPT) => globalPoll.read(body, receipt)[0];
  const figuresOf = (body: unknown) => {
    const reading = read(body);
    return reading?.figure === 'market' ? reading.value : null;
  };

  test('gives the six figures of the market as they were sent', () => {
    expect(read(global)).toEqual({
      source: 'coingecko',
      connection: '/api/v3/global',
      eventTimeMs: 1795417080000,
      asOfMs: 1795417080000,
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 1800,
      figure: 'market',
      value: {
        market_cap: 2621040321355.0405,
        volume_24h: 95133256404.37308,
        market_cap_change_24h: -1.6081983639177684,
        volume_change_24h: 33.064521460740046,
        btc_dominance: 57.9539332566265,
        eth_dominance: 9.58227145398409,
      },
    });
  });

  test('is stale after three rounds where rounds are rarer than its cache', () => {
    expect(read(global, { ...RECEIPT, pollIntervalS: 900 })?.staleAfterS).toBe(2700);
  });

  test.each([
    ['data', ['data']],
    ['the market cap', ['data', 'total_market_cap']],
    ['the market cap in dollars', ['data', 'total_market_cap', 'usd']],
  ])('pitfall 13: it is no answer without %s', (_name, path) => {
    expect(refusedAs(globalPoll, changed(global, path))).toBe('bad_response');
  });

  test.each([0, -1, '2621040321355', null, true])('is no answer with a market cap of %p', (cap) => {
    const body = changed(global, ['data', 'total_market_cap', 'usd'], cap);
    expect(refusedAs(globalPoll, body)).toBe('bad_response');
  });

  test.each([
    ['volume_24h', ['total_volume', 'usd'], 0],
    ['volume_24h', ['total_volume'], undefined],
    ['market_cap_change_24h', ['market_cap_change_percentage_24h_usd'], 1000.1],
    ['market_cap_change_24h', ['market_cap_change_percentage_24h_usd'], '-1.6'],
    ['volume_change_24h', ['volume_change_percentage_24h_usd'], undefined],
    ['eth_dominance', ['market_cap_percentage', 'eth'], undefined],
    ['btc_dominance', ['market_cap_percentage', 'btc'], 100.5],
  ] as const)(
    'pitfall 13: it has no %s where that is missing or impossible, and all the others',
    (key, path, value) => {
      expect(figuresOf(changed(global, ['data', ...path], value))).toEqual({
        ...(figuresOf(global) ?? expect.unreachable()),
        [key]: null,
      });
    },
  );

  test('pitfall 13: it has neither dominance without the list of them', () => {
    const value = figuresOf(changed(global, ['data', 'market_cap_percentage'], []));
    expect([value?.btc_dominance, value?.eth_dominance]).toEqual([null, null]);
  });

  test.each([
    ['a little ahead of us', RECEIPT.receivedAtMs / 1000 + 59, 0, 59_000],
    ['exactly a minute ahead', RECEIPT.receivedAtMs / 1000 + 60, 0, 60_000],
  ])(
    'pitfall 15: it is never newer than its receipt with a time %s',
    (_name, updatedAt, asOf, event) => {
      const reading = read(changed(global, ['data', 'updated_at'], updatedAt));
      expect((reading?.asOfMs ?? 0) - RECEIPT.receivedAtMs).toBe(asOf);
      expect((reading?.eventTimeMs ?? 0) - RECEIPT.receivedAtMs).toBe(event);
    },
  );

  test.each([
    ['more than a minute ahead', RECEIPT.receivedAtMs / 1000 + 61],
    ['in milliseconds', RECEIPT.receivedAtMs],
    ['that is missing', undefined],
  ])('pitfall 15: it counts from receipt and Age with a time %s', (_name, updatedAt) => {
    const body = changed(global, ['data', 'updated_at'], updatedAt);
    const reading = read(body, { ...RECEIPT, ageS: 58 });
    expect(reading?.eventTimeMs).toBeNull();
    expect(reading?.asOfMs).toBe(RECEIPT.receivedAtMs - 58_000);
  });

  test.each<[unknown, number]>([
    ['1795417080', 1_795_417_080_000],
    ['1700000000', 1_700_000_000_000],
    [1_700_000_000.5, 1_700_000_000_500],
    ['1700000000.5', 1_700_000_000_500],
  ])('is as old as a time of %p says', (updatedAt, asOfMs) => {
    expect(read(changed(global, ['data', 'updated_at'], updatedAt))?.asOfMs).toBe(asOfMs);
  });

  test.each(UNREADABLE_TIMES)('is no answer with a time of %p, for it may be old', (updatedAt) => {
    const body = changed(global, ['data', 'updated_at'], updatedAt);
    expect(refusedAs(globalPoll, body)).toBe('bad_response');
  });

  test('pitfall 15: it keeps an old time, so that an old answer is seen to be old', () => {
    const old = RECEIPT.receivedAtMs / 1000 - 7200;
    expect(read(changed(global, ['data', 'updated_at'], old))?.asOfMs).toBe(old * 1000);
  });

  test('pitfall 14: sums too large for exact numbers are not in the way of the dollars', () => {
    const vast = '"idr":42928597549425850,"vnd":5.9e16,"sats":2.42712434772337e+15,"usd"';
    const body: unknown = JSON.parse(JSON.stringify(global).replaceAll('"usd"', vast));
    expect(JSON.stringify(body)).toContain('"vnd":59000000000000000');
    expect(read(body)).toEqual(read(global));
  });

  test('pitfall 16: the same time again, out of the cache, is neither a failure nor news', () => {
    const again = read(global, { ...RECEIPT, receivedAtMs: RECEIPT.receivedAtMs + 300_000 });
    expect(again).toEqual({
      ...(read(global) ?? expect.unreachable()),
      receivedAtMs: RECEIPT.receivedAtMs + 300_000,
    });
  });
});
