import { describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { coinlore } from './coinlore.ts';
import global from './fixtures/global.json';
import { globalPoll } from './global.ts';

describePollContract('/api/global/', globalPoll, global);

describe('the market by CoinLore', () => {
  const read = (body: unknown, receipt = RECEIPT) => globalPoll.read(body, receipt);
  const figuresOf = (body: unknown) =>
    read(body).flatMap((reading) => (reading.figure === 'market' ? [reading.value] : []));

  test('is asked for with a slash at the end, without a key, once a second at most', () => {
    expect(coinlore.needsKey).toBe(false);
    expect(coinlore.limits()).toEqual({ minCallIntervalMs: 1000 });
    expect(globalPoll.request({ key: null, plan: null, coins: ['BTC'] })).toEqual({
      path: '/api/global/',
      maxBodyBytes: 65_536,
    });
  });

  test('pitfall 50: the one object in a list is read, its per cents out of texts', () => {
    expect(read(global, { ...RECEIPT, ageS: 7 })).toEqual([
      {
        source: 'coinlore',
        connection: '/api/global/',
        eventTimeMs: null,
        asOfMs: RECEIPT.receivedAtMs - 7000,
        receivedAtMs: RECEIPT.receivedAtMs,
        staleAfterS: 900,
        figure: 'market',
        value: {
          market_cap: 2588730441902.3174,
          volume_24h: 88215330716.40518,
          market_cap_change_24h: -1.55,
          volume_change_24h: 29.08,
          btc_dominance: 57.62,
          eth_dominance: 9.71,
        },
      },
    ]);
  });

  test.each([
    ['bare', global[0]],
    ['twice', [...global, ...global]],
    ['one list further in', [global]],
  ])('pitfall 50: the object %s is no answer', (_name, body) => {
    expect(refusedAs(globalPoll, body)).toBe('bad_response');
  });

  test.each([
    ['volume_24h', 'total_volume', '88215330716'],
    ['market_cap_change_24h', 'mcap_change', -1.55],
    ['market_cap_change_24h', 'mcap_change', ''],
    ['volume_change_24h', 'volume_change', '1,029.08'],
    ['btc_dominance', 'btc_d', '100.01'],
    ['eth_dominance', 'eth_d', undefined],
  ])('pitfall 50: no %s is made of a %s of %p, and the others stand', (key, field, value) => {
    const [whole] = figuresOf(global);
    expect(figuresOf(changed(global, [0, field], value))).toEqual([
      { ...(whole ?? expect.unreachable()), [key]: null },
    ]);
  });

  test.each([undefined, 0, -1, null, '2588730441902'])('is no answer with a cap of %p', (value) => {
    expect(refusedAs(globalPoll, changed(global, [0, 'total_mcap'], value))).toBe('bad_response');
  });
});
