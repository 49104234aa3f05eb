import { describe, expect, test } from 'bun:test';
import type { ErrorCode } from '../../contract/index.ts';
import type { StreamEnd } from './stream.ts';
import { MAX_ATTEMPTS } from './stream-backoff.ts';
import { PROVEN_AFTER_MS } from './stream-connection.ts';
import { busiest, openTestStream, say, type TestStream } from './test-stream.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When the connections of a stream were begun, from one to the next, ms. */
const gapsOf = ({ sockets }: TestStream) =>
  sockets.slice(1).map(({ atMs }, n) => atMs - (sockets[n]?.atMs ?? 0));

describe('a connection that ends', () => {
  const ends: readonly [string, Partial<StreamEnd>, ErrorCode][] = [
    ['is cut after 24 h, or resets', { closeCode: 1006 }, 'unavailable'],
    ['is closed in peace', { closeCode: 1000 }, 'unavailable'],
    ['is closed by a server that goes away', { closeCode: 1001 }, 'unavailable'],
    ['is closed by a restart of the service', { closeCode: 1012 }, 'unavailable'],
    ['is told to try later', { closeCode: 1013 }, 'unavailable'],
    ['brings what is no frame', { closeCode: 1002 }, 'bad_response'],
    ['brings too much', { closeCode: 1009, isTooLarge: true }, 'too_large'],
  ];
  test.each(ends)(
    'pitfall 40: because it %s, is followed by another within a second',
    (_, how, code) => {
      const stream = openTestStream();
      const { clock, sockets, socket, news } = stream;
      clock.advance(0);
      socket().open(say.prices('BTC'));
      clock.advance(PROVEN_AFTER_MS);
      news();
      socket().end(how);
      expect(news()).toEqual(['1 lost', `failing ${code}`]);
      clock.advance(1000);
      expect(sockets).toHaveLength(2);
      socket().open(say.prices('BTC'));
      expect(news()).toEqual(['2 connected', 'ok', '2: BTC']);
    },
  );

  test('pitfall 40: for talking too much is not followed by another for a minute', () => {
    const stream = openTestStream();
    stream.clock.advance(0);
    stream.socket().open(say.prices('BTC'));
    stream.news();
    stream.socket().end({ closeCode: 1008 });
    expect(stream.news()).toEqual(['1 lost', 'rate_limited rate_limited']);
    stream.clock.advance(HOUR_MS);
    expect(gapsOf(stream)[0]).toBe(63_000);
  });

  test.each<[ErrorCode, string, number]>([
    ['rate_limited', 'rate_limited rate_limited', 63_000],
    ['blocked', 'blocked blocked', 1_890_000],
    ['bad_response', 'failing bad_response', 625],
  ])(
    'because what it was asked for is refused as %s, is followed as that says',
    (code, state, gapMs) => {
      const stream = openTestStream();
      stream.clock.advance(0);
      stream.socket().open(say.refused(code), say.prices('BTC'));
      expect(stream.sockets[0]?.isTerminated()).toBe(true);
      expect(stream.news()).toEqual([state]);
      stream.clock.advance(gapMs);
      expect(gapsOf(stream)).toEqual([gapMs]);
    },
  );
});

describe('a handshake', () => {
  /** Refuses the first handshake. */
  function refused(how: (nowMs: number) => Partial<StreamEnd>) {
    const stream = openTestStream();
    stream.clock.advance(0);
    stream.socket().end(how(stream.clock.now()));
    return stream;
  }

  test.each([401, 403, 451])(
    'pitfall 40: answered with %p is not tried again for half an hour',
    (status) => {
      const stream = refused(() => ({ status }));
      expect(stream.news()).toEqual(['blocked blocked']);
      stream.clock.advance(1_890_000 - 1);
      expect(stream.sockets).toHaveLength(1);
      stream.clock.advance(1);
      expect(stream.sockets).toHaveLength(2);
      stream.socket().end({ status });
      expect(stream.news()).toEqual([]);
    },
  );

  test.each([429, 418])('pitfall 40: answered with %p is tried again when that says', (status) => {
    const asked = refused((nowMs) => ({ status, retryAtMs: nowMs + 120_000 }));
    expect(asked.news()).toEqual(['rate_limited rate_limited']);
    const silent = refused(() => ({ status }));
    expect(silent.news()).toEqual(['rate_limited rate_limited']);
    for (const stream of [asked, silent]) stream.clock.advance(HOUR_MS);
    expect([gapsOf(asked)[0], gapsOf(silent)[0]]).toEqual([126_000, 63_000]);
  });

  test('pitfall 40: answered with 503 is tried again soon, or when that says', () => {
    const silent = refused(() => ({ status: 503 }));
    const asked = refused((nowMs) => ({ status: 503, retryAtMs: nowMs + 30_000 }));
    expect(silent.news()).toEqual(['failing unavailable']);
    expect(asked.news()).toEqual(['failing unavailable']);
    for (const stream of [silent, asked]) stream.clock.advance(MINUTE_MS);
    expect([gapsOf(silent)[0], gapsOf(asked)[0]]).toEqual([625, 31_500]);
  });

  test.each<[number | null, ErrorCode]>([
    [null, 'unavailable'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [302, 'bad_response'],
    [200, 'bad_response'],
    [404, 'bad_response'],
  ])('pitfall 6: answered with %p is tried again soon, whatever time that says', (status, code) => {
    const stream = refused((nowMs) => ({ status, retryAtMs: nowMs + HOUR_MS }));
    expect(stream.news()).toEqual([`failing ${code}`]);
    stream.clock.advance(1000);
    expect(stream.sockets).toHaveLength(2);
  });

  test('is a different matter the next time', () => {
    const stream = refused(() => ({ status: 451 }));
    stream.clock.advance(1_890_000);
    stream.socket().end({ status: 500 });
    stream.clock.advance(2000);
    stream.socket().open(say.prices('BTC'));
    expect(stream.news()).toEqual([
      'blocked blocked',
      'failing unavailable',
      '1 connected',
      'ok',
      '1: BTC',
    ]);
  });
});

describe('the connections', () => {
  /** A stream whose first three connections failed and whose fourth has brought a price and lasted for so long. */
  function after(lastedMs: number) {
    const stream = openTestStream();
    for (const waitMs of [0, 625, 1125]) {
      stream.clock.advance(waitMs);
      stream.socket().end();
    }
    stream.clock.advance(2125);
    stream.socket().open(say.prices('BTC'));
    stream.clock.advance(lastedMs);
    // Its last sign of life: silence after it proves nothing.
    stream.socket().say(say.prices('BTC'));
    return stream;
  }

  test.each<[string, (stream: TestStream) => void]>([
    ['is cut', ({ socket }) => socket().end()],
    ['will be cut', ({ socket }) => socket().say(say.goingAway)],
  ])('pitfall 41: come soon again after a good one that %s, and after no other', (_, leave) => {
    const good = after(PROVEN_AFTER_MS);
    const flapping = after(PROVEN_AFTER_MS - 1);
    for (const stream of [good, flapping]) {
      leave(stream);
      stream.clock.advance(625);
    }
    expect([good.sockets.length, flapping.sockets.length]).toEqual([5, 4]);
    flapping.clock.advance(4125 - 625);
    expect(flapping.sockets).toHaveLength(5);
  });

  test('pitfall 41: come later and later while an exchange is away', () => {
    const stream = openTestStream();
    while (stream.clock.monotonic() < 3 * MINUTE_MS) {
      stream.clock.advance(25);
      if (stream.sockets.at(-1)?.isOpen()) stream.socket().end();
    }
    const gaps = gapsOf(stream);
    expect(gaps.length).toBeGreaterThan(8);
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
    expect(gaps.slice(0, 3)).toEqual([650, 1125, 2125]);
    expect(gaps.at(-1)).toBe(15_125);
  });

  test('pitfall 41: of a server that consents, brings a price and closes at once come later and later too', () => {
    const stream = openTestStream();
    const until = HOUR_MS;
    while (stream.clock.monotonic() < until) {
      stream.clock.advance(250);
      const socket = stream.sockets.at(-1);
      if (socket?.isOpen()) {
        socket.open(say.prices('BTC'));
        socket.end();
      }
    }
    expect(busiest(stream)).toBeLessThanOrEqual(MAX_ATTEMPTS);
    expect(gapsOf(stream).at(-1)).toBeGreaterThan(15_000);
  });

  test('pitfall 41: of a server that closes just late enough to count as good are few', () => {
    const stream = openTestStream({ random: () => 0 });
    for (let step = 0; step < 12 * 60; step++) {
      stream.clock.advance(0);
      if (stream.socket().isOpen()) stream.socket().open(say.prices('BTC'));
      stream.clock.advance(PROVEN_AFTER_MS / 2);
      const age = stream.clock.monotonic() - stream.socket().atMs;
      if (stream.socket().isOpen() && age >= PROVEN_AFTER_MS) stream.socket().end();
    }
    expect(stream.sockets.length).toBeGreaterThan(100);
    expect(busiest(stream)).toBeLessThanOrEqual(MAX_ATTEMPTS);
  });

  test('pitfall 41: are never two at once after a slow close', () => {
    const { clock, sockets, socket, news } = openTestStream();
    clock.advance(0);
    socket().open(say.prices('BTC'));
    // Silent, so terminated; the other side closes only after the next one is up.
    clock.advance(22_000);
    expect(sockets.map((each) => each.isOpen())).toEqual([false, true]);
    socket().open(say.prices('BTC'));
    news();
    sockets[0]?.end({ closeCode: 1006 });
    sockets[0]?.events.frame(say.prices('BTC'));
    sockets[0]?.events.opened();
    sockets[0]?.end({ closeCode: 1000 });
    clock.advance(5000);
    expect(news()).toEqual([]);
    expect(sockets).toHaveLength(2);
  });
});
