import { describe, expect, test } from 'bun:test';
import { connect, createTestSide, handshake } from './test-side.ts';

describe('Binance’s streams', () => {
  test('wrap every event with the name of its stream on a combined connection', () => {
    const { clock, market, side } = createTestSide();
    const client = connect(side, '/stream?streams=btcusdt@ticker/ethusdt@miniTicker');
    clock.advance(1000);
    const btc = market.exchangeCoin('binance', 'BTC');
    const frames = client.take();
    expect(frames).toMatchObject([
      {
        stream: 'btcusdt@ticker',
        data: { e: '24hrTicker', s: 'BTCUSDT', c: btc?.price.toFixed(8), E: clock.now() },
      },
      { stream: 'ethusdt@miniTicker', data: { e: '24hrMiniTicker', s: 'ETHUSDT' } },
    ]);
  });

  test('have the fields of a 24hrTicker, amounts as text with eight decimals, the change in percent', () => {
    const { clock, market, side } = createTestSide();
    const client = connect(side, '/ws/btcusdt@ticker');
    clock.advance(1000);
    const [event] = client.take() as Record<string, unknown>[];
    expect(Object.keys(event ?? {}).join()).toBe('e,E,s,p,P,w,x,c,Q,b,B,a,A,o,h,l,v,q,O,C,F,L,n');
    for (const key of ['p', 'w', 'x', 'c', 'Q', 'b', 'B', 'a', 'A', 'o', 'h', 'l', 'v', 'q']) {
      expect(event?.[key]).toMatch(/^-?\d+\.\d{8}$/);
    }
    for (const key of ['E', 'O', 'C', 'F', 'L', 'n']) expect(event?.[key]).toBeInteger();
    const { price = 0, open24h = 1 } = market.exchangeCoin('binance', 'BTC') ?? {};
    expect(event?.P).toBe(((price / open24h - 1) * 100).toFixed(3));
  });

  test('have the fields of a 24hrMiniTicker, bare on a raw connection', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/ws/solusdt@miniTicker/xrpusdt%40miniTicker/%ZZ');
    clock.advance(1000);
    const events = client.take();
    expect(events).toHaveLength(2);
    expect(Object.keys(events[0] ?? {}).join()).toBe('e,E,s,c,o,h,l,v,q');
  });

  test('come once a second while the market walks, and rarely while it stands', () => {
    const { clock, market, side } = createTestSide();
    const client = connect(side, '/ws/btcusdt@ticker');
    clock.advance(10_000);
    expect(client.take()).toHaveLength(10);
    market.set({ frozen: true });
    clock.advance(20_000);
    expect(client.take().length).toBeWithin(4, 6);
  });

  test('give silence for an upper-case name, an unknown coin and an unknown stream', () => {
    const { clock, side } = createTestSide();
    const client = connect(
      side,
      '/stream?streams=BTCUSDT@ticker/nonsenseusdt@ticker/btcusdt@Ticker',
    );
    clock.advance(30_000);
    expect(client.take()).toEqual([]);
    expect(client.closedWith()).toBeNull();
  });

  test('begin and end with SUBSCRIBE and UNSUBSCRIBE, acknowledged also for what does not exist', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/ws');
    client.say({ method: 'SUBSCRIBE', params: ['btcusdt@ticker', 'BTCUSDT@ticker'], id: 1 });
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 2 });
    expect(client.take()).toEqual([
      { result: null, id: 1 },
      { result: ['btcusdt@ticker', 'BTCUSDT@ticker'], id: 2 },
    ]);
    clock.advance(1000);
    expect(client.take()).toMatchObject([{ e: '24hrTicker' }]);
    client.say({ method: 'UNSUBSCRIBE', params: ['btcusdt@ticker'], id: 3 });
    clock.advance(2000);
    expect(client.take()).toEqual([{ result: null, id: 3 }]);
  });

  test.each([
    ['no json', { code: 3 }],
    [{ method: 'NONSENSE', id: 1 }, { code: 2 }],
    [[], { code: 2 }],
    [
      { method: 'SUBSCRIBE', params: [], id: 'one' },
      { error: { code: 2 }, id: null },
    ],
    [
      { method: 'SUBSCRIBE', params: 'btcusdt@ticker', id: 4 },
      { error: { code: 2 }, id: 4 },
    ],
    [
      { method: 'SET_PROPERTY', params: ['combined', true], id: 5 },
      { error: {}, id: 5 },
    ],
    [
      { method: 'GET_PROPERTY', params: ['combined'], id: 6 },
      { result: false, id: 6 },
    ],
  ])('answer %j with %j', (message, answer) => {
    const client = connect(createTestSide().side, '/ws');
    client.say(message);
    expect(client.take()).toMatchObject([answer]);
  });

  test('refuse more than 1024 streams on one connection', () => {
    const client = connect(createTestSide().side, '/ws/btcusdt@ticker');
    const params = Array.from({ length: 1024 }, (_, i) => `s${i}usdt@ticker`);
    client.say({ method: 'SUBSCRIBE', params, id: 1 });
    client.say({ method: 'SUBSCRIBE', params: params.slice(1), id: 2 });
    expect(client.take()).toMatchObject([
      { error: { code: 2 }, id: 1 },
      { result: null, id: 2 },
    ]);
  });

  test('cut whoever sends more than five messages in a second, pongs among them', () => {
    const { clock, side } = createTestSide();
    const calm = connect(side, '/ws');
    const hasty = connect(side, '/ws');
    for (let id = 0; id < 20; id++) {
      calm.say({ method: 'LIST_SUBSCRIPTIONS', id });
      clock.advance(200);
    }
    expect(calm.closedWith()).toBeNull();
    for (let id = 0; id < 4; id++) hasty.say({ method: 'LIST_SUBSCRIPTIONS', id });
    hasty.pinged();
    expect(hasty.closedWith()).toBeNull();
    hasty.pong();
    expect(hasty.closedWith()).toBe(1008);
  });

  test('ping every 20 seconds and cut whoever has not answered for 60', () => {
    const { clock, side } = createTestSide();
    const good = connect(side, '/ws');
    const mute = connect(side, '/ws', { pongs: false });
    clock.advance(79_000);
    expect([good.pings(), mute.pings()]).toEqual([3, 3]);
    expect(mute.closedWith()).toBeNull();
    clock.advance(2000);
    expect(mute.closedWith()).toBe(1006);
    clock.advance(3600_000);
    expect(good.closedWith()).toBeNull();
    expect(side.log().counts.binance).toMatchObject({ open: 1, pongs: good.pings() });
  });

  test('end after a day', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/ws');
    clock.advance(86_399_000);
    expect(client.closedWith()).toBeNull();
    clock.advance(2000);
    expect(client.closedWith()).toBe(1001);
    expect(clock.pending()).toBe(0);
  });

  test('refuse the 301st handshake of five minutes with 429', () => {
    const { clock, side } = createTestSide();
    for (let i = 0; i < 300; i++) expect(handshake(side, '/ws').kind).toBe('accepted');
    expect(handshake(side, '/ws')).toMatchObject({ kind: 'refused', status: 429 });
    expect(handshake(side, '/v2').kind).toBe('accepted');
    clock.advance(300_000);
    expect(handshake(side, '/ws').kind).toBe('accepted');
  });

  test('say before a planned stop that it comes, in the form of the connection', () => {
    const { clock, side } = createTestSide();
    const raw = connect(side, '/ws');
    const wrapped = connect(side, '/stream');
    side.act('binance', { do: 'shutdown' });
    const event = { e: 'serverShutdown', E: clock.now() };
    expect(raw.take()).toEqual([event]);
    expect(wrapped.take()).toEqual([{ stream: '!serverShutdown', data: event }]);
    expect(raw.closedWith()).toBeNull();
    clock.advance(1000);
    expect([raw.closedWith(), wrapped.closedWith()]).toEqual([1001, 1001]);
  });
});
