import { afterEach, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { CLOSE } from '../../contract/index.ts';
import { connectRaw, type RawClient, until } from './raw-client.ts';
import { startTestHub, type TestHub } from './test-hub.ts';

/** Fills the kernel's buffers of a loopback connection (about 4 MB) several times over. */
const ENOUGH_BYTES = 32 * 1024 * 1024;
const FRAME_BYTES = 8 * 1024;
const LIMIT_BYTES = 32 * 1024;

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
  const publishUntilFull = () => {
    for (let sent = 0; sent < ENOUGH_BYTES && buffered() < LIMIT_BYTES; sent += FRAME_BYTES) {
      hub.broker.change({ fng_label: padding });
    }
  };
  const buffered = () => hub.sockets[0]?.getBufferedAmount() ?? 0;
  // The kernel takes a little more at a later try; full is what stays full.
  for (let fullInARow = 0; fullInARow < 5; fullInARow++) {
    for (let i = 0; i < 100; i++) hub.broker.change({ fng_label: `${i}` });
    if (buffered() < LIMIT_BYTES) fullInARow = 0;
    publishUntilFull();
    await Bun.sleep(10);
  }
  expect(buffered()).toBeGreaterThanOrEqual(LIMIT_BYTES);
  return { hub, client, buffered };
}

const last = (client: RawClient) => JSON.parse(client.texts().at(-1) ?? 'null');

/** How many descriptors this process has open; a connection that lingers is one of them. */
const openFiles = () => readdirSync('/dev/fd').length;

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const hub of hubs.splice(0)) await hub.stop();
});

describe('a socket that is behind', () => {
  test('is skipped, costs no more memory, and gets the whole document after it drains', async () => {
    const { hub, client, buffered } = await startBlocked();
    const other = await connectRaw(hub.port);
    clients.push(other);
    await until(() => other.frames.length === 2);
    for (let cap = 1; cap <= 100; cap++) hub.broker.change({ market_cap: cap });
    await until(() => other.frames.length === 102, 'others are not delayed');
    // The limit is asked before a write: a whole document after a partial drain and a last batch of patches may pass it.
    expect(buffered()).toBeLessThanOrEqual(LIMIT_BYTES + 2 * FRAME_BYTES);

    client.resume();
    const { seq } = hub.broker.held();
    await until(() => last(client).seq === seq);
    expect(last(client)).toMatchObject({ type: 'dashboard_update', data: { market_cap: 100 } });
    expect(buffered()).toBe(0);

    hub.broker.change({ market_cap: 101 });
    await until(() => last(client).seq === seq + 1);
    expect(last(client).type).toBe('dashboard_patch');
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
