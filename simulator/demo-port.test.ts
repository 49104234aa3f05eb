import { describe, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { ArgumentError } from './arguments.ts';
import { choosePort } from './demo-port.ts';

const HOST = '127.0.0.1';

/** Runs `during` while a port is taken; `port` 0 takes any. */
async function whileTaken<T>(port: number, during: (port: number) => Promise<T>): Promise<T> {
  const server = createServer();
  // Taken by somebody else already is as good.
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  try {
    return await during(typeof address === 'object' && address ? address.port : port);
  } finally {
    server.close();
  }
}

describe('choosePort', () => {
  test('takes a free port when the usual one is taken', async () => {
    const port = await whileTaken(8000, () => choosePort(HOST, undefined));
    expect(port).toBeGreaterThan(1023);
    expect(port).not.toBe(8000);
  });

  test('takes the port that is asked for, and says so when it is in use', async () => {
    const free = await whileTaken(0, async (port) => {
      await expect(choosePort(HOST, String(port))).rejects.toThrow(`port ${port} is in use`);
      return port;
    });
    expect(await choosePort(HOST, String(free))).toBe(free);
  });

  test.each(['abc', '0', '65536', '80 80', '-1'])('refuses PORT=%s', async (asked) => {
    await expect(choosePort(HOST, asked)).rejects.toThrow(ArgumentError);
  });
});
