import { describe, expect, test } from 'bun:test';
import { createStreamSide } from './stream-side.ts';
import { connect, createTestSide, handshake, type TestClient } from './test-side.ts';

const BTC = '/ws/btcusdt@ticker';

const timesOf = (client: TestClient) => (client.take() as { E: number }[]).map(({ E }) => E);

describe('the streams', () => {
  test('tell the exchanges apart by path, and know no other', () => {
    const { side } = createTestSide();
    for (const path of ['/stream', '/ws', '/ws/a', '/', '/v2']) {
      expect(handshake(side, path).kind).toBe('accepted');
    }
    for (const path of ['/v1', '/wss', '/stream/a', '//']) {
      expect(handshake(side, path)).toMatchObject({ kind: 'refused', status: 404 });
    }
    const { binance, coinbase, kraken } = side.log().counts;
    expect([binance, coinbase, kraken].map(({ handshakes }) => handshakes)).toEqual([3, 1, 1]);
  });

  test('log what clients did', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, '/v2');
    client.say({ method: 'ping' });
    clock.advance(2500);
    client.closed();
    side.setFaults({ binance: { refuse: 451 } });
    handshake(side, BTC, null);
    expect(side.log().connections).toEqual([
      {
        exchange: 'kraken',
        path: '/v2',
        user_agent: 'test/1.0',
        at: '2026-11-23T07:00:00.000Z',
        refused_with: null,
        closed_at: '2026-11-23T07:00:02.500Z',
        close_code: null,
        messages_received: 1,
      },
      expect.objectContaining({ exchange: 'binance', user_agent: null, refused_with: 451 }),
    ]);
    const open = connect(side, '/');
    side.clearLog();
    expect(side.log().counts.coinbase).toMatchObject({ handshakes: 0, opened: 0, open: 1 });
    expect(side.log().connections).toEqual([]);
    open.closed();
    expect(side.log().counts.coinbase.open).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  test('end every connection when they are closed, and watch nothing any more', () => {
    const { clock, market, states } = createTestSide();
    let watching = 0;
    const watch = () => {
      watching += 1;
      return () => {
        watching -= 1;
      };
    };
    const watched = { ...states, onChange: watch };
    const side = createStreamSide({ clock, ticker: market.exchangeCoin, states: watched });
    expect(watching).toBe(1);
    const clients = ['/ws', '/', '/v2'].map((path) => connect(side, path));
    side.close();
    expect(clients.map((client) => client.closedWith())).toEqual([1001, 1001, 1001]);
    expect(watching).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});

describe('a fault of a stream', () => {
  test('silent: open and pinged, but nothing is heard, until it is taken away', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, BTC);
    side.setFaults({ binance: { silent: true } });
    clock.advance(60_000);
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    expect(client.take()).toEqual([]);
    expect(client.pings()).toBe(3);
    side.setFaults({ binance: null });
    clock.advance(1000);
    expect(client.take()).toHaveLength(1);
  });

  test('noPings: no ping comes, and nobody is cut for it', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { noPings: true } });
    const client = connect(side, BTC);
    clock.advance(200_000);
    expect(client.pings()).toBe(0);
    expect(client.closedWith()).toBeNull();
  });

  test('cutEveryMs: every connection ends at that age', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { cutEveryMs: 5000, cutCode: 1011 }, kraken: { cutEveryMs: 3000 } });
    const first = connect(side, BTC);
    const other = connect(side, '/v2');
    clock.advance(4000);
    const second = connect(side, BTC);
    expect([first.closedWith(), other.closedWith()]).toEqual([null, 1006]);
    clock.advance(1000);
    expect([first.closedWith(), second.closedWith()]).toEqual([1011, null]);
    clock.advance(4000);
    expect(second.closedWith()).toBe(1011);
  });

  test('refuse: handshakes get the status, connections that are open stay', () => {
    const { clock, side } = createTestSide();
    const client = connect(side, BTC);
    side.setFaults({ binance: { refuse: 429, retryAfterS: 30 } });
    expect(handshake(side, BTC)).toEqual({
      kind: 'refused',
      status: 429,
      headers: { 'retry-after': '30' },
    });
    expect(handshake(side, '/').kind).toBe('accepted');
    clock.advance(2000);
    expect(client.take()).toHaveLength(2);
  });

  test('frozen: handshakes are never answered', () => {
    const { side } = createTestSide();
    side.setFaults({ coinbase: { frozen: true } });
    expect(handshake(side, '/').kind).toBe('frozen');
    expect(side.log().counts.coinbase).toMatchObject({ handshakes: 1, opened: 0 });
  });

  test('outOfOrder: the later of two prices comes first, and none is lost', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { outOfOrder: true } });
    const client = connect(side, BTC);
    const start = clock.now();
    clock.advance(4000);
    expect(timesOf(client).map((time) => time - start)).toEqual([2000, 1000, 4000, 3000]);
  });

  test('repeat: every price comes twice, an acknowledgement once', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { repeat: true } });
    const client = connect(side, BTC);
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    expect(client.take()).toHaveLength(1);
    clock.advance(2000);
    const [first, again, ...rest] = timesOf(client);
    expect(first).toBe(again ?? 0);
    expect(rest).toHaveLength(2);
  });

  test.each([3_600_000, -86_400_000])('skewMs: event times are %d ms off', (skewMs) => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { skewMs } });
    const client = connect(side, BTC);
    clock.advance(1000);
    expect(timesOf(client)).toEqual([clock.now() + skewMs]);
  });

  test('delayMs: frames come later than their time says, and none after the end', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { delayMs: 1500 } });
    const client = connect(side, BTC);
    const start = clock.now();
    clock.advance(2499);
    expect(client.take()).toEqual([]);
    clock.advance(1);
    expect(timesOf(client)).toEqual([start + 1000]);
    client.closed();
    clock.advance(5000);
    expect(client.raw()).toEqual([]);
  });

  test('malformed: half of every frame comes', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { malformed: true } });
    const client = connect(side, BTC);
    clock.advance(1000);
    const [frame = ''] = client.raw();
    expect(frame).toStartWith('{"e":"24hrTicker"');
    expect(() => JSON.parse(String(frame))).toThrow();
  });

  test('unlisted: the exchange does not know the coin', () => {
    const { clock, side } = createTestSide();
    side.setFaults({ binance: { unlisted: ['BTC'] }, kraken: { unlisted: ['BTC'] } });
    const client = connect(side, BTC);
    const kraken = connect(side, '/v2');
    kraken.say({ method: 'subscribe', params: { channel: 'ticker', symbol: ['BTC/USD'] } });
    clock.advance(6000);
    expect(client.take()).toEqual([]);
    expect(kraken.takeOnly('success', false)).toHaveLength(1);
  });
});

describe('an act on a stream', () => {
  test('cut: closes what is open, and new connections open', () => {
    const { side } = createTestSide();
    const [client, kraken] = [connect(side, BTC), connect(side, '/v2')];
    side.act('binance', { do: 'cut' });
    side.act('kraken', { do: 'cut', code: 4000 });
    expect([client.closedWith(), kraken.closedWith()]).toEqual([1006, 4000]);
    expect(handshake(side, BTC).kind).toBe('accepted');
    expect(side.log().connections[0]).toMatchObject({ close_code: 1006 });
  });

  test('inject: puts any text and any bytes on the wire as they are, also of a silent stream', () => {
    const { side } = createTestSide();
    const client = connect(side, BTC);
    side.setFaults({ binance: { silent: true } });
    side.act('binance', { do: 'inject', frames: ['', '{"E":1e400}', { base64: 'AAH/' }] });
    expect(client.raw()).toEqual(['', '{"E":1e400}', Buffer.from([0, 1, 255])]);
  });
});

describe('an outage of an exchange', () => {
  test.each([
    [{ state: 'dead', block: null }, { kind: 'dropped' }],
    [
      { state: 'ok', block: 451 },
      { kind: 'refused', status: 451, headers: {} },
    ],
  ] as const)('%j: ends its connections at once and accepts none', ({ state, block }, answer) => {
    const { states, side } = createTestSide();
    const [client, other] = [connect(side, BTC), connect(side, '/v2')];
    states.setStates({ binance: state });
    states.setBlocks({ binance: block });
    expect([client.closedWith(), other.closedWith()]).toEqual([1006, null]);
    expect(handshake(side, BTC)).toEqual(answer);
    states.setStates({ binance: 'ok' });
    states.setBlocks({ binance: null });
    expect(handshake(side, BTC).kind).toBe('accepted');
  });

  test('frozen: nothing comes any more, not even pings, and no handshake is answered', () => {
    const { clock, states, side } = createTestSide();
    const client = connect(side, BTC);
    states.setStates({ binance: 'frozen' });
    clock.advance(200_000);
    expect(client.raw()).toEqual([]);
    expect([client.pings(), client.closedWith()]).toEqual([0, null]);
    expect(handshake(side, BTC).kind).toBe('frozen');
    states.setStates({ binance: 'ok' });
    clock.advance(1000);
    expect(client.raw()).toHaveLength(1);
  });
});
