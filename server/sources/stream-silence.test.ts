import { describe, expect, test } from 'bun:test';
import type { Clock } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { Frame } from './stream.ts';
import { SILENCE_MS } from './stream-deadlines.ts';
import { createWatchdog, EXCUSE_MS } from './stream-watchdog.ts';
import { createTestStream, HANDSHAKE_TIMEOUT_MS, openTestStream, say } from './test-stream.ts';

/** Opens a stream whose first connection has opened and said `texts`. */
function opened(...texts: (string | null)[]) {
  const stream = openTestStream();
  stream.clock.advance(0);
  stream.socket().open(...texts);
  return stream;
}

test('a connection whose prices are late when they come says so in the log', () => {
  const stream = openTestStream({
    stream: createTestStream({
      read: () => ({
        kind: 'prices',
        prices: [
          {
            symbol: 'BTC',
            // The manual clock begins at seven.
            eventTimeMs: Date.UTC(2026, 10, 23, 6, 58, 50),
            value: { price_usd: 1, change_24h: 1, high_24h: 2, low_24h: 1, volume_24h_usd: 1 },
          },
        ],
      }),
    }),
  });
  stream.clock.advance(0);
  stream.socket().open('any', 'any');
  const late = stream.logged.filter((line) => 'lateS' in line);
  expect(late).toMatchObject([{ level: 'warn', source: 'binance', lateS: 70 }]);
});

describe('a handshake', () => {
  test('that takes too long is given up, and begun anew', () => {
    const { clock, sockets, news } = openTestStream();
    clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
    expect(sockets[0]?.isTerminated()).toBe(false);
    clock.advance(1);
    expect(sockets[0]?.isTerminated()).toBe(true);
    expect(news()).toEqual(['failing timeout']);
    clock.advance(1000);
    expect(sockets).toHaveLength(2);
  });

  test('that is answered after that comes to nothing', () => {
    const { clock, sockets, news } = openTestStream({
      stream: createTestStream({ hello: () => ['one'] }),
    });
    clock.advance(HANDSHAKE_TIMEOUT_MS);
    sockets[0]?.open(say.prices('BTC'));
    expect(news()).toEqual(['failing timeout']);
    expect(sockets[0]?.sent).toEqual([]);
  });
});

describe('a silent connection', () => {
  test('pitfall 39: is ended when it is pinged and nothing else comes', () => {
    const { clock, sockets, news } = opened(say.prices('BTC'));
    news();
    for (let second = 1; second < SILENCE_MS / 1000; second++) {
      clock.advance(1000);
      sockets[0]?.events.pinged();
    }
    clock.advance(999);
    expect(sockets[0]?.isTerminated()).toBe(false);
    clock.advance(1);
    expect(sockets[0]?.isTerminated()).toBe(true);
    expect(news()).toEqual(['1 lost', 'failing timeout']);
    clock.advance(1000);
    expect(sockets).toHaveLength(2);
  });

  test('pitfall 39: is ended when nothing comes at all, no ping either', () => {
    const { clock, sockets, news } = opened(say.prices('BTC'));
    clock.advance(SILENCE_MS);
    expect(sockets[0]?.isTerminated()).toBe(true);
    expect(news()).toContain('1 lost');
  });

  test('pitfall 39: is ended when it says the same moment again and again', () => {
    const atMs = Date.UTC(2026, 10, 23, 7);
    const value = { price_usd: 1, change_24h: 1, high_24h: 2, low_24h: 1, volume_24h_usd: 1 };
    const stuck = (text: string): Frame => ({
      kind: 'prices',
      prices: [{ symbol: 'BTC', eventTimeMs: atMs + Number(text), value }],
    });
    const { clock, sockets, news, socket } = openTestStream({
      stream: createTestStream({ read: stuck }),
    });
    clock.advance(0);
    socket().open('0');
    for (let second = 1; second <= 30; second++) {
      clock.advance(1000);
      socket().say(String(second * 1000));
    }
    expect(sockets).toHaveLength(1);
    news();
    for (let second = 1; second < SILENCE_MS / 1000; second++) {
      clock.advance(1000);
      socket().say('30000');
    }
    expect(sockets[0]?.isTerminated()).toBe(false);
    clock.advance(1000);
    expect(sockets[0]?.isTerminated()).toBe(true);
    expect(news()).toContain('failing timeout');
  });

  test('pitfall 39: is ended when it has opened and never brings a price, heartbeats or not', () => {
    const silent = opened();
    const beating = opened();
    for (let second = 0; second < SILENCE_MS / 1000; second++) {
      expect(beating.socket().isOpen()).toBe(true);
      beating.socket().events.frame(say.heartbeat);
      for (const { clock } of [silent, beating]) clock.advance(1000);
    }
    for (const { sockets, news } of [silent, beating]) {
      expect(sockets[0]?.isTerminated()).toBe(true);
      expect(news()).toEqual(['failing timeout']);
    }
  });

  test('is tried again later and later when none of its like brings a price', () => {
    const { clock, sockets, socket, logged } = openTestStream();
    clock.advance(0);
    while (sockets.length < 8) {
      socket().open(say.heartbeat);
      clock.advance(1000);
    }
    expect(logged.at(-1)).toMatchObject({ code: 'timeout', waitMs: 15_125 });
  });

  test('is none while prices come, pinged or not', () => {
    const { clock, sockets, socket } = opened(say.prices('BTC'));
    for (let n = 0; n < 100; n++) {
      clock.advance(SILENCE_MS - 1);
      socket().events.frame(say.prices('BTC'));
    }
    expect(sockets).toHaveLength(1);
  });

  test('is none while heartbeats come after a price, and they keep its time moving', () => {
    const { clock, sockets, socket, news } = opened(say.prices('BTC'));
    news();
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      socket().events.frame(say.heartbeat);
    }
    expect(sockets).toHaveLength(1);
    expect(news()).toEqual(['1: BTC', '1: BTC', '1: BTC', '1: BTC']);
  });

  test.each([
    ['nonsense', say.nonsense],
    ['binary frames', null],
    ['empty texts', ''],
  ])('is one on which nothing but %s comes, and that is a bad response', (_, frame) => {
    const { clock, sockets, socket, news, logged } = opened(say.prices('BTC'));
    news();
    for (let second = 0; second < SILENCE_MS / 1000; second++) {
      socket().events.frame(frame);
      clock.advance(1000);
    }
    expect(sockets[0]?.isTerminated()).toBe(true);
    expect(news()).toEqual(['1 lost', 'failing bad_response']);
    expect(logged).toMatchObject([{ unreadable: SILENCE_MS / 1000 }]);
  });

  test('was not garbled when what could not be read came before what could', () => {
    const { clock, news } = opened(say.prices('BTC'), say.nonsense, say.prices('BTC'));
    news();
    clock.advance(SILENCE_MS);
    expect(news()).toEqual(['1 lost', 'failing timeout']);
  });

  test('is found by one timer, however many frames come', () => {
    const { clock, socket } = opened(say.prices('BTC'));
    const waiting = clock.pending();
    for (let n = 0; n < 1000; n++) socket().events.frame(say.prices('BTC'));
    expect(clock.pending()).toBe(waiting);
  });
});

/** A clock whose timers fire late: what a process sees after it stood still. */
function createLateClock() {
  const hands = createManualClock();
  let lateMs = 0;
  const clock: Clock = {
    now: () => hands.now() + lateMs,
    monotonic: () => hands.monotonic() + lateMs,
    after: (delayMs, run) => hands.after(delayMs, run),
  };
  return {
    clock,
    advance: hands.advance,
    standStill(ms: number) {
      lateMs += ms;
    },
  };
}

describe('a process that stood still', () => {
  const watched = () => {
    const late = createLateClock();
    const silences: number[] = [];
    const watchdog = createWatchdog(late.clock, SILENCE_MS, () => {
      silences.push(late.clock.monotonic());
    });
    return { ...late, silences, watchdog };
  };

  test('pitfall 45: blames no connection whose frames wait to be read', () => {
    const { advance, standStill, silences, watchdog } = watched();
    advance(5000);
    watchdog.heard();
    standStill(60_000);
    // The timer is the first to be heard of, then the network.
    advance(SILENCE_MS - 5000 + 10);
    expect(silences).toEqual([]);
    watchdog.heard();
    // And once more.
    standStill(60_000);
    advance(EXCUSE_MS + 10);
    expect(silences).toEqual([]);
    watchdog.heard();
    advance(SILENCE_MS - 1);
    expect(silences).toEqual([]);
    advance(1);
    expect(silences).toHaveLength(1);
  });

  test('pitfall 45: finds out soon about a connection that was lost meanwhile', () => {
    const { clock, advance, standStill, silences } = watched();
    standStill(60_000);
    advance(SILENCE_MS + EXCUSE_MS);
    expect(silences).toEqual([clock.monotonic()]);
  });

  test('has one excuse for each silence, however late its timers always are', () => {
    const hands = createManualClock();
    let silences = 0;
    const after: Clock['after'] = (delayMs, run) => hands.after(delayMs + 500, run);
    createWatchdog({ ...hands, after }, SILENCE_MS, () => {
      silences += 1;
    });
    hands.advance(10 * SILENCE_MS);
    expect(silences).toBe(1);
  });
});
