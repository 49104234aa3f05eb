import { afterEach, describe, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { until } from '../e2e/until.ts';
import { MAX_FRAME_BYTES } from './sources/stream.ts';
import { createExchanges, frame, keepAt, listenTo, OPCODE } from './test-exchange.ts';

const exchanges = createExchanges();
afterEach(() => exchanges.close());

const MB = 1024 * 1024;

describe('a frame that is too large', () => {
  test.each<[string, (connection: Socket) => void]>([
    [
      'announces 200 MB',
      (connection) => connection.write(frame(OPCODE.text, '{"a":"', 200_000_000)),
    ],
    [
      'has one byte too many',
      (connection) => connection.write(frame(OPCODE.text, 'x'.repeat(MAX_FRAME_BYTES + 1))),
    ],
    [
      'comes in fragments without end',
      (connection) => {
        connection.write(frame(OPCODE.textThatGoesOn, 'x'));
        keepAt(connection, () => connection.write(frame(OPCODE.goesOn, 'x'.repeat(1000))));
      },
    ],
  ])('because it %s ends the connection', async (_, speak) => {
    const { ended, frames, ends } = listenTo(await exchanges.consenting(speak));
    expect(await ended()).toMatchObject({ isTooLarge: true, closeCode: 1009 });
    await until(exchanges.open, (open) => open === 0);
    expect([frames.length, ends.length]).toEqual([0, 1]);
  });

  test('is not read on: what is sent after it stays with its sender', async () => {
    let sentBytes = 0;
    const piece = Buffer.alloc(MB, 'x');
    const url = await exchanges.consenting((connection) => {
      connection.write(frame(OPCODE.text, '', 200_000_000));
      const pour = () => {
        while (!connection.destroyed && connection.write(piece)) sentBytes += MB;
      };
      connection.on('drain', pour);
      pour();
    });
    const before = process.memoryUsage.rss();
    expect(await listenTo(url).ended()).toMatchObject({ isTooLarge: true });
    await until(exchanges.open, (open) => open === 0);
    expect(sentBytes).toBeLessThan(50 * MB);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MB);
  });

  test('is not one of exactly the size that is taken', async () => {
    const text = 'x'.repeat(MAX_FRAME_BYTES);
    const { frames } = listenTo(
      await exchanges.consenting((connection) => connection.write(frame(OPCODE.text, text))),
    );
    const [read] = await until(
      () => frames,
      ({ length }) => length > 0,
    );
    expect(read).toBe(text);
  });
});

describe('what is no frame', () => {
  test.each<[string, Buffer]>([
    ['is compressed, which was never offered', frame(OPCODE.compressedText, 'abc')],
    ['is of a kind that does not exist', frame(OPCODE.reserved, 'abc')],
    ['is masked', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])],
    ['is no text', frame(OPCODE.text, Buffer.from([0xff, 0xfe]))],
    ['goes on with what never began', frame(OPCODE.goesOn, 'abc')],
    ['is longer than a number can say', hugest()],
  ])('because it %s ends the connection', async (_, bytes) => {
    const url = await exchanges.consenting((connection) => connection.write(bytes));
    const { ended, frames } = listenTo(url);
    expect(await ended()).toEqual({
      status: null,
      retryAtMs: null,
      closeCode: 1002,
      isTooLarge: false,
    });
    await until(exchanges.open, (open) => open === 0);
    expect(frames).toEqual([]);
  });
});

describe('a slow or greedy peer', () => {
  test('that sends a byte at a time is read when its frame is whole', async () => {
    const bytes = [...frame(OPCODE.text, 'drop by drop')];
    const url = await exchanges.consenting((connection) => {
      keepAt(connection, () => {
        const byte = bytes.shift();
        if (byte !== undefined) connection.write(Buffer.from([byte]));
      });
    });
    const { frames } = listenTo(url);
    expect(
      await until(
        () => frames,
        ({ length }) => length > 0,
      ),
    ).toEqual(['drop by drop']);
  });

  test('that pings without reading the answers is cut before they fill the memory', async () => {
    const ping = frame(OPCODE.ping, 'x'.repeat(100));
    const piece = Buffer.concat([ping, frame(OPCODE.text, 'a price')]);
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => piece));
    const url = await exchanges.consenting((connection) => {
      connection.pause();
      keepAt(connection, () => connection.write(pings), 1);
    });
    const { ended, late } = listenTo(url);
    expect((await ended()).closeCode).toBe(1006);
    await until(exchanges.open, (open) => open === 0);
    // What came in one piece with the ping that was too much counts no more.
    expect(late).toEqual([]);
  });

  test('that begins a message and never ends it, a byte now and then, can be terminated', async () => {
    const url = await exchanges.consenting((connection) => {
      connection.write(frame(OPCODE.textThatGoesOn, ''));
      keepAt(connection, () => connection.write(frame(OPCODE.goesOn, '')));
    });
    const { socket, signs, frames } = listenTo(url);
    await until(
      () => signs,
      ({ length }) => length > 0,
    );
    socket.terminate();
    await until(exchanges.open, (open) => open === 0);
    expect(frames).toEqual([]);
  });
});

/** A frame of 2^63 − 1 bytes. */
function hugest(): Buffer {
  const bytes = Buffer.alloc(10, 0xff);
  bytes[0] = OPCODE.text;
  bytes[1] = 127;
  bytes[2] = 0x7f;
  return bytes;
}
