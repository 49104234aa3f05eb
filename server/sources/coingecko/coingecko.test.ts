import { afterEach, describe, expect, test } from 'bun:test';
import type { ErrorCode } from '../../../contract/index.ts';
import { refusedAs } from '../poll-contract.ts';
import { createLoopback, upstreamWith } from '../test-loopback.ts';
import { UpstreamError } from '../upstream.ts';
import { refusal } from './access.ts';
import { coingecko } from './coingecko.ts';
import { globalPoll } from './global.ts';
import { simplePricePoll } from './simple-price.ts';

const NO_KEY = { key: null, plan: null, coins: ['BTC', 'ETH'] };

describe('the requests of CoinGecko', () => {
  test('ask for what is read, without a key', () => {
    expect(coingecko.polls.map((poll) => poll.request(NO_KEY))).toEqual([
      { path: '/api/v3/global', headers: {}, refusal, maxBodyBytes: 131_072 },
      {
        path: '/api/v3/simple/price',
        query: {
          ids: 'bitcoin,ethereum',
          vs_currencies: 'usd',
          include_24hr_vol: 'true',
          include_24hr_change: 'true',
          include_last_updated_at: 'true',
        },
        headers: {},
        refusal,
        maxBodyBytes: 65_536,
      },
    ]);
  });

  test('show the key in the header of its plan, never in the address', () => {
    for (const poll of coingecko.polls) {
      const demo = poll.request({ key: 'k-1', plan: null, coins: ['BTC'] });
      expect(demo.headers).toEqual({ 'x-cg-demo-api-key': 'k-1' });
      expect(poll.request({ key: 'k-1', plan: 'demo', coins: ['BTC'] }).headers).toEqual(
        demo.headers ?? {},
      );
      expect(poll.request({ key: 'k-1', plan: 'pro', coins: ['BTC'] }).headers).toEqual({
        'x-cg-pro-api-key': 'k-1',
      });
      expect(JSON.stringify([demo.path, demo.query])).not.toContain('k-1');
    }
  });
});

describe('the limits of CoinGecko', () => {
  const KEY = { key: 'k-1', coins: ['BTC'] };
  test.each([
    ['without a key', { ...KEY, key: null, plan: 'pro' as const }, { perMinute: 5 }],
    ['with a demo key', { ...KEY, plan: 'demo' as const }, { perMinute: 30, perMonth: 10_000 }],
    [
      'with a key of no plan that is named',
      { ...KEY, plan: null },
      { perMinute: 30, perMonth: 10_000 },
    ],
    ['with a paid key', { ...KEY, plan: 'pro' as const }, { perMinute: 250, perMonth: 100_000 }],
  ])('%s', (_name, options, limits) => {
    expect(coingecko.limits(options)).toEqual(limits);
  });
});

describe('an error body of CoinGecko', () => {
  test.each<[string, ErrorCode | null]>([
    ['{"status":{"error_code":429,"error_message":"too many"}}', 'rate_limited'],
    ['{"error":{"status":{"error_code":429,"error_message":"too many"}}}', 'rate_limited'],
    ['{"status":{"error_code":400}}', 'bad_response'],
    ['{"status":500,"error":"Internal Server Error"}', 'unavailable'],
    ['{"error":"coin not found"}', null],
    ['{"status":{"error_code":"429"}}', null],
    ['{}', null],
  ])('pitfall 17: %s means %s', (text, code) => {
    expect(refusal(JSON.parse(text))).toBe(code);
  });

  test.each(['{"status":{"error_code":429}}', '{"status":500,"error":"x"}', '{"error":"x"}'])(
    'pitfall 17: %s is never read as data',
    (text) => {
      expect(refusedAs(globalPoll, JSON.parse(text))).toBe('bad_response');
      expect(refusedAs(simplePricePoll, JSON.parse(text))).toBe('bad_response');
    },
  );

  test('pitfall 18: a refusal for want of a user agent blocks, with status 403 and with 200', async () => {
    const body = { status: { error_code: 403, error_message: 'Say who you are.' } };
    expect(refusal(body)).toBe('blocked');
    expect(await codesOf(body, 403)).toEqual(['blocked', 'blocked']);
    expect(await codesOf(body, 200)).toEqual(['blocked', 'blocked']);
  });

  test.each([
    '{"error_code":10011,"status":{"error_code":10011}}',
    '{"error_code":10010}',
    '{"status":{"error_code":10010,"error_message":"the other host"}}',
    '{"status":{"error_code":10002,"error_message":"no key"}}',
    '{"status":{"error_code":10005}}',
  ])('pitfall 19: %s blocks: a key that does not fit', async (text) => {
    expect(refusal(JSON.parse(text))).toBe('blocked');
    expect(await codesOf(JSON.parse(text), 400)).toEqual(['blocked', 'blocked']);
  });
});

const loopback = createLoopback();
afterEach(() => loopback.close());

/** What both routes make of an answer. */
async function codesOf(body: unknown, status: number): Promise<unknown[]> {
  const origin = loopback.serve(() => Response.json(body, { status }));
  return Promise.all(
    coingecko.polls.map(async (poll) => {
      const call = upstreamWith().get('coingecko', origin, poll.request(NO_KEY));
      const error = await call.catch((thrown: unknown) => thrown);
      return error instanceof UpstreamError ? error.code : error;
    }),
  );
}
