import { afterEach, describe, expect, test } from 'bun:test';
import { createMarketcast, type Link, type Marketcast, type Snapshot } from './index.ts';
import { at, EPOCH, hello } from './testing/documents.ts';
import { startServer, type TestServer } from './testing/server.ts';

const servers: TestServer[] = [];
const clients: Marketcast[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await server.kill();
});

const serve = (port?: number) => {
  // The shortest interval there is, so that polls can be watched.
  const server = startServer(port, hello({ poll_interval_s: 1 }));
  servers.push(server);
  return server;
};

const connect = (port: number) => {
  // Hardly any jitter: attempts come after 10, 20, 40, 80 and 160 ms.
  const client = createMarketcast({ url: `http://127.0.0.1:${port}`, random: () => 0.02 });
  clients.push(client);
  return client;
};

/** The first snapshot from now on that `accepts`; it is the test's own time limit that ends the waiting. */
const until = (client: Marketcast, accepts: (snapshot: Snapshot) => boolean) =>
  new Promise<Snapshot>((resolve) => {
    client.subscribe((snapshot) => {
      if (accepts(snapshot)) resolve(snapshot);
    });
  });
const isLink = (state: Link['state']) => (snapshot: Snapshot) => snapshot.link.state === state;
const hasPrice = (price: number) => (snapshot: Snapshot) =>
  snapshot.document?.btc_price_usd === price;

describe('over a real network', () => {
  test('follows whole documents and patches, and closes a gap with sync', async () => {
    const server = serve();
    const client = connect(server.port);
    await until(client, hasPrice(100));
    await until(client, ({ appVersion }) => appVersion === '1.2.3');

    server.publish(at(2), 101, 'whole');
    await until(client, hasPrice(101));
    server.publish(at(3), 102, 'patch');
    expect((await until(client, hasPrice(102))).position).toEqual(at(3));
    expect(server.heard).toEqual([]);

    server.publish(at(4), 103, 'lost');
    server.publish(at(5), 104, 'patch');
    expect((await until(client, hasPrice(104))).position).toEqual(at(5));
    expect(server.heard).toEqual(['sync']);

    server.publish(at(1, EPOCH + 1), 105, 'whole');
    server.publish(at(2, EPOCH + 1), 106, 'patch');
    expect((await until(client, hasPrice(106))).position).toEqual(at(2, EPOCH + 1));
    expect(server.heard).toEqual(['sync']);
  });

  test('asks for a fresh round', async () => {
    const client = connect(serve().port);
    expect(await client.refresh()).toEqual({ status: 'ok' });
  });

  test('outlives its server: reconnecting, offline, polling, live again', async () => {
    const first = serve();
    const client = connect(first.port);
    const states: string[] = [];
    client.subscribe(({ link }) => {
      if (states.at(-1) !== link.state) states.push(link.state);
    });
    await until(client, ({ appVersion }) => appVersion !== null);

    await first.kill();
    await until(client, isLink('offline'));
    expect(client.current().document?.btc_price_usd).toBe(100);

    const second = serve(first.port);
    second.admitsSockets = false;
    second.publish(at(1, EPOCH + 1), 200, 'lost');
    const polled = await until(client, isLink('polling'));
    expect(polled).toMatchObject({ position: at(1, EPOCH + 1) });
    expect(polled.document?.btc_price_usd).toBe(200);
    second.publish(at(2, EPOCH + 1), 201, 'lost');
    await until(client, hasPrice(201));

    second.admitsSockets = true;
    await until(client, isLink('live'));
    second.publish(at(3, EPOCH + 1), 202, 'patch');
    await until(client, hasPrice(202));
    expect(states).toEqual(['connecting', 'live', 'reconnecting', 'offline', 'polling', 'live']);
    expect(second.polls.slice(0, 2)).toEqual([200, 200]);
    expect(second.polls.slice(2)).toEqual(second.polls.slice(2).map(() => 304));
  });

  test('is live within a backoff after a server that came back at once', async () => {
    const first = serve();
    const client = connect(first.port);
    const states: string[] = [];
    await until(client, isLink('live'));
    client.subscribe(({ link }) => states.push(link.state));
    await first.kill();
    await until(client, isLink('reconnecting'));
    serve(first.port);
    await until(client, isLink('live'));
    expect(new Set(states)).toEqual(new Set(['live', 'reconnecting']));
  });

  test('needs an address where there is no page', () => {
    expect(() => createMarketcast()).toThrow(TypeError);
    expect(() => createMarketcast({ url: 'market' })).toThrow(TypeError);
  });
});
