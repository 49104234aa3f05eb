import { describe, expect, test } from 'bun:test';
import {
  createTestStream,
  HANDSHAKE_TIMEOUT_MS,
  openTestStream,
  say,
  USER_AGENT,
} from './test-stream.ts';

describe('a stream', () => {
  test('connects at once, to the address of its coins, and says who asks', () => {
    const { clock, sockets, socket, news } = openTestStream();
    expect(sockets).toHaveLength(0);
    clock.advance(0);
    expect(socket().url).toBe('ws://127.0.0.1:9/stream?of=BTC/ETH');
    expect(socket().headers).toEqual({ 'user-agent': USER_AGENT });
    clock.advance(1000);
    expect(sockets).toHaveLength(1);
    expect(news()).toEqual([]);
  });

  test('is of use with the first price, and passes on what follows', () => {
    const { clock, socket, news } = openTestStream();
    clock.advance(0);
    socket().open(say.heartbeat);
    expect(news()).toEqual([]);
    socket().open(say.prices('BTC'), say.prices('ETH', 'BTC'));
    expect(news()).toEqual(['1 connected', 'ok', '1: BTC', '1: ETH BTC']);
  });

  test('gives every connection of the process a name of its own', () => {
    const names = new Set<string>();
    const open = (source: 'binance' | 'kraken') => {
      const { clock: own, socket, logged } = openTestStream({ source });
      own.advance(0);
      socket().end();
      own.advance(1000);
      socket().end();
      for (const fields of logged) names.add(String(Reflect.get(fields, 'connection')));
    };
    for (const source of ['binance', 'binance', 'kraken'] as const) open(source);
    expect(names.size).toBe(6);
    for (const name of names) expect(name).toMatch(/^(binance|kraken) stream \d+$/);
  });

  test('says its hello in order, no faster than it may, a pong counting as a text', () => {
    const stream = createTestStream({ hello: () => ['one', 'two', 'three'] });
    const { clock, socket } = openTestStream({ stream });
    clock.advance(0);
    const { events, sent } = socket();
    expect(sent).toEqual([]);
    events.opened();
    clock.advance(100);
    events.pinged();
    clock.advance(10_000);
    expect(sent).toEqual([
      { text: 'one', atMs: 0 },
      { text: 'two', atMs: 350 },
      { text: 'three', atMs: 600 },
    ]);
  });

  test('says nothing more on a connection that is over', () => {
    const stream = createTestStream({ hello: () => ['one', 'two'] });
    const { clock, sockets, socket } = openTestStream({ stream });
    clock.advance(0);
    socket().open();
    socket().end();
    clock.advance(600);
    expect(sockets[0]?.sent.map(({ text }) => text)).toEqual(['one']);
  });

  test('says nothing more when the first words are refused at once', () => {
    const sent: string[] = [];
    const { clock, stream, news } = openTestStream({
      stream: createTestStream({ hello: () => ['one', 'two'] }),
      connect(_url, _headers, events) {
        clock.after(10, events.opened);
        return {
          send(text) {
            sent.push(text);
            events.frame(say.refused('blocked'));
          },
          terminate() {},
        };
      },
    });
    clock.advance(10_000);
    expect(news()).toEqual(['blocked blocked']);
    expect(sent).toEqual(['one']);
    stream.close();
    expect(clock.pending()).toBe(0);
  });

  test('counts what comes, and says so when a connection ends', () => {
    const { clock, socket, logged } = openTestStream();
    clock.advance(0);
    socket().open(say.prices('BTC'), say.heartbeat, say.nonsense, null);
    socket().end();
    expect(logged).toMatchObject([{ message: 'a stream ended', frames: 4, unreadable: 2 }]);
    clock.advance(1000);
    socket().end();
    expect(logged[1]).toMatchObject({ message: 'a stream ended', frames: 0, unreadable: 0 });
  });

  test('tells what a connection that ends has brought to be lost, at once and once', () => {
    const { clock, socket, news } = openTestStream();
    clock.advance(0);
    socket().open(say.prices('BTC'));
    news();
    socket().end();
    expect(news()).toEqual(['1 lost', 'failing unavailable']);
    socket().end();
    socket().events.frame(say.prices('BTC'));
    clock.advance(200);
    expect(news()).toEqual([]);
  });

  test('tells nothing to be lost of a connection that brought no price', () => {
    const { clock, socket, news } = openTestStream();
    clock.advance(0);
    socket().open(say.heartbeat);
    socket().end();
    expect(news()).toEqual(['failing unavailable']);
  });

  test('says what it is doing only when that changes', () => {
    const { clock, socket, news } = openTestStream();
    clock.advance(0);
    socket().end();
    expect(news()).toEqual(['failing unavailable']);
    clock.advance(1000);
    socket().end();
    clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
    expect(news()).toEqual([]);
    clock.advance(HANDSHAKE_TIMEOUT_MS);
    expect(news()).toEqual(['failing timeout']);
    clock.advance(2500);
    socket().open(say.prices('BTC'));
    expect(news()).toEqual(['1 connected', 'ok', '1: BTC']);
  });

  test('goes on when its listener throws', () => {
    const { clock, sockets, socket, logged } = openTestStream({}, () => {
      throw new Error('a mistake of the listener');
    });
    clock.advance(0);
    socket().open(say.prices('BTC'));
    socket().end();
    clock.advance(1000);
    expect(sockets).toHaveLength(2);
    // Connected, state, readings; then lost, state; and the end itself.
    expect(logged).toHaveLength(6);
  });

  test('takes a mistake in its reader for an unreadable frame, and logs it once, without what was sent', () => {
    const read = (text: string): never => {
      throw new Error(text);
    };
    const { clock, socket, logged } = openTestStream({ stream: createTestStream({ read }) });
    clock.advance(0);
    socket().open('secret words', 'secret words');
    expect(logged).toHaveLength(1);
    expect(Bun.inspect(logged)).toContain('stream-caller.test.ts');
    socket().end();
    expect(logged[1]).toMatchObject({ frames: 2, unreadable: 2 });
    expect(Bun.inspect(logged)).not.toContain('secret words');
  });
});

describe('without the lease', () => {
  test('nothing is connected to, and it is asked again at a steady pace', () => {
    let mayConnect = false;
    let asked = 0;
    const { clock, sockets, news } = openTestStream({
      mayConnect: () => {
        asked += 1;
        return mayConnect;
      },
    });
    clock.advance(60_000);
    expect(sockets).toHaveLength(0);
    expect(asked).toBeGreaterThan(30);
    expect(asked).toBeLessThan(200);
    expect(news()).toEqual([]);
    mayConnect = true;
    clock.advance(1000);
    expect(sockets).toHaveLength(1);
  });

  test('it is asked right before every connection', () => {
    let mayConnect = true;
    const { clock, sockets, socket } = openTestStream({ mayConnect: () => mayConnect });
    clock.advance(0);
    mayConnect = false;
    socket().end();
    clock.advance(60_000);
    expect(sockets).toHaveLength(1);
  });

  test('it is not asked in a busy loop, whatever the dice say', () => {
    let asked = 0;
    const mayConnect = () => {
      asked += 1;
      return false;
    };
    const { clock } = openTestStream({ mayConnect, random: () => 0 });
    clock.advance(10_000);
    expect(asked).toBeLessThanOrEqual(41);
  });
});

describe('closing', () => {
  const moments: readonly [string, (opened: ReturnType<typeof openTestStream>) => void][] = [
    ['before it has connected', () => {}],
    ['in the handshake', ({ clock }) => clock.advance(0)],
    [
      'before the first price',
      ({ clock, socket }) => {
        clock.advance(0);
        socket().open();
      },
    ],
    [
      'while prices come',
      ({ clock, socket }) => {
        clock.advance(0);
        socket().open(say.prices('BTC'));
      },
    ],
    [
      'between two attempts',
      ({ clock, socket }) => {
        clock.advance(0);
        socket().end();
      },
    ],
    [
      'while one connection takes the place of another',
      ({ clock, socket }) => {
        clock.advance(0);
        socket().open(say.prices('BTC', 'ETH'), say.goingAway);
        clock.advance(2000);
        socket().open(say.prices('BTC'));
      },
    ],
  ];
  test.each(moments)(
    '%s ends every socket and every timer, and nothing more is heard',
    (_, lead) => {
      const stream = createTestStream({ hello: () => ['one', 'two'], maxConnectionMs: 3_600_000 });
      const opened = openTestStream({ stream });
      lead(opened);
      opened.news();
      opened.stream.close();
      expect(opened.sockets.filter((socket) => socket.isOpen())).toEqual([]);
      expect(opened.clock.pending()).toBe(0);
      for (const socket of opened.sockets) {
        socket.open(say.prices('BTC'), say.goingAway);
        socket.end();
      }
      opened.clock.advance(3_600_000);
      expect(opened.news()).toEqual([]);
      expect(opened.clock.pending()).toBe(0);
    },
  );

  test.each(['1 connected', 'ok', '1: BTC', '1 lost', 'failing unavailable'])(
    'by the listener when it hears "%s" is closing',
    (moment) => {
      const opened = openTestStream({}, (line) => {
        if (line === moment) opened.stream.close();
      });
      opened.clock.advance(0);
      opened.socket().open(say.prices('BTC'));
      opened.socket().end();
      expect(opened.news().at(-1)).toBe(moment);
      expect(opened.clock.pending()).toBe(0);
      opened.clock.advance(60_000);
      expect(opened.sockets).toHaveLength(1);
    },
  );
});
