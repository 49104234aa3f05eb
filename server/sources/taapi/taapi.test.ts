import { afterEach, describe, expect, test } from 'bun:test';
import { describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { createLoopback, failure, upstreamWith } from '../test-loopback.ts';
import rsi from './fixtures/rsi.json';
import { refusal } from './refusal.ts';
import { taapi } from './taapi.ts';

const [poll] = taapi.polls;
const REQUEST = poll.request({ key: 'k-1', plan: null, coins: ['BTC'] });

const loopback = createLoopback();
afterEach(() => loopback.close());

describePollContract('/rsi', poll, rsi);

describe('TAAPI', () => {
  test('pitfall 33: without a key it is not asked at all', () => {
    expect(taapi.needsKey).toBe(true);
  });

  test('is asked once in 15 seconds, as the smallest plan allows', () => {
    expect(taapi.limits()).toEqual({ minCallIntervalMs: 15_000 });
  });

  test('asks for the daily RSI of BTC on Binance, without options that change the answer', () => {
    expect(poll.request({ key: 'k-1', plan: null, coins: ['BTC'] })).toEqual({
      path: '/rsi',
      query: { secret: 'k-1', exchange: 'binance', symbol: 'BTC/USDT', interval: '1d' },
      refusal,
      maxBodyBytes: 65_536,
    });
    expect(poll.route).toBe('/rsi');
  });

  test('gives its value as it was sent, dated by receipt and Age', () => {
    expect(poll.read(rsi, { ...RECEIPT, ageS: 20 })).toEqual([
      {
        source: 'taapi',
        connection: '/rsi',
        eventTimeMs: null,
        asOfMs: RECEIPT.receivedAtMs - 20_000,
        receivedAtMs: RECEIPT.receivedAtMs,
        staleAfterS: 900,
        figure: 'rsi_14_taapi',
        value: 33.44840837091841,
      },
    ]);
  });

  test.each([0, 100])('takes %p, the end of the scale', (value) => {
    expect(refusedAs(poll, { value })).toBeNull();
  });

  test.each([
    '{"value":null}',
    '{"value":"51.2"}',
    '{"value":[51.2]}',
    '{"value":-1}',
    '{"value":101}',
    '{"value":[62.34],"timestamp":[1795417170]}',
  ])('pitfall 30: %s has no value', (text) => {
    expect(refusedAs(poll, JSON.parse(text))).toBe('bad_response');
  });

  test.each([
    '{"error":"something"}',
    '{"errors":["something"]}',
    '{"message":"something","statusCode":401}',
    '{"data":[{"id":"rsi","errors":["something"]}]}',
  ])('pitfall 29: %s is no answer, whatever the status', (text) => {
    expect(refusedAs(poll, JSON.parse(text))).toBe('bad_response');
  });

  test('pitfall 31: "pending" is no value, with status 202 and with 200', async () => {
    const body = { pending: true, key: 'k' };
    expect(refusedAs(poll, body)).toBe('bad_response');
    const origin = loopback.serve(() => Response.json(body, { status: 202 }));
    expect((await failure(origin, {}, REQUEST)).code).toBe('bad_response');
  });

  test('pitfall 32: of two with one key every second call is refused, and the others count', async () => {
    let calls = 0;
    const origin = loopback.serve(() => {
      calls += 1;
      return calls % 2 === 1
        ? Response.json(rsi)
        : Response.json({ error: '429: You have exceeded your request limit!' }, { status: 429 });
    });
    const upstream = upstreamWith();
    for (let pair = 0; pair < 3; pair++) {
      expect((await upstream.get('taapi', origin, REQUEST)).body).toEqual(rsi);
      expect(await failure(origin, {}, REQUEST)).toMatchObject({ code: 'rate_limited' });
    }
  });

  test.each([
    '{"error":"You have exceeded your request limit (TAAPI.IO rate-limit)!"}',
    '{"error":"429: You have exceeded your request limit (TAAPI.IO rate-limit)!"}',
    '{"error":{"message":"You have exceeded your request limit","blockTime":"1020 seconds"}}',
    '{"errors":["Too many requests"]}',
    '{"message":"rate limit"}',
  ])('pitfall 29: it is known to be limited by %s, whatever the status', (text) => {
    expect(refusal(JSON.parse(text))).toBe('rate_limited');
  });

  test.each([
    '{"errors":["Free plans only permits use of symbols [BTC/USDT] from Binance"]}',
    '{"message":"You are not authenticated to query this endpoint!","statusCode":401}',
    '{"value":51.2,"message":"a new version is out"}',
    '{"error":7}',
  ])('leaves %s to its status and its value', (text) => {
    expect(refusal(JSON.parse(text))).toBeNull();
  });
});
