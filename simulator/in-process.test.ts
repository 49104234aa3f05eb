import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock, type ManualClock } from '../contract/manual-clock.ts';
import { createInProcessSimulator, type InProcessSimulator } from './in-process.ts';
import { type InProcessEnd, MAX_FRAME_BYTES } from './in-process-connect.ts';

const LATENCY_MS = 20;
const GLOBAL = 'http://coingecko.simulated/api/v3/global';
const AGENT = { 'user-agent': 'test/1.0' };

let clock: ManualClock;
let simulator: InProcessSimulator;

beforeEach(() => {
  clock = createManualClock();
  simulator = createInProcessSimulator({ clock, seed: 1, latencyMs: LATENCY_MS });
});
afterEach(() => simulator.close());

/** Asks, and lets the clock go on until the whole answer is there. */
async function ask(url: string, init: RequestInit = {}, forMs = LATENCY_MS) {
  const answer = simulator
    .fetch(url, { headers: AGENT, ...init })
    .then(async (response) => ({ response, text: await response.text() }));
  const outcome = answer.then(
    (value) => ({ ok: true as const, ...value }),
    (error: unknown) => ({ ok: false as const, error: String(error) }),
  );
  const late = Symbol('late');
  await clock.advanceAsync(forMs);
  return Promise.race([outcome, Promise.resolve(late).then(() => late)]).then((result) =>
    typeof result === 'symbol' ? null : result,
  );
}

describe('the requests of a simulator within a process', () => {
  test('are answered at each upstream’s own origin after the latency, and logged', async () => {
    expect(simulator.environment).toMatchObject({
      COINGECKO_BASE_URL: 'http://coingecko.simulated',
      ALTERNATIVE_ME_BASE_URL: 'http://alternative-me.simulated',
      BINANCE_WS_URL: 'ws://binance.simulated',
      SIMULATED: 'true',
    });
    expect(await ask(GLOBAL, {}, LATENCY_MS - 1)).toBeNull();
    const answer = await ask(GLOBAL);
    if (!answer?.ok) throw new Error('not answered');
    expect(answer.response).toBeInstanceOf(Response);
    expect(answer.response.headers.get('content-type')).toStartWith('application/json');
    expect(JSON.parse(answer.text).data.total_market_cap.usd).toBe(
      simulator.market.figures().market_cap,
    );
    expect(simulator.requests()).toMatchObject({
      total: 2,
      upstreams: { coingecko: 2 },
      requests: [{ user_agent: 'test/1.0' }, { at: '2026-11-23T07:00:00.039Z' }],
    });
  });

  test('are answered 404 where another upstream has the path, and not at all by unknown hosts', async () => {
    expect(await ask('http://binance.simulated/api/v3/global')).toMatchObject({
      ok: true,
      response: { status: 404 },
    });
    expect(await ask('http://trap.example/api/v3/global')).toMatchObject({ ok: false });
    expect(simulator.requests().counts).toEqual({ unknown: 2 });
  });

  test('end when they are aborted, before the answer and while the body comes', async () => {
    simulator.faults.set({ '/api/v3/global': { dripBytesPerS: 100 } });
    const abort = new AbortController();
    const response = simulator.fetch(GLOBAL, { signal: abort.signal, headers: AGENT });
    await clock.advanceAsync(LATENCY_MS);
    const reader = (await response).body?.getReader();
    const first = reader?.read();
    await clock.advanceAsync(100);
    expect((await first)?.value).toHaveLength(10);
    const next = reader?.read().catch(() => 'ended');
    abort.abort();
    expect(await next).toBe('ended');

    const early = new AbortController();
    const never = simulator.fetch(GLOBAL, { signal: early.signal }).catch(({ name }) => name);
    early.abort();
    expect(await never).toBe('AbortError');
    expect(clock.pending()).toBe(0);
    const gone = await simulator.fetch(GLOBAL, { signal: AbortSignal.abort() }).catch(String);
    expect(gone).toContain('Abort');
    await clock.advanceAsync(1000);
    expect(simulator.requests().total).toBe(1);
  });

  test('meet dead, frozen and blocked upstreams, and quotas', async () => {
    simulator.states.setStates({ coingecko: 'dead' });
    expect(await ask(GLOBAL)).toMatchObject({ ok: false });
    simulator.states.setStates({ coingecko: 'frozen' });
    expect(await ask(GLOBAL, {}, 60_000)).toBeNull();
    simulator.states.setStates({ coingecko: 'ok' });
    simulator.states.setBlocks({ coingecko: 403 });
    expect(await ask(GLOBAL)).toMatchObject({ response: { status: 403 } });
    simulator.states.setBlocks({ coingecko: null });
    simulator.quotas.set({ coingecko: { perMinute: 1 } });
    expect(await ask(GLOBAL)).toMatchObject({ response: { status: 200 } });
    expect(await ask(GLOBAL)).toMatchObject({ response: { status: 429 } });
  });

  test('fail as their faults have it', async () => {
    const withFault = (fault: Parameters<typeof simulator.faults.set>[0][string]) => {
      simulator.faults.set({ '/api/v3/global': fault });
    };
    withFault({ delayMs: 5000, status: 503, headers: { 'retry-after': '7' } });
    expect(await ask(GLOBAL, {}, 5000)).toBeNull();
    const delayed = await ask(GLOBAL, {}, 5000 + LATENCY_MS);
    expect(delayed).toMatchObject({ response: { status: 503 } });
    withFault({ reset: true });
    expect(await ask(GLOBAL)).toMatchObject({ ok: false });
    withFault({ redirectTo: 'http://trap.example/' });
    const redirect = await ask(GLOBAL, { redirect: 'manual' });
    expect(redirect).toMatchObject({ response: { status: 302 }, text: '' });
    withFault({ malformed: true });
    const half = await ask(GLOBAL);
    expect(() => JSON.parse(half?.ok ? half.text : '{}')).toThrow();
    withFault({ status: 304 });
    expect(await ask(GLOBAL)).toMatchObject({ response: { status: 304 }, text: '' });
    withFault({ cutAfterBytes: 10 });
    expect(await ask(GLOBAL)).toMatchObject({ ok: false });
    const cutShort = simulator.fetch(GLOBAL, { headers: AGENT });
    await clock.advanceAsync(LATENCY_MS);
    const reader = (await cutShort).body?.getReader();
    expect((await reader?.read())?.value).toHaveLength(10);
    await expect(reader?.read()).rejects.toThrow('reset');
    withFault({ cutAfterBytes: 10, dripBytesPerS: 40 });
    expect(await ask(GLOBAL, {}, 1000)).toMatchObject({ ok: false });
    withFault({ dripBytesPerS: 1000 });
    expect(await ask(GLOBAL, {}, 100)).toBeNull();
    expect(await ask(GLOBAL, {}, 60_000)).toMatchObject({ ok: true });
  });

  test.each(['hugeBytes', 'gzipBombBytes'] as const)(
    'deliver a body of %s inflated, as fast as it is read',
    async (key) => {
      const bytes = 200_000_000;
      simulator.faults.set({ '/api/v3/global': { [key]: bytes } });
      const response = simulator.fetch(GLOBAL, { headers: AGENT });
      await clock.advanceAsync(LATENCY_MS);
      const reader = (await response).body?.getReader();
      let read = 0;
      for (let i = 0; i < 5; i++) read += (await reader?.read())?.value?.byteLength ?? 0;
      expect(read).toBeGreaterThan(4_000_000);
      await reader?.cancel();

      simulator.faults.set({ '/api/v3/global': { [key]: 3_000_000 } });
      const whole = await ask(GLOBAL);
      expect(whole?.ok && whole.text).toHaveLength(3_000_000);
    },
  );
});

/** What one connection was told. */
function listen(url: string, headers: Readonly<Record<string, string>> = AGENT) {
  const told: string[] = [];
  const frames: (string | null)[] = [];
  const ends: InProcessEnd[] = [];
  const hello: string[] = [];
  const socket = simulator.connect(url, headers, {
    opened() {
      told.push('opened');
      for (const text of hello) socket.send(text);
    },
    frame(text) {
      told.push('frame');
      frames.push(text);
    },
    pinged: () => told.push('pinged'),
    ended: (end) => ends.push(end),
  });
  return { socket, told, frames, ends, hello };
}

const BTC = 'ws://binance.simulated/ws/btcusdt@ticker';
const KRAKEN = 'ws://kraken.simulated/v2';

describe('the connections of a simulator within a process', () => {
  test('open after the latency, then hear what the exchange says first, then are answered', () => {
    const client = listen(KRAKEN);
    client.hello.push('{"method":"ping"}');
    expect(client.told).toEqual([]);
    clock.advance(LATENCY_MS);
    expect(client.told).toEqual(['opened', 'frame', 'frame']);
    expect(client.frames[0]).toContain('"status"');
    expect(client.frames[1]).toContain('"pong"');
  });

  test('bring a frame a second, answer pings by themselves and count as open', () => {
    const client = listen(BTC);
    clock.advance(LATENCY_MS + 200_000);
    expect(client.frames).toHaveLength(200);
    expect(client.told.filter((what) => what === 'pinged')).toHaveLength(10);
    expect(simulator.connections().counts.binance).toMatchObject({ open: 1, pongs: 10 });
  });

  test('say nothing after they were terminated, opened or not', () => {
    const open = listen(BTC);
    const early = listen(BTC);
    early.socket.terminate();
    clock.advance(LATENCY_MS);
    open.socket.terminate();
    open.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    open.socket.terminate();
    clock.advance(10_000);
    expect([open.told, early.told]).toEqual([['opened'], []]);
    expect([open.ends, early.ends]).toEqual([[], []]);
    expect(simulator.connections()).toMatchObject({
      counts: { binance: { handshakes: 1, open: 0 } },
      connections: [{ close_code: null, messages_received: 0 }],
    });
    expect(clock.pending()).toBe(0);
  });

  test('end with the close code, once', () => {
    const client = listen(BTC);
    clock.advance(LATENCY_MS);
    simulator.streams.act('binance', { do: 'cut' });
    simulator.streams.act('binance', { do: 'cut' });
    expect(client.ends).toEqual([
      { status: null, retryAtMs: null, closeCode: 1006, isTooLarge: false },
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('are refused with status and time, dropped by the dead, and wait for the frozen', () => {
    simulator.streams.setFaults({ binance: { refuse: 429, retryAfterS: 60 } });
    simulator.states.setStates({ coinbase: 'dead', kraken: 'frozen' });
    const clients = [
      listen(BTC),
      listen('ws://coinbase.simulated/'),
      listen(KRAKEN),
      listen('ws://trap.example/ws'),
      listen('ws://binance.simulated/v2'),
    ];
    clock.advance(LATENCY_MS);
    const ended = { status: null, retryAtMs: null, closeCode: null, isTooLarge: false };
    expect(clients.map(({ ends }) => ends[0] ?? null)).toEqual([
      { ...ended, status: 429, retryAtMs: clock.now() + 60_000 },
      ended,
      null,
      ended,
      { ...ended, status: 404 },
    ]);
    clock.advance(600_000);
    expect(clients[2]?.told).toEqual([]);
  });

  test('need a user agent where the exchange does', () => {
    const client = listen('ws://coinbase.simulated/', {});
    clock.advance(LATENCY_MS);
    expect(client.ends).toMatchObject([{ status: 403 }]);
  });

  test('hear binary frames as such, and end for one that is too long', () => {
    const client = listen(BTC);
    clock.advance(LATENCY_MS);
    const longest = 'x'.repeat(MAX_FRAME_BYTES);
    const frames = [{ base64: 'AAH/' }, longest, `${longest}x`, 'late'];
    simulator.streams.act('binance', { do: 'inject', frames });
    expect(client.frames).toEqual([null, longest]);
    expect(client.ends).toMatchObject([{ closeCode: 1009, isTooLarge: true }]);
  });

  test('are ended when the simulator is closed', () => {
    const client = listen(BTC);
    clock.advance(LATENCY_MS);
    simulator.close();
    expect(client.ends).toMatchObject([{ closeCode: 1001 }]);
    expect(clock.pending()).toBe(0);
  });
});

describe('a market within a process', () => {
  test('gives the same for the same seed, by request and by stream', () => {
    const again = createInProcessSimulator({ clock, seed: 1 });
    const other = createInProcessSimulator({ clock, seed: 2 });
    clock.advance(60_000);
    expect(again.market.figures()).toEqual(simulator.market.figures());
    expect(other.market.figures()).not.toEqual(simulator.market.figures());
  });
});
