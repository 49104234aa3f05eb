import { afterEach, describe, expect, test } from 'bun:test';
import type { ErrorCode } from '../../../contract/index.ts';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import { candlesPoll } from './candles.ts';
import ohlc from './fixtures/ohlc.json';
import { kraken } from './kraken.ts';
import { refusal } from './refusal.ts';

describePollContract('/0/public/OHLC', candlesPoll, ohlc);

const PAIR = ['result', 'XXBTZUSD'] as const;
const ROWS = ohlc.result.XXBTZUSD;
const REQUEST = candlesPoll.request({ key: null, plan: null, coins: ['BTC'] });

const loopback = createLoopback();
afterEach(() => loopback.close());

const read = (body: unknown) => {
  const [reading] = candlesPoll.read(body, RECEIPT);
  return reading?.figure === 'candles' ? reading : expect.unreachable();
};

describe('the daily candles of Kraken', () => {
  test('are asked for by the day, without a key, once a second at most', () => {
    expect(kraken.needsKey).toBe(false);
    expect(kraken.limits()).toEqual({ minCallIntervalMs: 1000 });
    expect(REQUEST).toEqual({
      path: '/0/public/OHLC',
      query: { pair: 'XBTUSD', interval: '1440' },
      refusal,
      maxBodyBytes: 262_144,
    });
  });

  test('pitfall 48: numbers come as text, and the last row is still open', () => {
    const { value, ...rest } = read(ohlc);
    expect(rest).toMatchObject({
      source: 'kraken',
      connection: '/0/public/OHLC',
      asOfMs: RECEIPT.receivedAtMs,
    });
    expect(value).toHaveLength(ROWS.length);
    expect(value.at(-1)).toEqual([
      1795392000000, 79843.6, 80613.1, 78889.3, 79211.8, 1621.98799548,
    ]);
  });

  test.each(['XXBTZUSD', 'XBTUSD', 'BTC/USD'])(
    'pitfall 48: the rows may stand under %p, whatever stands beside them',
    (name) => {
      for (const result of [{ [name]: ROWS, last: 1795305600 }, { [name]: ROWS }]) {
        expect(read({ error: [], result })).toEqual(read(ohlc));
      }
    },
  );

  test.each<[string, unknown]>([
    ['no pair', { last: 1795305600 }],
    ['two pairs', { XXBTZUSD: ROWS, XETHZUSD: ROWS, last: 1795305600 }],
    ['a list', ROWS],
    ['nothing', null],
  ])('pitfall 48: a result of %s is no answer', (_name, result) => {
    expect(refusedAs(candlesPoll, { error: [], result })).toBe('bad_response');
  });

  test.each<[string, number, unknown]>([
    ['a close of 0', 4, '0.0'],
    ['a close that is a number', 4, 79211.8],
    ['a close that is no text of digits', 4, '7.9e4'],
    ['a negative low', 3, '-1.0'],
    ['a negative volume', 6, '-1.00000000'],
    ['a time in ms', 0, 1794009600000],
    ['a time within the day', 0, 1794009600 + 60],
  ])('are no answer with %s in a single row', (_name, column, value) => {
    expect(refusedAs(candlesPoll, changed(ohlc, [...PAIR, 3, column], value))).toBe('bad_response');
  });

  test('begin after the newest gap, and may have a day without a trade', () => {
    expect(read(changed(ohlc, [...PAIR, 2])).value).toHaveLength(17);
    const quiet = changed(changed(ohlc, [...PAIR, 3, 5], '0.0'), [...PAIR, 3, 6], '0.00000000');
    expect(refusedAs(candlesPoll, quiet)).toBeNull();
  });
});

describe('an error of Kraken', () => {
  test.each<[string, ErrorCode | null]>([
    ['["EGeneral:Too many requests"]', 'rate_limited'],
    ['["EAPI:Rate limit exceeded"]', 'rate_limited'],
    ['["EGeneral:Temporary lockout"]', 'rate_limited'],
    ['["EGeneral:Permission denied"]', 'blocked'],
    ['["EService:Unavailable"]', 'unavailable'],
    ['["EService:Busy"]', 'unavailable'],
    ['["EGeneral:Internal error"]', 'unavailable'],
    ['["EQuery:Unknown asset pair"]', 'bad_response'],
    ['["WGeneral:Something", "EService:Unavailable"]', 'unavailable'],
    ['["WGeneral:Something"]', null],
    ['[]', null],
    ['"EGeneral:Too many requests"', null],
  ])('pitfall 48: %s means %s', (error, code) => {
    expect(refusal({ error: JSON.parse(error) })).toBe(code);
  });

  test('pitfall 48: an error comes with status 200, and without a result', async () => {
    const body = { error: ['EGeneral:Too many requests'] };
    const origin = loopback.serve(() => Response.json(body));
    expect((await failure(origin, {}, REQUEST)).code).toBe('rate_limited');
    expect(refusedAs(candlesPoll, body)).toBe('bad_response');
  });
});
