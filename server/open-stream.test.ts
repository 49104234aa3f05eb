import { afterEach, describe, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { systemClock } from '../contract/index.ts';
import { until } from '../e2e/until.ts';
import { createLog } from './log.ts';
import { createOpenSocket } from './open-socket.ts';
import type { Stream } from './sources/stream.ts';
import { type OpenStream, openStream } from './sources/stream-caller.ts';
import { createStreamMemory } from './sources/stream-memory.ts';
import { createTestStream, NO_PAUSES, say } from './sources/test-stream.ts';
import { createExchanges, frame, goodbye, keepAt, OPCODE } from './test-exchange.ts';

/** Short, so that the tests of the deadline are. */
const HANDSHAKE_TIMEOUT_MS = 300;

const exchanges = createExchanges();
const opened: OpenStream[] = [];
afterEach(() => {
  for (const stream of opened.splice(0)) stream.close();
  exchanges.close();
});

/** Opens a stream on the machine's own clock and network; connections are numbered from 1. */
function open(wsUrl: string, changes: Partial<Stream> = {}) {
  const heard: string[] = [];
  const names: string[] = [];
  const numberOf = (name: string) => {
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name) + 1;
  };
  const random = () => 0;
  const { log } = createLog('silent', false);
  const stream = openStream(
    {
      clock: systemClock,
      random,
      connect: createOpenSocket(systemClock),
      mayConnect: () => true,
      log,
      streamMemory: createStreamMemory({ clock: systemClock, random, log, pauses: NO_PAUSES }),
      userAgent: 'marketcast-test/1.0 (+https://example.org)',
    },
    {
      source: 'binance',
      stream: createTestStream(changes),
      wsUrl,
      coins: ['BTC', 'ETH'],
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    },
    {
      readings: ([first]) => heard.push(`${numberOf(first?.connection ?? '')} brings`),
      connected: (name) => heard.push(`${numberOf(name)} connected`),
      lost: (name) => heard.push(`${numberOf(name)} lost`),
      state: ({ state, error }) => heard.push(error?.code ?? state),
    },
  );
  opened.push(stream);
  return {
    stream,
    heard,
    hears: (line: string) =>
      until(
        () => heard,
        (all) => all.includes(line),
      ),
  };
}

const price = frame(OPCODE.text, say.prices('BTC', 'ETH'));

describe('a stream on real sockets', () => {
  test('asks for its coins, brings prices, says what it has to say', async () => {
    const asked: string[] = [];
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request, self) {
        asked.push(new URL(request.url).search);
        return self.upgrade(request) ? undefined : new Response(null, { status: 500 });
      },
      websocket: {
        message(peer, text) {
          asked.push(String(text));
          peer.send(say.prices('BTC'));
        },
      },
    });
    try {
      const { hears, heard } = open(`ws://127.0.0.1:${server.port}`, {
        hello: () => ['subscribe'],
      });
      await hears('1 brings');
      expect(heard).toEqual(['1 connected', 'ok', '1 brings']);
      expect(asked).toEqual(['?of=BTC/ETH', 'subscribe']);
    } finally {
      await server.stop(true);
    }
  });

  /** The first thing that is heard of a stream; it leaves no connection behind. */
  async function failure(speak: (connection: Socket) => void) {
    const startMs = performance.now();
    const { heard, stream } = open(await exchanges.raw(speak));
    const [code] = await until(
      () => heard,
      ({ length }) => length > 0,
    );
    expect(performance.now() - startMs).toBeLessThan(3 * HANDSHAKE_TIMEOUT_MS);
    stream.close();
    await until(exchanges.open, (count) => count === 0);
    return code;
  }

  test('pitfall 6: gives up a handshake that is not over in time, or broken', async () => {
    expect(await failure(() => {})).toBe('timeout');
    const drip = (connection: Socket) => {
      connection.write('HTTP/1.1 101 Switching Protocols\r\n');
      keepAt(connection, () => connection.write('x: y\r\n'));
    };
    expect(await failure(drip)).toBe('timeout');
    expect(await failure((connection) => connection.resetAndDestroy())).toBe('unavailable');
  });

  test.each([
    [451, 'blocked'],
    [403, 'blocked'],
    [429, 'rate_limited'],
    [503, 'unavailable'],
  ])('pitfall 40: takes a handshake answered with %p for %s', async (status, code) => {
    const answer = `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`;
    expect(await failure((connection) => connection.end(answer))).toBe(code);
  });

  test.each<[string, string, (connection: Socket) => void]>([
    ['is cut', 'unavailable', (connection) => connection.resetAndDestroy()],
    ['is closed', 'unavailable', (connection) => connection.write(goodbye(1001))],
    ['talks too much', 'rate_limited', (connection) => connection.write(goodbye(1008))],
    [
      'is flooded',
      'too_large',
      (connection) => connection.write(frame(OPCODE.text, 'x', 200_000_000)),
    ],
    [
      'is deflated',
      'bad_response',
      (connection) => connection.write(frame(OPCODE.compressedText, 'x')),
    ],
  ])('that %s tells the loss at once, and why', async (_, code, break_) => {
    const url = await exchanges.consenting((connection) => {
      connection.write(price, () => break_(connection));
    });
    const { hears, heard, stream } = open(url);
    await hears(code);
    stream.close();
    expect(heard.slice(0, 5)).toEqual(['1 connected', 'ok', '1 brings', '1 lost', code]);
  });

  test('goes over to another connection without a gap, and holds two at most', async () => {
    let connections = 0;
    let most = 0;
    const url = await exchanges.consenting((connection) => {
      connections += 1;
      most = Math.max(most, exchanges.open());
      keepAt(connection, () => connection.write(price));
      if (connections === 1) {
        setTimeout(() => connection.write(frame(OPCODE.text, say.goingAway)), 50);
      }
    });
    const { hears, heard } = open(url);
    await hears('1 lost');
    expect(heard.filter((line) => !line.endsWith('brings'))).toEqual([
      '1 connected',
      'ok',
      '2 connected',
      '1 lost',
    ]);
    await until(exchanges.open, (count) => count === 1);
    expect([connections, most]).toEqual([2, 2]);
  });

  test('pitfall 41: lets go of a connection whose server does not hang up, and has one again', async () => {
    let connections = 0;
    const url = await exchanges.consenting((connection) => {
      connections += 1;
      connection.write(price);
      if (connections > 1) return;
      connection.allowHalfOpen = true;
      connection.write(goodbye(1001));
    });
    const { hears, heard } = open(url);
    await hears('2 brings');
    expect(heard).toEqual([
      ...['1 connected', 'ok', '1 brings', '1 lost', 'unavailable'],
      ...['2 connected', 'ok', '2 brings'],
    ]);
    expect(connections).toBe(2);
  });

  test('leaves nothing behind when it is closed', async () => {
    const url = await exchanges.consenting((connection) =>
      keepAt(connection, () => connection.write(price)),
    );
    const { stream, hears, heard } = open(url);
    await hears('1 brings');
    stream.close();
    const count = heard.length;
    await until(exchanges.open, (open) => open === 0);
    expect(heard).toHaveLength(count);
  });
});
