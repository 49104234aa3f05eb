import { isDeepStrictEqual } from 'node:util';
import { createMarketcast, type Marketcast } from '../../../client/index.ts';
import { comparePositions, PATHS, type Position } from '../../../contract/index.ts';
import { startNginx } from '../../start-nginx.ts';
import type { RunningNode } from '../../start-node.ts';
import { until } from '../../until.ts';
import type { FaultScope, Measured } from '../fault-case.ts';
import { type FaultStage, setFaultStage } from '../fault-stage.ts';
import { testFaults } from '../test-faults.ts';

/** Until the client, live again at another node, has been shown something newer; a new leader has 7 s of it. */
const GOES_ON_WITHIN_MS = 15_000;

/** Takes the node away from its clients, and resolves when it has gone. */
type Leave = (node: RunningNode) => Promise<unknown>;

/** A client of the page's own kind at one address, behind which its node goes away, one after the other. */
async function clientMoves(scope: FaultScope, leaves: readonly Leave[]): Promise<Measured> {
  const stage = await setFaultStage(scope, {
    count: 3,
    environment: { TRUSTED_PROXIES: '127.0.0.1' },
  });
  await stage.inStep();
  const [first = 0, second = 0, third = 0] = stage.nodes.map(({ server }) => server.port);
  const nginx = await startNginx({ nodePorts: [first, second, third] });
  scope.cleanUp(() => nginx.stop());
  const client = createMarketcast({ url: nginx.url });
  scope.cleanUp(client.close);
  const stepsBack = watchOrder(client);
  await goesOn(client, { epoch: 0, seq: 0 });

  const timesMs: number[] = [];
  const visited: number[] = [];
  for (const leave of leaves) {
    const node = await servingNode(stage);
    visited.push(node.index);
    const { position } = client.current();
    const begun = performance.now();
    await leave(node);
    await goesOn(client, position);
    timesMs.push(performance.now() - begun);
    await node.restart();
    await stage.newLeader();
    await stage.inStep();
  }
  visited.push((await servingNode(stage)).index);
  const isSame = await showsTheSame(stage, client);
  const changes = visited.filter((index, n) => n > 0 && index !== visited[n - 1]).length;
  return {
    measured: [
      `nodes ${visited.join(' → ')}`,
      `something newer after ${timesMs.map((ms) => `${Math.round(ms)} ms`).join(', ')}`,
      `${stepsBack()} steps back`,
      `the nodes' own document at last: ${isSame}`,
    ].join('; '),
    pass:
      timesMs.every((ms) => ms <= GOES_ON_WITHIN_MS) &&
      changes === leaves.length &&
      stepsBack() === 0 &&
      isSame,
  };
}

/** @returns a function that counts how often the client was shown something older */
function watchOrder(client: Marketcast): () => number {
  let stepsBack = 0;
  let last: Position | null = null;
  client.subscribe(({ position }) => {
    if (last !== null && comparePositions(position, last) < 0) stepsBack++;
    last = position;
  });
  return () => stepsBack;
}

/** Resolves when the client is live and holds something newer than `after`. */
const goesOn = (client: Marketcast, after: Position) =>
  until(
    () => client.current(),
    ({ link, position }) => link.state === 'live' && comparePositions(position, after) > 0,
    2 * GOES_ON_WITHIN_MS,
  );

/** The node that has the client's socket: the only one. */
async function servingNode({ nodes }: FaultStage): Promise<RunningNode> {
  const hasSocket = await until(
    () => Promise.all(nodes.map(async ({ server }) => (await readSockets(server.url)) > 0)),
    (has) => has.filter(Boolean).length === 1,
  );
  const node = nodes[hasSocket.indexOf(true)];
  if (node === undefined) throw new Error('nobody serves the client');
  return node;
}

async function readSockets(url: string): Promise<number> {
  const { sockets }: { sockets: number } = await (await fetch(url + PATHS.ready)).json();
  return sockets;
}

/** Whether client and nodes show the same document at one position; rounds go on, so that it may take a few looks. */
const showsTheSame = async (stage: FaultStage, client: Marketcast): Promise<boolean> => {
  const [view, shown] = await until(
    async () => [await stage.inStep(), client.current()] as const,
    ([node, own]) => comparePositions(node.position, own.position) === 0,
  );
  return isDeepStrictEqual(shown.document, JSON.parse(view.bytes));
};

testFaults([
  {
    id: '1.2',
    required: `a client behind nginx whose node is stopped, then killed, is live at another and goes on ≤ ${GOES_ON_WITHIN_MS} ms, never back`,
    run: (scope) =>
      clientMoves(scope, [
        async ({ server }) => {
          server.signal('SIGTERM');
          await server.exited;
        },
        (node) => node.kill(),
      ]),
  },
]);
