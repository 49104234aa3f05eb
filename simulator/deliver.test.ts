import { afterEach, describe, expect, test } from 'bun:test';
import { createConnection } from 'node:net';
import { systemClock } from '../contract/index.ts';
import type { Fault } from './faults.ts';
import type { Loopback } from './loopback.ts';
import { createSimulator } from './simulator.ts';

const ROUTE = '/api/v3/global';
let simulator: Loopback | null = null;

afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

/** A simulator whose `/global` has this fault; the address of that route. */
async function withFault(fault: Fault): Promise<string> {
  simulator = await createSimulator({ clock: systemClock, port: 0, seed: 1 });
  const body = JSON.stringify({ [ROUTE]: fault });
  const set = await fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', body });
  expect(set.status).toBe(200);
  return simulator.url + ROUTE;
}

/** One request on a connection of its own: what arrived as text, and how the connection ended. */
function raw(address: string): Promise<{ text: string; end: string }> {
  const { hostname, port, pathname } = new URL(address);
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nUser-Agent: raw\r\n\r\n`);
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', (error) => resolve({ text, end: 'code' in error ? `${error.code}` : '' }));
    socket.on('end', () => resolve({ text, end: 'closed' }));
  });
}

describe('a fault', () => {
  test('status, headers and body: replace the route’s own', async () => {
    const address = await withFault({
      status: 429,
      headers: { 'Retry-After': '7', 'x-ratelimit-remaining': '0' },
      body: 'Throttled',
    });
    const response = await fetch(address);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(await response.text()).toBe('Throttled');
  });

  test('status alone: the figures come with an error', async () => {
    const response = await fetch(await withFault({ status: 500 }));
    expect(response.status).toBe(500);
    expect(await response.json()).toHaveProperty('data');
  });

  test.each([[null], [[]], [{ data: {} }], [''], [26]])(
    'body %j: is sent as it is',
    async (body) => {
      const response = await fetch(await withFault({ body }));
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(typeof body === 'string' ? body : JSON.stringify(body));
    },
  );

  test('delayMs: nothing comes before the delay is over', async () => {
    const address = await withFault({ delayMs: 300 });
    const start = performance.now();
    const response = await fetch(address);
    expect(performance.now() - start).toBeGreaterThanOrEqual(290);
    expect(await response.json()).toHaveProperty('data');
  });

  test('dripBytesPerS: headers at once, the body at that rate', async () => {
    const address = await withFault({ body: 'x'.repeat(100), dripBytesPerS: 200 });
    const start = performance.now();
    const response = await fetch(address);
    const headersAfter = performance.now() - start;
    expect(await response.text()).toHaveLength(100);
    const bodyAfter = performance.now() - start;
    expect(headersAfter).toBeLessThan(bodyAfter - 200);
    expect(bodyAfter).toBeGreaterThanOrEqual(450);
  });

  test('redirectTo: sends elsewhere with an empty body', async () => {
    const address = await withFault({ redirectTo: 'http://127.0.0.1:9/trap' });
    const response = await fetch(address, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('http://127.0.0.1:9/trap');
    expect(await response.text()).toBe('');
  });

  test('hugeBytes: valid JSON of exactly that size, of unannounced length', async () => {
    const response = await fetch(await withFault({ hugeBytes: 20_000_003 }));
    expect(response.headers.get('content-length')).toBeNull();
    const text = await response.text();
    expect(text).toHaveLength(20_000_003);
    expect(JSON.parse(text)).toHaveProperty('padding');
  });

  test('gzipBombBytes: small on the wire, that large when inflated', async () => {
    const address = await withFault({ gzipBombBytes: 50_000_000 });
    const wire = await fetch(address, { decompress: false });
    expect(wire.headers.get('content-encoding')).toBe('gzip');
    expect((await wire.arrayBuffer()).byteLength).toBeLessThan(200_000);
    const text = await (await fetch(address)).text();
    expect(text).toHaveLength(50_000_000);
    expect(JSON.parse(text)).toHaveProperty('padding');
  });

  test('malformed: a whole answer with half of the JSON', async () => {
    const response = await fetch(await withFault({ malformed: true }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    const text = await response.text();
    expect(text).toStartWith('{"data":');
    expect(() => JSON.parse(text)).toThrow();
  });

  test('html: a challenge page, with the status that is wanted', async () => {
    const response = await fetch(await withFault({ html: true, status: 403 }));
    expect(response.status).toBe(403);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toStartWith('<!DOCTYPE html>');
  });

  test('reset: the connection is reset without a byte', async () => {
    expect(await raw(await withFault({ reset: true }))).toEqual({ text: '', end: 'ECONNRESET' });
  });

  test('cutAfterBytes: announces the whole body, sends so many bytes of it and closes', async () => {
    const { text, end } = await raw(await withFault({ cutAfterBytes: 12 }));
    const [head = '', body] = text.split('\r\n\r\n');
    expect(Number(head.match(/content-length: (\d+)/i)?.[1])).toBeGreaterThan(1000);
    expect(body).toBe('{"data":{"ac');
    expect(end).toBe('closed');
  });

  test('cutAfterBytes 0: the headers alone', async () => {
    const { text, end } = await raw(await withFault({ cutAfterBytes: 0 }));
    expect(text).toStartWith('HTTP/1.1 200');
    expect(text).toEndWith('\r\n\r\n');
    expect(end).toBe('closed');
  });

  test('of one route leaves the others well, and is over after so many times', async () => {
    const address = await withFault({ status: 503, times: 2 });
    const other = address.replace(ROUTE, '/fng/');
    const statuses: number[] = [];
    for (const url of [address, other, address, address]) statuses.push((await fetch(url)).status);
    expect(statuses).toEqual([503, 200, 503, 200]);
  });

  test('ends when the client hangs up, and the next one is answered', async () => {
    const address = await withFault({ dripBytesPerS: 1, times: 1 });
    const response = await fetch(address, { signal: AbortSignal.timeout(150) });
    await expect(response.text()).rejects.toThrow();
    expect((await fetch(address)).status).toBe(200);
  });
});
