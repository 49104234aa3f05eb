import { describe, expect, test } from 'bun:test';
import { connect, createTestSide, handshake } from './test-side.ts';

const subscribe = (...product_ids: string[]) => ({
  type: 'subscribe',
  product_ids,
  channels: ['ticker', 'heartbeat'],
});

describe('Coinbase’s stream', () => {
  test('acknowledges a subscription and begins with the last trade of every product', () => {
    const { market, side } = createTestSide();
    const client = connect(side, '/');
    client.say(subscribe('BTC-USD', 'ETH-USD'));
    const products = ['BTC-USD', 'ETH-USD'];
    const btc = market.exchangeCoin('coinbase', 'BTC');
    expect(client.take()).toMatchObject([
      {
        type: 'subscriptions',
        channels: [
          { name: 'ticker', product_ids: products },
          { name: 'heartbeat', product_ids: products },
        ],
      },
      {
        type: 'ticker',
        product_id: 'BTC-USD',
        price: String(btc?.price),
        open_24h: String(btc?.open24h),
      },
      { type: 'ticker', product_id: 'ETH-USD' },
    ]);
  });

  test('has the fields of a ticker, numbers as text, the time to the microsecond', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/');
    client.say(subscribe('ADA-USD'));
    const [ticker] = client.takeOnly('type', 'ticker') as Record<string, unknown>[];
    expect(Object.keys(ticker ?? {}).join()).toBe(
      'type,sequence,product_id,price,open_24h,volume_24h,low_24h,high_24h,volume_30d,best_bid,best_bid_size,best_ask,best_ask_size,side,time,trade_id,last_size',
    );
    for (const [key, value] of Object.entries(ticker ?? {})) {
      if (key === 'sequence' || key === 'trade_id') expect(value).toBeInteger();
      else if (/^(price|best|open|low|high|volume|last)/.test(key)) {
        expect(value).toMatch(/^\d+(\.\d+)?$/);
      }
    }
    expect(ticker?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(Date.parse(String(ticker?.time))).toBe(clock.now());
  });

  test('tells of trades when there are some, and beats once a second for each product anyway', () => {
    const { clock, market, side } = createTestSide();
    const client = connect(side, '/');
    client.say(subscribe('BTC-USD'));
    client.take();
    clock.advance(5000);
    expect(client.takeOnly('type', 'ticker').length).toBeGreaterThan(3);
    market.set({ frozen: true });
    clock.advance(5000);
    const beats = client.take();
    expect(beats).toHaveLength(5);
    expect(beats[4]).toMatchObject({ type: 'heartbeat', product_id: 'BTC-USD' });
    const [beat = {}] = beats as object[];
    expect(Object.keys(beat).join()).toBe('type,last_trade_id,product_id,sequence,time');
  });

  test('sends sequences that only grow', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/');
    client.say(subscribe('BTC-USD'));
    clock.advance(5000);
    const sequences = (client.takeOnly('type', 'ticker') as { sequence: number }[]).map(
      ({ sequence }) => sequence,
    );
    expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => a - b));
  });

  test.each([
    [subscribe('BTC-USD', 'XXX-USD'), 'XXX-USD is not a valid product'],
    [subscribe('btc-usd'), 'btc-usd is not a valid product'],
    [subscribe(), 'product_ids is required'],
    [{ ...subscribe('BTC-USD'), channels: ['level9'] }, 'level9 is not a valid channel'],
  ])('refuses %j as a whole', (message, reason) => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/');
    client.say(message);
    expect(client.take()).toEqual([{ type: 'error', message: 'Failed to subscribe', reason }]);
    clock.advance(2000);
    expect(client.take()).toEqual([]);
  });

  test('answers what is no message of its with an error', () => {
    const client = connect(createTestSide().side, '/');
    client.say('{');
    client.say({ type: 'nonsense' });
    expect(client.take()).toMatchObject([{ type: 'error' }, { type: 'error' }]);
  });

  test('closes when nothing is subscribed to for five seconds', () => {
    const { clock, side } = createTestSide();
    const idle = connect(side, '/');
    const busy = connect(side, '/');
    clock.advance(4000);
    busy.say(subscribe('BTC-USD'));
    expect(idle.closedWith()).toBeNull();
    clock.advance(1000);
    expect([idle.closedWith(), busy.closedWith()]).toEqual([1008, null]);
  });

  test('ends a product with unsubscribe, and takes products named beside their channel', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/');
    client.say({
      type: 'subscribe',
      channels: [{ name: 'ticker', product_ids: ['BTC-USD', 'SOL-USD'] }],
    });
    expect(client.takeOnly('type', 'ticker')).toHaveLength(2);
    client.say({ type: 'unsubscribe', product_ids: ['BTC-USD'], channels: ['ticker'] });
    expect(client.take()).toMatchObject([
      { type: 'subscriptions', channels: [{ name: 'ticker', product_ids: ['SOL-USD'] }] },
    ]);
    clock.advance(3000);
    expect(client.takeOnly('product_id', 'BTC-USD')).toEqual([]);
  });

  test('refuses whoever does not say who it is, and the 21st handshake in a burst', () => {
    const { side } = createTestSide();
    expect(handshake(side, '/', null)).toMatchObject({ kind: 'refused', status: 403 });
    for (let i = 1; i < 20; i++) expect(handshake(side, '/').kind).toBe('accepted');
    expect(handshake(side, '/')).toMatchObject({ kind: 'refused', status: 429 });
  });
});
