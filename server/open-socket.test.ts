import { afterEach, describe, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { makeCertificates } from '../e2e/make-certificates.ts';
import { until } from '../e2e/until.ts';
import type { StreamEnd } from './sources/stream.ts';
import {
  createExchanges,
  frame,
  goodbye,
  HEADERS,
  keepAt,
  listenTo,
  OPCODE,
} from './test-exchange.ts';

const exchanges = createExchanges();
afterEach(() => exchanges.close());

/** What is told when there was no connection. */
const NO_CONNECTION: StreamEnd = {
  status: null,
  retryAtMs: null,
  closeCode: null,
  isTooLarge: false,
};

/** An exchange that answers the handshake with this and nothing else. */
const answering = (answer: string) => exchanges.raw((connection) => connection.end(answer));

describe('a socket', () => {
  test('sends and gets texts, and says who asks', async () => {
    let head = '';
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request, self) => {
        head = [...request.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
        return self.upgrade(request) ? undefined : new Response(null, { status: 500 });
      },
      websocket: {
        perMessageDeflate: true,
        message(peer, text) {
          peer.send(`${text}!`);
          peer.close(1012);
        },
      },
    });
    try {
      const { socket, signs, frames, ended } = listenTo(`ws://127.0.0.1:${server.port}/stream`);
      await until(
        () => signs,
        ({ length }) => length > 0,
      );
      socket.send('hello ♥');
      expect(await ended()).toEqual({ ...NO_CONNECTION, closeCode: 1012 });
      expect(frames).toEqual(['hello ♥!']);
      expect(signs).toEqual(['opened']);
      expect(head).toContain(`user-agent: ${HEADERS['user-agent']}`);
      expect(head).not.toContain('sec-websocket-extensions');
    } finally {
      await server.stop(true);
    }
  });

  test('tells nothing before it has been returned, also of an address that is none', async () => {
    const { ends, ended } = listenTo('no address');
    expect(ends).toEqual([]);
    expect(await ended()).toEqual(NO_CONNECTION);
  });

  test('pitfall 45: answers a ping at once with what the ping said', async () => {
    const answers: Buffer[] = [];
    const url = await exchanges.consenting((connection) => {
      connection.on('data', (answer) => answers.push(Buffer.from(answer)));
      connection.write(frame(OPCODE.ping, 'ping 7'));
    });
    const { signs } = listenTo(url);
    const [answer = Buffer.alloc(0)] = await until(
      () => answers,
      ({ length }) => length > 0,
    );
    // A pong, masked as a client's frames are: two bytes, four of the mask, the payload.
    expect([answer[0], answer[1]]).toEqual([0x8a, 0x80 | 6]);
    const said = answer.subarray(6).map((byte, n) => byte ^ (answer[2 + (n % 4)] ?? 0));
    expect(Buffer.from(said).toString()).toBe('ping 7');
    expect(signs).toEqual(['opened', 'pinged']);
  });

  test('tells of a binary frame, not what is in it', async () => {
    const url = await exchanges.consenting((connection) => {
      connection.write(Buffer.concat([frame(OPCODE.binary, '{}'), frame(OPCODE.text, '')]));
    });
    const { frames } = listenTo(url);
    expect(
      await until(
        () => frames,
        ({ length }) => length === 2,
      ),
    ).toEqual([null, '']);
  });
});

describe('a handshake', () => {
  test.each([401, 403, 404, 451, 500, 503, 200])(
    'pitfall 40: that is answered with %p tells so, and lets go',
    async (status) => {
      const url = await answering(`HTTP/1.1 ${status} No\r\ncontent-length: 2\r\n\r\nno`);
      const { ended, signs, ends } = listenTo(url);
      expect(await ended()).toEqual({ ...NO_CONNECTION, status });
      await until(exchanges.open, (open) => open === 0);
      expect([signs.length, ends.length]).toEqual([0, 1]);
    },
  );

  test.each([
    ['429 Too Many Requests', 'retry-after: 7', 7000],
    ['418 Teapot', 'retry-after: 120\r\nx-ratelimit-reset: 1', 120_000],
    [
      '503 Busy',
      'date: Mon, 23 Nov 2026 07:00:00 GMT\r\nretry-after: Mon, 23 Nov 2026 07:01:00 GMT',
      60_000,
    ],
  ])(
    'pitfall 40: that is answered with %s may say when to come back',
    async (status, header, ms) => {
      const url = await answering(`HTTP/1.1 ${status}\r\n${header}\r\ncontent-length: 0\r\n\r\n`);
      const before = Date.now();
      const { retryAtMs } = await listenTo(url).ended();
      expect(retryAtMs).toBeGreaterThanOrEqual(before + ms);
      expect(retryAtMs).toBeLessThanOrEqual(Date.now() + ms);
    },
  );

  test('that is refused with a page without end is over with its status', async () => {
    const url = await exchanges.raw((connection) => {
      connection.write('HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\n\r\n');
      keepAt(connection, () => connection.write('<p>Just a moment...</p>'.repeat(10_000)));
    });
    expect(await listenTo(url).ended()).toEqual({ ...NO_CONNECTION, status: 403 });
    await until(exchanges.open, (open) => open === 0);
  });

  test.each([301, 302, 307, 308])(
    'pitfall 6: that is redirected with %p goes nowhere',
    async (status) => {
      let trapped = 0;
      const trap = await exchanges.raw(() => {
        trapped += 1;
      });
      for (const scheme of ['ws', 'http']) {
        const location = trap.replace(/^ws/, scheme);
        const url = await answering(
          `HTTP/1.1 ${status} Elsewhere\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`,
        );
        expect(await listenTo(url).ended()).toEqual({ ...NO_CONNECTION, status });
      }
      expect(trapped).toBe(0);
      expect(exchanges.open()).toBe(0);
    },
  );

  test('pitfall 6: that is reset, or answered in another tongue, is no connection', async () => {
    const answers: readonly string[] = [
      '220 mail.example.org\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
      '',
    ];
    const urls = await Promise.all(answers.map(answering));
    urls.push(await exchanges.raw((connection) => connection.resetAndDestroy()));
    for (const url of urls) expect(await listenTo(url).ended()).toEqual(NO_CONNECTION);
  });

  test('pitfall 6: at a port where nobody listens is no connection', async () => {
    const url = await exchanges.raw(() => {});
    exchanges.close();
    expect(await listenTo(url).ended()).toEqual(NO_CONNECTION);
  });

  test('pitfall 6: with a name that cannot be resolved is no connection', async () => {
    // Longer than a part of a name may be, so that nobody needs to be asked.
    const name = 'a'.repeat(64);
    expect(await listenTo(`ws://${name}.invalid`).ended()).toEqual(NO_CONNECTION);
  });

  test('pitfall 6: without TLS, or with a certificate that nobody vouches for, is no connection', async () => {
    const plain = await answering('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    expect(await listenTo(plain.replace('ws:', 'wss:')).ended()).toEqual(NO_CONNECTION);
    const certificates = makeCertificates();
    let asked = 0;
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert: Bun.file(certificates.certFile), key: Bun.file(certificates.keyFile) },
      fetch: () => {
        asked += 1;
        return new Response();
      },
    });
    try {
      expect(await listenTo(`wss://127.0.0.1:${server.port}`).ended()).toEqual(NO_CONNECTION);
      expect(asked).toBe(0);
    } finally {
      await server.stop(true);
      certificates.remove();
    }
  });

  test('with headers without end is no connection', async () => {
    const url = await exchanges.raw((connection) => {
      connection.write('HTTP/1.1 101 Switching Protocols\r\n');
      keepAt(connection, () => connection.write(`x-more: ${'b'.repeat(5000)}\r\n`));
    });
    expect(await listenTo(url).ended()).toEqual(NO_CONNECTION);
    await until(exchanges.open, (open) => open === 0);
  });

  test.each<[string, (connection: Socket) => void]>([
    ['is never answered', () => {}],
    [
      'is answered a header at a time',
      (connection) => {
        connection.write('HTTP/1.1 101 Switching Protocols\r\n');
        keepAt(connection, () => connection.write('x: y\r\n'));
      },
    ],
  ])('that %s is let go when it is terminated', async (_, speak) => {
    const { socket, signs } = listenTo(await exchanges.raw(speak));
    await until(exchanges.open, (open) => open === 1);
    socket.terminate();
    await until(exchanges.open, (open) => open === 0);
    expect(signs).toEqual([]);
  });
});

describe('an end', () => {
  test.each([1000, 1001, 1008, 1012, 1013])(
    'pitfall 40: with code %p is told',
    async (closeCode) => {
      const url = await exchanges.consenting((connection) => connection.write(goodbye(closeCode)));
      expect(await listenTo(url).ended()).toEqual({ ...NO_CONNECTION, closeCode });
    },
  );

  test('pitfall 40: without a word is 1006', async () => {
    const urls = [
      await exchanges.consenting((connection) => connection.end()),
      await exchanges.consenting((connection) =>
        setTimeout(() => connection.resetAndDestroy(), 20),
      ),
    ];
    for (const url of urls) {
      expect(await listenTo(url).ended()).toEqual({ ...NO_CONNECTION, closeCode: 1006 });
    }
  });

  test('pitfall 41: is told soon after the goodbye of a server that does not hang up', async () => {
    const url = await exchanges.consenting((connection) => {
      connection.allowHalfOpen = true;
      connection.write(goodbye(1001));
    });
    const startMs = performance.now();
    const { ended, ends } = listenTo(url);
    expect((await ended()).closeCode).toBe(1001);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(3000);
    expect(ends).toHaveLength(1);
  });

  test('is told once to whoever terminates, and nothing after it', async () => {
    const url = await exchanges.consenting((connection) =>
      keepAt(connection, () => connection.write(frame(OPCODE.text, 'more'))),
    );
    const { socket, frames, ends, ended } = listenTo(url);
    await until(
      () => frames,
      ({ length }) => length > 0,
    );
    socket.terminate();
    const count = frames.length;
    await ended();
    await until(exchanges.open, (open) => open === 0);
    expect([frames.length, ends.length]).toEqual([count, 1]);
  });
});
