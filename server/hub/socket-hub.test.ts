import { afterEach, describe, expect, test } from 'bun:test';
import { CLOSE } from '../../contract/index.ts';
import { marketRead } from '../broker/test-broker.ts';
import { connectRaw, OPCODE, until } from './raw-client.ts';
import { startTestHub, type TestHub } from './test-hub.ts';

const AS_OF = '2026-11-23T07:00:00Z';
const hubs: TestHub[] = [];

function start(options?: Parameters<typeof startTestHub>[0]): TestHub {
  const hub = startTestHub(options);
  hubs.push(hub);
  return hub;
}

async function connect(hub: TestHub) {
  const client = await connectRaw(hub.port);
  await until(() => client.frames.length >= 2, 'document and hello');
  return client;
}

const parsed = (texts: readonly string[]) => texts.map((text) => JSON.parse(text));

afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.stop();
});

describe('what a socket gets', () => {
  test('the whole document and then hello, in the bytes of the leader', async () => {
    const hub = start();
    hub.broker.change(marketRead(5, AS_OF));
    const client = await connect(hub);
    const [update, hello] = client.texts();
    const { epoch, seq, json } = hub.broker.held();
    expect(update).toBe(`{"type":"dashboard_update","epoch":${epoch},"seq":${seq},"data":${json}}`);
    expect(parsed([hello ?? ''])).toEqual([
      {
        type: 'hello',
        server_time: '2026-11-23T07:00:00.000Z',
        app_version: '1.2.3',
        poll_interval_s: 30,
        degraded: [],
      },
    ]);
  });

  test('a document of nulls at (0, 0) before anything was read', async () => {
    const client = await connect(start());
    const [update] = parsed(client.texts());
    expect(update).toMatchObject({ type: 'dashboard_update', epoch: 0, seq: 0 });
    expect(update.data.btc_price_usd).toBeNull();
  });

  test('patches where they apply, one whole document where they do not', async () => {
    const hub = start();
    const client = await connect(hub);
    hub.broker.change({ market_cap: 0.5 });
    hub.broker.change({ market_cap: 1 });
    hub.broker.change({ market_cap: 2 }, { whole: true });
    hub.broker.change({ market_cap: 3 }, { gap: true });
    hub.broker.change({ market_cap: 4 }, { patch: null });
    hub.broker.change({ market_cap: 5 });
    await until(() => client.frames.length === 8);
    const frames = parsed(client.texts().slice(2));
    expect(frames.map(({ type, seq }) => [type, seq])).toEqual([
      ['dashboard_update', 1],
      ['dashboard_patch', 2],
      ['dashboard_update', 3],
      ['dashboard_update', 5],
      ['dashboard_update', 6],
      ['dashboard_patch', 7],
    ]);
    expect(frames[2].data.market_cap).toBe(2);
    expect(frames[5].patch).toEqual({ market_cap: 5 });
  });

  test('versions that come while it connects leave no gap', async () => {
    const hub = start();
    hub.broker.change({ market_cap: 1 });
    let isDone = false;
    const publishing = (async () => {
      for (let cap = 2; !isDone; cap++) {
        hub.broker.change({ market_cap: cap });
        await Bun.sleep(0);
      }
    })();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(hub.port)));
    await until(() => clients.every((client) => client.frames.length > 20));
    isDone = true;
    await publishing;
    for (const client of clients) {
      const [first, ...later] = parsed(client.texts()).filter(({ type }) => type !== 'hello');
      expect(first.type).toBe('dashboard_update');
      later.forEach((frame, i) => {
        expect(frame.seq).toBe(first.seq + 1 + i);
      });
    }
  });

  test('a new hello when the condition of the node changes, and only then', async () => {
    const hub = start();
    const client = await connect(hub);
    hub.broker.setConditions(['redis_away']);
    hub.broker.setConditions(['redis_away']);
    hub.broker.setConditions([]);
    await until(() => client.frames.length === 4);
    const hellos = parsed(client.texts().slice(2));
    expect(hellos.map(({ degraded }) => degraded)).toEqual([['redis_away'], []]);
  });

  test('hello says by itself that figures turned stale, and that they are live again', async () => {
    const hub = start();
    const client = await connect(hub);
    hub.broker.change(marketRead(5, AS_OF));
    hub.clock.setWall(hub.clock.now() + 1_801_000);
    hub.clock.advance(5_000);
    await until(() => client.texts().length === 4);
    expect(parsed(client.texts())[3]).toMatchObject({ type: 'hello', degraded: ['figures_stale'] });
    hub.broker.change(marketRead(6, '2026-11-23T07:30:01Z'));
    await until(() => client.texts().length === 6);
    expect(parsed(client.texts())[5]).toMatchObject({ type: 'hello', degraded: [] });
  });
});

describe('what a socket may say', () => {
  test('ping is answered with pong, sync with the whole document', async () => {
    const hub = start();
    const client = await connect(hub);
    client.send(OPCODE.text, 'ping');
    client.send(OPCODE.text, 'sync');
    await until(() => client.frames.length === 4);
    expect(client.texts()[2]).toBe('pong');
    expect(parsed(client.texts().slice(3))).toMatchObject([{ type: 'dashboard_update', seq: 0 }]);
  });

  test('three syncs in one second get two answers, the second at its end', async () => {
    const hub = start();
    hub.broker.change({ market_cap: 6 });
    const client = await connect(hub);
    for (let i = 0; i < 3; i++) client.send(OPCODE.text, 'sync');
    await until(() => hub.heard() === 3);
    hub.broker.change({ market_cap: 7 });
    hub.clock.advance(1_000);
    client.send(OPCODE.text, 'ping');
    await until(() => client.texts().includes('pong'));
    const types = client
      .texts()
      .slice(2, -1)
      .map((text) => JSON.parse(text));
    expect(types.map(({ type, seq }) => [type, seq])).toEqual([
      ['dashboard_update', 1],
      ['dashboard_patch', 2],
      ['dashboard_update', 2],
    ]);
  });

  test('what it does not know is not obeyed, and the tenth time ends in 1008', async () => {
    const hub = start();
    const client = await connect(hub);
    for (let i = 0; i < 9; i++) client.send(OPCODE.text, '{"type":"sync"}');
    await until(() => hub.heard() === 9);
    expect(client.frames).toHaveLength(2);
    client.send(OPCODE.text, 'please');
    await until(client.isClosed);
    expect(client.closeCode()).toBe(CLOSE.policyViolation);
  });

  test('eleven messages at once end in 1008, after ten answers', async () => {
    const client = await connect(start());
    for (let i = 0; i < 11; i++) client.send(OPCODE.text, 'ping');
    await until(client.isClosed);
    expect(client.texts().filter((text) => text === 'pong')).toHaveLength(10);
    expect(client.closeCode()).toBe(CLOSE.policyViolation);
  });

  test('two messages a second are welcome', async () => {
    const hub = start();
    const client = await connect(hub);
    for (let i = 1; i <= 40; i++) {
      client.send(OPCODE.text, 'ping');
      await until(() => hub.heard() === i);
      hub.clock.advance(500);
    }
    await until(() => client.texts().filter((text) => text === 'pong').length === 40);
    expect(client.isClosed()).toBe(false);
  });

  test('a flood of protocol pings ends in 1008', async () => {
    const client = await connect(start());
    for (let i = 0; i < 11; i++) client.send(OPCODE.ping);
    await until(client.isClosed);
    expect(client.closeCode()).toBe(CLOSE.policyViolation);
  });

  test('binary ends in 1003', async () => {
    const client = await connect(start());
    client.send(OPCODE.binary, 'ping');
    await until(client.isClosed);
    expect(client.closeCode()).toBe(CLOSE.unsupportedData);
  });

  test('4 KiB is taken, one byte more ends in 1009', async () => {
    const hub = start();
    const client = await connect(hub);
    client.send(OPCODE.text, 'x'.repeat(4096));
    await until(() => hub.heard() === 1);
    client.send(OPCODE.text, 'x'.repeat(4097));
    await until(client.isClosed);
    expect(client.closeCode()).toBe(CLOSE.messageTooBig);
    expect(hub.hub.stats().sockets).toBe(0);
  });
});

describe('who stays', () => {
  test('a peer that never answers a ping is cut off after 60 s', async () => {
    const hub = start();
    const client = await connect(hub);
    hub.clock.advance(59_000);
    await until(() => client.frames.filter(({ opcode }) => opcode === OPCODE.ping).length === 2);
    expect(client.isClosed()).toBe(false);
    hub.clock.advance(6_000);
    await until(client.isClosed);
    expect(hub.hub.stats()).toMatchObject({ sockets: 0, unheardTerminated: 1 });
    hub.clock.advance(5_000);
    expect(hub.logged).toEqual(['ended sockets that were slow or silent']);
  });

  test('a peer that answers its pings stays, and a broadcast does not count as an answer', async () => {
    const hub = start();
    const silent = await connect(hub);
    const answering = await connect(hub);
    for (let i = 1; i <= 6; i++) {
      hub.clock.advance(25_000);
      hub.broker.change({ market_cap: i });
      answering.send(OPCODE.pong);
      await until(() => hub.heard() === i);
    }
    await until(silent.isClosed);
    expect(answering.isClosed()).toBe(false);
    expect(hub.hub.stats().sockets).toBe(1);
  });

  test('a browser answers pings by itself', async () => {
    const hub = start();
    const socket = new WebSocket(hub.url);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    for (let i = 1; i <= 4; i++) {
      hub.clock.advance(25_000);
      await until(() => hub.heard() >= i);
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
  });

  test('the address of a closed socket may open another', async () => {
    const hub = start({ maxConnectionsPerIp: 1 });
    const client = await connect(hub);
    expect((await fetch(hub.url.replace('ws', 'http'))).status).toBe(429);
    client.destroy();
    await until(() => hub.hub.stats().sockets === 0);
    expect(hub.hub.admit('127.0.0.1').admitted).toBe(true);
    expect(hub.hub.stats().refused).toBe(1);
  });
});

describe('the end', () => {
  test('every socket is closed with the code, new ones are refused, nothing is left running', async () => {
    const hub = start();
    const clients = await Promise.all([connect(hub), connect(hub), connect(hub)]);
    clients[0]?.send(OPCODE.text, 'sync');
    clients[0]?.send(OPCODE.text, 'sync');
    await until(() => hub.heard() === 2);
    hub.hub.close(CLOSE.serviceRestart);
    await until(() => clients.every((client) => client.isClosed()));
    expect(clients.map((client) => client.closeCode())).toEqual([1012, 1012, 1012]);
    expect(hub.hub.admit('127.0.0.1')).toMatchObject({ admitted: false, status: 503 });
    expect(hub.clock.pending()).toBe(0);
    hub.broker.change({ market_cap: 1 });
    expect(hub.hub.stats()).toMatchObject({ sockets: 0, framesPublished: 0 });
  });
});
