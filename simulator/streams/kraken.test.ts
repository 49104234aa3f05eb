import { describe, expect, test } from 'bun:test';
import { connect, createTestSide } from './test-side.ts';

const subscribe = (...symbol: string[]) => ({
  method: 'subscribe',
  params: { channel: 'ticker', symbol },
});

describe('Kraken’s stream', () => {
  test('begins with the status, whose connection number is longer than a double holds', () => {
    const client = connect(createTestSide().side, '/v2');
    const [status] = client.raw();
    expect(JSON.parse(String(status))).toMatchObject({
      channel: 'status',
      data: [{ system: 'online', api_version: 'v2' }],
    });
    const [, digits = ''] = /"connection_id":(\d+)/.exec(String(status)) ?? [];
    expect(String(Number(digits))).not.toBe(digits);
  });

  test('acknowledges every pair by itself, refuses unknown ones, and gives a snapshot of the others', () => {
    const { market, side } = createTestSide();
    const client = connect(side, '/v2');
    client.take();
    client.say({ ...subscribe('BTC/USD', 'XXX/USD', 'btc/usd'), req_id: 7 });
    const btc = market.exchangeCoin('kraken', 'BTC');
    expect(client.take()).toMatchObject([
      { method: 'subscribe', success: true, result: { symbol: 'BTC/USD' }, req_id: 7 },
      { channel: 'ticker', type: 'snapshot', data: [{ symbol: 'BTC/USD', last: btc?.price }] },
      { success: false, error: 'Currency pair not supported XXX/USD', symbol: 'XXX/USD' },
      { success: false, error: 'Currency pair not supported btc/usd', symbol: 'btc/usd' },
    ]);
  });

  test('has the fields of a ticker, numbers as numbers, with a timestamp', () => {
    const { clock, market, side } = createTestSide();
    const client = connect(side, '/v2');
    client.say(subscribe('ETH/USD'));
    const [frame] = client.takeOnly('channel', 'ticker') as { data: Record<string, unknown>[] }[];
    const { symbol, timestamp, ...numbers } = frame?.data[0] ?? {};
    expect(symbol).toBe('ETH/USD');
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(Date.parse(String(timestamp))).toBe(clock.now());
    expect(Object.keys(numbers).join()).toBe(
      'bid,bid_qty,ask,ask_qty,last,volume,vwap,low,high,change,change_pct',
    );
    for (const value of Object.values(numbers)) expect(value).toBeNumber();
    const { price = 0, open24h = 1 } = market.exchangeCoin('kraken', 'ETH') ?? {};
    expect(numbers.change_pct).toBeCloseTo((price / open24h - 1) * 100, 2);
  });

  test('updates on trades, and beats once a second when it says nothing else', () => {
    const { clock, market, side } = createTestSide();
    const client = connect(side, '/v2');
    client.say(subscribe('BTC/USD', 'ETH/USD', 'XRP/USD'));
    client.take();
    clock.advance(5000);
    const busy = client.take();
    expect(busy.length).toBeGreaterThan(5);
    expect(busy).not.toContainEqual({ channel: 'heartbeat' });
    market.set({ frozen: true });
    clock.advance(5000);
    expect(client.take().slice(-4)).toEqual(Array(4).fill({ channel: 'heartbeat' }));
  });

  test('sends no heartbeats to whoever has subscribed to nothing', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/v2');
    client.take();
    clock.advance(60_000);
    expect(client.take()).toEqual([]);
  });

  test('ends a pair with unsubscribe', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/v2');
    client.say(subscribe('BTC/USD'));
    client.take();
    client.say({ ...subscribe('BTC/USD', 'ETH/USD'), method: 'unsubscribe' });
    expect(client.take()).toMatchObject([{ success: true }, { success: false, symbol: 'ETH/USD' }]);
    clock.advance(5000);
    expect(client.take()).toEqual([]);
  });

  test.each([
    ['{', 'Malformed request'],
    [{ method: 'nonsense' }, 'Malformed request'],
    [
      { method: 'subscribe', params: { channel: 'ohlc', symbol: ['BTC/USD'] } },
      'Unsupported field',
    ],
    [{ method: 'subscribe' }, 'Unsupported field'],
  ])('refuses %j', (message, error) => {
    const client = connect(createTestSide().side, '/v2');
    client.take();
    client.say(message);
    expect(client.take()).toMatchObject([{ success: false, error }]);
  });

  test('refuses a pair that is subscribed to already', () => {
    const client = connect(createTestSide().side, '/v2');
    client.say(subscribe('BTC/USD'));
    client.take();
    client.say(subscribe('BTC/USD'));
    expect(client.take()).toMatchObject([{ success: false, error: 'Already subscribed' }]);
  });

  test('answers a ping', () => {
    const client = connect(createTestSide().side, '/v2');
    client.take();
    client.say({ method: 'ping', req_id: 3 });
    expect(client.take()).toMatchObject([{ method: 'pong', req_id: 3 }]);
  });
});
