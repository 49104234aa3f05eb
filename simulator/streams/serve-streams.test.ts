import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { createMarket } from '../market.ts';
import { createUpstreamStates, type UpstreamStates } from '../upstream-states.ts';
import { type StreamServer, serveStreams } from './serve-streams.ts';
import { createStreamSide, type StreamSide } from './stream-side.ts';

let clock: ManualClock;
let side: StreamSide;
let states: UpstreamStates;
let server: StreamServer;

beforeEach(() => {
  clock = createManualClock();
  states = createUpstreamStates();
  const market = createMarket(clock, 1);
  side = createStreamSide({ clock, ticker: market.exchangeCoin, states });
  server = serveStreams(side, 0);
});
afterEach(async () => {
  side.close();
  await server.close();
});

const KRAKEN = '/v2';

/** The status of a handshake, by HTTP: a WebSocket hides it. */
const statusOf = async (path: string, signal: AbortSignal | null = null) => {
  const response = await fetch(server.url.replace('ws:', 'http:') + path, {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
    signal,
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
};

const opened = (socket: WebSocket) =>
  new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('not opened')), { once: true });
  });
const nextMessage = (socket: WebSocket) =>
  new Promise<unknown>((resolve) => {
    socket.addEventListener('message', ({ data }) => resolve(data), { once: true });
  });
const closeCode = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code), { once: true });
  });

describe('the streams on real sockets', () => {
  test('greet, hear and answer', async () => {
    const socket = new WebSocket(server.url + KRAKEN);
    expect(JSON.parse(String(await nextMessage(socket)))).toMatchObject({ channel: 'status' });
    socket.send('{"method":"ping"}');
    expect(JSON.parse(String(await nextMessage(socket)))).toMatchObject({ method: 'pong' });
    const closed = closeCode(socket);
    socket.close();
    await closed;
    expect(side.log().counts.kraken).toMatchObject({ opened: 1, messages: 1 });
  });

  test('send texts and bytes that are put on them', async () => {
    const socket = new WebSocket(`${server.url}/ws`);
    socket.binaryType = 'arraybuffer';
    await opened(socket);
    const text = nextMessage(socket);
    side.act('binance', { do: 'inject', frames: ['{"e":'] });
    expect(await text).toBe('{"e":');
    const bytes = nextMessage(socket);
    side.act('binance', { do: 'inject', frames: [{ base64: 'AAH/' }] });
    expect(await bytes).toEqual(new Uint8Array([0, 1, 255]).buffer);
    socket.close();
  });

  test('ping, and hear the pong', async () => {
    const socket = new WebSocket(`${server.url}/ws`);
    await opened(socket);
    clock.advance(20_000);
    const deadline = performance.now() + 5000;
    while (side.log().counts.binance.pongs === 0 && performance.now() < deadline) {
      await Bun.sleep(5);
    }
    expect(side.log().counts.binance.pongs).toBe(1);
    socket.close();
  });

  test.each([
    [4000, 4000],
    [1006, 1006],
  ])('close with %d', async (code, heard) => {
    const socket = new WebSocket(`${server.url}/ws`);
    await opened(socket);
    const closed = closeCode(socket);
    side.act('binance', { do: 'cut', code });
    expect(await closed).toBe(heard);
    expect(side.log().counts.binance.open).toBe(0);
  });

  test('refuse handshakes with the status and its headers', async () => {
    side.setFaults({ binance: { refuse: 429, retryAfterS: 9 } });
    expect(await statusOf('/ws')).toEqual({ status: 429, retryAfter: '9' });
    expect(await statusOf('/nowhere')).toMatchObject({ status: 404 });
    states.setStates({ kraken: 'dead' });
    expect(await statusOf(KRAKEN)).toMatchObject({ status: 503 });
  });

  test('leave handshakes of a frozen exchange without an answer', async () => {
    side.setFaults({ kraken: { frozen: true } });
    const late = await statusOf(KRAKEN, AbortSignal.timeout(300)).catch((error) => error.name);
    expect(late).toBe('TimeoutError');
  });

  test('refuse a plain request', async () => {
    const response = await fetch(server.url.replace('ws:', 'http:') + KRAKEN);
    expect(response.status).toBe(400);
  });

  test('listen on loopback only, and no longer when they are closed', async () => {
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const socket = new WebSocket(server.url + KRAKEN);
    await opened(socket);
    const closed = closeCode(socket);
    await server.close();
    await closed;
    expect(side.log().counts.kraken.open).toBe(0);
  });
});
