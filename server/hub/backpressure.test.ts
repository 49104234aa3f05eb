import { afterEach, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { CLOSE } from '../../contract/index.ts';
import { connectRaw, type RawClient, until } from './raw-client.ts';
import { startTestHub, type TestHub } from './test-hub.ts';

/** Fills the kernel's buffers of a loopback connection (about 4 MB) several times over. */
const ENOUGH_BYTES = 32 * 1024 * 1024;
/** Longer than the kernel puts an acknowledgement off (40 ms), after which it may take a little more. */
const STAYS_FULL_MS = 150;
const FRAME_BYTES = 8 * 1024;
const LIMIT_BYTES = 32 * 1024;
/** Of a frame of 126 to 65 535 bytes that is not masked: RFC 6455, section 5.2. */
const HEADER_BYTES = 4;
/** What the runtime gathers for one socket in one turn before it writes. */
const GATHERED_BYTES = 128 * 1024;

const hubs: TestHub[] = [];
const clients: RawClient[] = [];

/** A hub with one client that has stopped reading until bytes are buffered for it. */
async function startBlocked(options: Parameters<typeof startTestHub>[0] = {}) {
  const hub = startTestHub(options);
  hubs.push(hub);
  const client = await connectRaw(hub.port);
  clients.push(client);
  await until(() => client.frames.length === 2);
  client.pause();
  const padding = 'x'.repeat(FRAME_BYTES);
  const buffered = () => hub.sockets[0]?.getBufferedAmount() ?? 0;
  let mostBuffered = 0;
  // One version a turn, as a leader publishes. At each the runtime tries to write, and the kernel takes a little more
  // than it has told; full is what stays full.
  const fill = async () => {
    let fullSinceMs = performance.now();
    for (let sent = 0; performance.now() - fullSinceMs < STAYS_FULL_MS; ) {
      const isFull = buffered() > LIMIT_BYTES;
      if (isFull) await Bun.sleep(2);
      else sent += FRAME_BYTES;
      expect(sent).toBeLessThan(ENOUGH_BYTES);
      hub.broker.change(isFull ? { market_cap: 1 } : { fng_label: padding });
      await new Promise(setImmediate);
      mostBuffered = Math.max(mostBuffered, buffered());
      if (buffered() <= LIMIT_BYTES) fullSinceMs = performance.now();
    }
  };
  await fill();
  return { hub, client, padding, buffered, fill, mostBuffered: () => mostBuffered };
}

const last = (client: RawClient) => JSON.parse(client.texts().at(-1) ?? 'null');

/** The longest frame that has reached the client, as it went over the wire. */
const longestFrame = (client: RawClient) =>
  HEADER_BYTES + Math.max(...client.frames.map(({ payload }) => payload.length));

/** How many descriptors this process has open; a connection that lingers is one of them. */
const openFiles = () => readdirSync('/dev/fd').length;

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const hub of hubs.splice(0)) await hub.stop();
});

describe('a socket that is behind', () => {
  test('is skipped, costs no more memory, and gets the whole document after it drains', async () => {
    const { hub, client, buffered, fill, mostBuffered } = await startBlocked();
    const other = await connectRaw(hub.port);
    clients.push(other);
    // On a busy machine the kernel may take more at any time. What was skipped is seen from the buffer, which stays.
    let before: number;
    do {
      await fill();
      before = buffered();
      for (let cap = 1; cap <= 100; cap++) hub.broker.change({ market_cap: cap });
      await until(() => last(other)?.seq === hub.broker.held().seq, 'others are not delayed');
    } while (buffered() !== before);
    const most = Math.max(mostBuffered(), buffered());

    client.resume();
    const { seq } = hub.broker.held();
    await until(() => last(client).seq === seq);
    expect(last(client)).toMatchObject({ type: 'dashboard_update', data: { market_cap: 100 } });
    expect(buffered()).toBe(0);
    // The limit is asked before each frame, and a frame that is let in is kept whole: one frame may pass the limit, be it
    // a patch or the whole document that answers a drain in part. All that was buffered has arrived by now.
    expect(most).toBeLessThanOrEqual(LIMIT_BYTES + longestFrame(client));

    hub.broker.change({ market_cap: 101 });
    await until(() => last(client).seq === seq + 1);
    expect(last(client).type).toBe('dashboard_patch');
  });

  test('costs one write of the runtime at most when a turn publishes more than that', async () => {
    const { hub, client, padding, buffered } = await startBlocked();
    client.resume();
    await until(() => buffered() === 0);
    client.pause();
    let most = 0;
    for (let turn = 0; turn < 200; turn++) {
      for (let i = 0; i < 32; i++) hub.broker.change({ fng_label: padding });
      await new Promise(setImmediate);
      most = Math.max(most, buffered());
    }
    client.resume();
    const { seq } = hub.broker.held();
    await until(() => last(client).seq === seq);
    // While nothing is buffered, the frames of a turn are gathered and written at once, and what the kernel does not take
    // of them is kept without asking the limit; the frame that no longer fits is written along with them.
    expect(most).toBeGreaterThan(LIMIT_BYTES);
    expect(most).toBeLessThanOrEqual(GATHERED_BYTES + longestFrame(client));
  });

  test('gets the hello it may have missed', async () => {
    const { hub, client } = await startBlocked();
    hub.broker.setConditions(['redis_away']);
    client.resume();
    await until(() => last(client).degraded?.includes('redis_away'));
    expect(last(client).type).toBe('hello');
  });

  test('is closed with 4008 when bytes stay buffered for the slow timeout, others are not', async () => {
    const { hub, client } = await startBlocked({ slowClientTimeoutMs: 30_000 });
    const other = await connectRaw(hub.port);
    clients.push(other);
    hub.clock.advance(29_000);
    expect(hub.hub.stats().slowClosed).toBe(0);
    hub.clock.advance(6_000);
    expect(hub.hub.stats()).toMatchObject({ slowClosed: 1, sockets: 1 });
    client.resume();
    await until(client.isClosed);
    expect(client.closeCode()).toBe(CLOSE.slowClient);
    expect(other.isClosed()).toBe(false);
  });

  test('is cut off within seconds when it does not even take the close frame', async () => {
    const { hub } = await startBlocked({ slowClientTimeoutMs: 5_000 });
    const held = openFiles();
    hub.clock.advance(11_000);
    expect(hub.hub.stats()).toMatchObject({ slowClosed: 1, sockets: 0 });
    await until(() => openFiles() < held, 'the connection to be cut while nobody reads');
  });
});
