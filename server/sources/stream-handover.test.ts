import { describe, expect, test } from 'bun:test';
import { PROVEN_AFTER_MS } from './stream-connection.ts';
import { SILENCE_MS } from './stream-deadlines.ts';
import { HANDOVER_MS } from './stream-pair.ts';
import { createTestStream, HANDSHAKE_TIMEOUT_MS, openTestStream, say } from './test-stream.ts';

/** Opens a stream that has brought prices of both coins for a while, and is told that its server will go. */
function leaving() {
  const stream = openTestStream();
  stream.clock.advance(0);
  stream.socket().open(say.prices('BTC', 'ETH'));
  stream.clock.advance(PROVEN_AFTER_MS);
  stream.socket().say(say.goingAway);
  stream.news();
  return stream;
}

/** As `leaving`, with the next connection under way. */
function followed() {
  const stream = leaving();
  stream.clock.advance(1000);
  const [old, next] = stream.sockets;
  if (old === undefined || next === undefined) throw new Error('there is no next connection');
  return { ...stream, old, next };
}

describe('a connection that will be cut', () => {
  test('is followed by another within a second, and goes on until then', () => {
    const { clock, sockets, socket, news } = leaving();
    socket().say(say.prices('BTC'));
    expect(news()).toEqual(['1: BTC']);
    clock.advance(1000);
    expect(sockets.map((each) => each.isOpen())).toEqual([true, true]);
    expect(news()).toEqual([]);
  });

  test('hands over coin by coin, and is ended with the last: no figure is lost', () => {
    const { old, next, news } = followed();
    next.open(say.heartbeat);
    old.say(say.prices('BTC'));
    next.say(say.prices('BTC'));
    old.say(say.prices('BTC', 'ETH'));
    old.say(say.prices('BTC'));
    expect(news()).toEqual(['1: BTC', '2 connected', '2: BTC', '1: ETH']);
    expect(old.isOpen()).toBe(true);
    next.say(say.prices('ETH'));
    expect(old.isTerminated()).toBe(true);
    expect(news()).toEqual(['2: ETH', '1 lost']);
    old.say(say.prices('ETH'));
    old.end();
    expect(news()).toEqual([]);
  });

  test('is not waited for when the next one lacks a coin', () => {
    const { clock, old, next, news } = followed();
    next.open(say.prices('BTC'));
    news();
    for (let second = 1; second < HANDOVER_MS / 1000; second++) {
      clock.advance(1000);
      next.say(say.prices('BTC'));
      old.say(say.prices('ETH'));
    }
    expect(old.isOpen()).toBe(true);
    news();
    clock.advance(1000);
    expect(old.isTerminated()).toBe(true);
    expect(news()).toEqual(['1 lost']);
  });

  test('is kept while those that are to follow it fail, and all is well as long as it lasts', () => {
    const { clock, sockets, old, next, news } = followed();
    next.end({ status: 503 });
    clock.advance(1500);
    expect(sockets).toHaveLength(3);
    sockets[2]?.open();
    for (let second = 0; second < SILENCE_MS / 1000; second++) {
      clock.advance(1000);
      old.say(say.prices('BTC', 'ETH'));
    }
    // The third brought nothing, and was ended for it.
    expect(sockets[2]?.isTerminated()).toBe(true);
    expect(old.isOpen()).toBe(true);
    expect(new Set(news())).toEqual(new Set(['1: BTC ETH']));
    old.end({ closeCode: 1001 });
    expect(news()).toEqual(['1 lost', 'failing timeout']);
  });

  test('is kept when the next one fails in the middle of the handover', () => {
    const { clock, old, next, news } = followed();
    next.open(say.prices('BTC'));
    next.end();
    expect(news()).toEqual(['2 connected', '2: BTC', '2 lost']);
    old.say(say.prices('BTC'));
    expect(news()).toEqual(['1: BTC']);
    clock.advance(HANDOVER_MS);
    expect(old.isOpen()).toBe(true);
  });

  test('is not connected to again sooner when it ends before the next one is up', () => {
    const { clock, sockets, old, next, news } = followed();
    old.end({ closeCode: 1001 });
    expect(news()).toEqual(['1 lost', 'failing unavailable']);
    next.open(say.prices('BTC', 'ETH'));
    expect(news()).toEqual(['2 connected', 'ok', '2: BTC ETH']);
    clock.advance(SILENCE_MS - 1);
    expect(sockets).toHaveLength(2);
  });

  test('is told once to be leaving, however often that is said', () => {
    const { clock, sockets, old, next, news } = followed();
    for (let n = 0; n < 10; n++) {
      old.say(say.goingAway);
      clock.advance(100);
    }
    expect(sockets).toHaveLength(2);
    next.open(say.prices('BTC', 'ETH'));
    expect(news()).toEqual(['2 connected', '2: BTC ETH', '1 lost']);
  });

  test('gives way when the one that follows it will be cut too', () => {
    const { clock, sockets, old, next, news } = followed();
    next.open(say.prices('BTC'), say.goingAway);
    expect(old.isTerminated()).toBe(true);
    expect(news()).toEqual(['2 connected', '2: BTC', '1 lost']);
    clock.advance(4000);
    expect(sockets.filter((socket) => socket.isOpen())).toHaveLength(2);
  });

  test('is not touched by the deadline of a handover before it', () => {
    const { clock, sockets, next, news } = followed();
    next.open(say.prices('BTC'));
    clock.advance(HANDOVER_MS / 2);
    next.say(say.prices('ETH'));
    next.say(say.goingAway);
    clock.advance(HANDOVER_MS / 2);
    expect(next.isOpen()).toBe(true);
    expect(news().at(-1)).toBe('1 lost');
    expect(sockets.length).toBeGreaterThan(2);
  });

  test('says why itself when it ends, not why another did before it', () => {
    const { clock, socket, news } = openTestStream();
    clock.advance(HANDSHAKE_TIMEOUT_MS);
    clock.advance(1000);
    socket().open(say.prices('BTC'), say.goingAway);
    news();
    socket().end();
    expect(news()).toEqual(['1 lost', 'failing unavailable']);
  });

  test('can be the moment to close the stream', () => {
    const stream = openTestStream({}, (line) => {
      if (line === '1 lost') stream.stream.close();
    });
    stream.clock.advance(0);
    stream.socket().open(say.prices('BTC', 'ETH'), say.goingAway);
    stream.clock.advance(1000);
    stream.socket().open(say.prices('BTC'), say.goingAway);
    expect(stream.news().at(-1)).toBe('1 lost');
    expect(stream.clock.pending()).toBe(0);
  });

  test('is not worth keeping without a price', () => {
    const { clock, sockets, socket, news } = openTestStream();
    clock.advance(0);
    socket().open(say.goingAway);
    expect(sockets[0]?.isTerminated()).toBe(true);
    expect(news()).toEqual(['failing unavailable']);
  });

  test('once a second does not make a storm', () => {
    const { clock, sockets, socket } = openTestStream();
    for (let second = 0; second < 600; second++) {
      clock.advance(1000);
      socket().open(say.prices('BTC', 'ETH'), say.goingAway);
    }
    expect(sockets.length).toBeLessThan(60);
    expect(sockets.filter((each) => each.isOpen()).length).toBeLessThanOrEqual(2);
  });
});

describe('a connection that is as old as it may be', () => {
  const HOUR_MS = 3_600_000;
  const MAX_CONNECTION_MS = 24 * HOUR_MS;

  /** A day and an hour in which prices come every few seconds. */
  const dayWith = (random: () => number) => {
    const stream = openTestStream({
      random,
      stream: createTestStream({ maxConnectionMs: MAX_CONNECTION_MS }),
    });
    stream.clock.advance(0);
    while (stream.clock.monotonic() < MAX_CONNECTION_MS + HOUR_MS) {
      stream.socket().open(say.prices('BTC', 'ETH'));
      stream.clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
    }
    return stream;
  };

  test('pitfall 40: is followed by another before the exchange cuts it, not always at the same age', () => {
    const ages = [0, 0.5, 0.99].map((die) => {
      const { sockets, news } = dayWith(() => die);
      expect(sockets).toHaveLength(2);
      expect(news().filter((line) => !line.includes(':'))).toEqual([
        '1 connected',
        'ok',
        '2 connected',
        '1 lost',
      ]);
      return Math.round((sockets[1]?.atMs ?? 0) / HOUR_MS);
    });
    expect(ages).toEqual([24, 23, 23]);
  });
});
