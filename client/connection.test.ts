import { describe, expect, test } from 'bun:test';
import { at, hello, patch, update } from './testing/documents.ts';
import { createLiveRig, createRig } from './testing/rig.ts';

const RECONNECTING = { state: 'reconnecting', attempt: 1, max: 5 } as const;

describe('heartbeat', () => {
  test('pings after 20 s without any frame and is dead 10 s later', () => {
    const rig = createLiveRig();
    rig.clock.advance(19_999);
    expect(rig.socket().sent).toEqual([]);
    rig.clock.advance(1);
    expect(rig.socket().sent).toEqual(['ping']);
    rig.clock.advance(9_999);
    expect(rig.client.current().link).toEqual({ state: 'live' });
    rig.clock.advance(1);
    expect(rig.client.current().link).toEqual(RECONNECTING);
    expect(rig.sockets[0]?.isClosed).toBe(true);
  });

  test('takes any frame as a sign of life, readable or not', () => {
    for (const frame of ['pong', '{', hello(), patch(at(6), {}), { type: 'later' }]) {
      const rig = createLiveRig();
      rig.clock.advance(20_000);
      rig.clock.advance(9_000);
      rig.socket().deliver(frame);
      rig.clock.advance(19_999);
      expect(rig.socket().sent).toEqual(['ping']);
      rig.clock.advance(1);
      expect(rig.socket().sent).toEqual(['ping', 'ping']);
      expect(rig.sockets).toHaveLength(1);
    }
  });

  test('sends nothing while frames come', () => {
    const rig = createLiveRig();
    for (let seq = 6; seq < 20; seq++) {
      rig.clock.advance(19_000);
      rig.socket().deliver(patch(at(seq), { btc_price_usd: seq }));
    }
    expect(rig.socket().sent).toEqual([]);
    expect(rig.client.current().position).toEqual(at(19));
  });
});

describe('opening', () => {
  test('a handshake that hangs is given up after 10 s', () => {
    const rig = createRig();
    rig.clock.advance(9_999);
    expect(rig.client.current().link).toEqual({ state: 'connecting' });
    rig.clock.advance(1);
    expect(rig.client.current().link).toEqual(RECONNECTING);
    expect(rig.sockets[0]?.isClosed).toBe(true);
  });

  test('a connection that talks but delivers no document is given up after 10 s', () => {
    const rig = createRig();
    for (let second = 0; second < 10; second++) {
      rig.socket().deliver('pong');
      rig.socket().deliver(hello());
      expect(rig.client.current().link).toEqual({ state: 'connecting' });
      rig.clock.advance(1_000);
    }
    expect(rig.client.current().link).toEqual(RECONNECTING);
  });

  test('what a given-up connection still brings is not heard', () => {
    const rig = createRig();
    rig.clock.advance(10_000);
    rig.sockets[0]?.deliver(update(at(5), 100));
    rig.sockets[0]?.drop();
    expect(rig.client.current().document).toBeNull();
    expect(rig.client.current().link).toEqual(RECONNECTING);
  });

  test('a WebSocket that cannot even be made is a failed attempt', () => {
    const rig = createRig({
      WebSocket: class {
        constructor() {
          throw new DOMException('forbidden by policy', 'SecurityError');
        }
        addEventListener() {}
        send() {}
        close() {}
      },
    });
    rig.clock.advance(0);
    expect(rig.links.slice(0, 2)).toEqual([{ state: 'connecting' }, RECONNECTING]);
  });

  test('goes to /ws of the server, encrypted where the server is', () => {
    expect(createRig().socket().url).toBe('wss://market.example/ws');
    const local = createRig({ url: 'http://127.0.0.1:8000/crypto_report' });
    expect(local.socket().url).toBe('ws://127.0.0.1:8000/ws');
  });
});
