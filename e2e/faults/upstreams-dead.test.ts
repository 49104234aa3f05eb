import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type DashboardDocument, judgedFigures } from '../../contract/index.ts';
import type { RunningNode } from '../start-node.ts';
import { until } from '../until.ts';
import type { FaultCase, FaultScope, Measured } from './fault-case.ts';
import { type FaultStage, setFaultStage } from './fault-stage.ts';
import { testFaults } from './test-faults.ts';

/** Seconds that the document lives in Redis without being written again: the shortest there is. */
const TTL_S = 60;
/** The upstreams are dead for longer than that. */
const DEAD_MS = 80_000;
/** A node writes the document again four times in its life; a machine that is busy is late. */
const LEAST_TTL_MS = (TTL_S * 1000 * 3) / 4 - 5000;
const LOOK_EVERY_MS = 250;
/** A leader that nobody answers stands back and another one begins a term: nodes are in step again after that. */
const IN_STEP_MS = 20_000;
const TIMEOUT_MS = 200_000;

/** The figures themselves: what may not change while nobody can be asked. */
function figuresOf(document: DashboardDocument) {
  const { freshness, coins, sources, ...figures } = document;
  const times = judgedFigures(document).map(([name, { as_of }]) => [name, as_of]);
  const prices = Object.entries(coins).map(([symbol, coin]) => [symbol, coin.price_usd]);
  return { figures, times: Object.fromEntries(times), prices: Object.fromEntries(prices) };
}

/** Figures that should be stale by now and are not said to be. */
const overdue = (document: DashboardDocument, nowMs: number): string[] =>
  judgedFigures(document).flatMap(([name, { as_of, stale_after_s, state }]) =>
    as_of !== null &&
    Date.parse(as_of) + stale_after_s * 1000 + IN_STEP_MS < nowMs &&
    state === 'live'
      ? [String(name)]
      : [],
  );

const staleNames = (document: DashboardDocument): string[] =>
  judgedFigures(document).flatMap(([name, { state }]) => (state === 'stale' ? [String(name)] : []));

/** Looks at the time the key has left, all the time. @returns a function that says the least, ms; below 0: it was gone */
function watchTtl(scope: Pick<FaultScope, 'cleanUp'>, { redis, keys }: FaultStage): () => number {
  let least = Number.POSITIVE_INFINITY;
  let isStopped = false;
  const look = async () => {
    while (!isStopped) {
      least = Math.min(least, Number(await redis.command('PTTL', keys.document)));
      await wait(LOOK_EVERY_MS);
    }
  };
  const looking = look();
  scope.cleanUp(() => {
    isStopped = true;
    return looking;
  });
  return () => least;
}

/** What every node and Redis show, once they show the same. */
async function shown(
  stage: FaultStage,
  by: readonly RunningNode[] = stage.nodes,
): Promise<DashboardDocument> {
  const same = async () => {
    const { bytes } = await stage.inStep(IN_STEP_MS, by);
    return { bytes, stored: await stage.redis.command('GET', stage.keys.document) };
  };
  const { bytes } = await until(same, ({ bytes, stored }) => bytes === stored, IN_STEP_MS);
  return JSON.parse(bytes);
}

/** How a case begins, and what is done at its end. */
interface Course {
  readonly id: string;
  readonly what: string;
  readonly intervalS: number;
  /** Whether the upstreams' death shows before anything else is done: nobody knows of it before it has asked. */
  readonly isNoticed: boolean;
}

/** Nodes that have read every figure, with folders of their own; `clear` empties one. */
async function setDyingStage(scope: FaultScope, intervalS: number) {
  const folders = Array.from({ length: 3 }, () => mkdtempSync(join(tmpdir(), 'marketcast-dead-')));
  const clear = (index: number) => rmSync(folders[index] ?? '', { recursive: true, force: true });
  for (const index of folders.keys()) scope.cleanUp(() => clear(index));
  const stage = await setFaultStage(scope, {
    count: folders.length,
    environment: {
      FETCH_INTERVAL_SECONDS: String(intervalS),
      SNAPSHOT_TTL_SECONDS: String(TTL_S),
    },
    besides: (index) => ({ environment: { DATA_DIR: folders[index] ?? '' } }),
  });
  await stage.newLeader();
  await until(
    () => shown(stage),
    ({ rsi_14, market_cap, fng_value }) =>
      [rsi_14, market_cap, fng_value].every((figure) => figure !== null),
  );
  return { stage, clear };
}

/** Every route that was ever asked answers 503 from now on. */
async function killUpstreams({ simulator }: FaultStage): Promise<void> {
  const { counts } = await simulator.requests();
  const routes = Object.keys(counts);
  await simulator.setFaults(
    Object.fromEntries(routes.map((route) => [route, { status: 503, body: '' }])),
  );
}

/** Whether whoever leads has found out. */
const isOut = ({ sources }: DashboardDocument): boolean =>
  Object.values(sources).every(({ state }) => state === 'failing' || state === 'off');

const outlivesTtl = ({ id, what, intervalS, isNoticed }: Course): FaultCase => ({
  id,
  required:
    `every upstream answers 503 for ${DEAD_MS / 1000} s, TTL ${TTL_S} s, ${what}; one node restarted with an empty DATA_DIR, one with its own, then the leader SIGKILLed: ` +
    `all show the same figures with the same as_of, stale where due, and say so in /readyz; the key never gone, TTL ≥ ${LEAST_TTL_MS / 1000} s`,
  timeoutMs: TIMEOUT_MS,
  async run(scope) {
    const { stage, clear } = await setDyingStage(scope, intervalS);
    await killUpstreams(stage);
    const before = await until(
      () => shown(stage),
      (document) => !isNoticed || isOut(document),
    );
    const leastTtlMs = watchTtl(scope, stage);
    await wait(DEAD_MS);

    const looks: Look[] = [];
    const note = (document: DashboardDocument) => looks.push({ document, atMs: Date.now() });
    note(await shown(stage));
    const leader = await stage.newLeader();
    const [empty, own] = stage.nodes.filter((node) => node !== leader);
    for (const node of [empty, own]) {
      if (node === undefined) throw new Error('too few nodes');
      await node.kill();
      if (node === empty) clear(node.index);
      await node.restart();
      note(await shown(stage));
    }
    const last = await stage.newLeader();
    await last.kill();
    await stage.newLeader(undefined, last);
    const living = stage.nodes.filter((node) => node !== last);
    note(await until(() => shown(stage, living), isOut, IN_STEP_MS));
    const ready = await Promise.all(living.map((node) => node.ready()));
    const silent = ready.filter(({ degraded }) => !degraded.includes('figures_stale')).length;
    return judge(before, looks, { leastTtlMs: leastTtlMs(), silent });
  },
});

/** What all nodes showed. */
interface Look {
  readonly document: DashboardDocument;
  /** Wall clock. */
  readonly atMs: number;
}

/** What else was seen. */
interface Seen {
  readonly leastTtlMs: number;
  /** Nodes whose `/readyz` does not say at last that figures are stale. */
  readonly silent: number;
}

/** @param before what was shown when the upstreams had died */
function judge(
  before: DashboardDocument,
  looks: readonly Look[],
  { leastTtlMs, silent }: Seen,
): Measured {
  const nowMs = Date.now();
  const agesS = judgedFigures(before).flatMap(([, { as_of }]) =>
    as_of === null ? [] : [(nowMs - Date.parse(as_of)) / 1000],
  );
  const youngestS = Math.min(...agesS);
  const figures = figuresOf(before);
  const others = looks.filter(({ document }) => !Bun.deepEquals(figuresOf(document), figures));
  const late = looks.flatMap(({ document, atMs }) => overdue(document, atMs));
  const stale = looks.map(({ document }) => staleNames(document).length);
  return {
    measured: [
      `${looks.length} looks, ${others.length} with other figures or times`,
      `${agesS.length} figures, the newest ${youngestS.toFixed(0)} s old`,
      `${stale.join(', ')} stale, ${late.length} not said to be, ${silent} nodes that do not say so`,
      `TTL ≥ ${(leastTtlMs / 1000).toFixed(1)} s`,
    ].join('; '),
    pass:
      others.length === 0 &&
      Number.isFinite(youngestS) &&
      youngestS >= DEAD_MS / 1000 &&
      late.length === 0 &&
      (stale.at(-1) ?? 0) > 0 &&
      silent === 0 &&
      leastTtlMs >= LEAST_TTL_MS,
  };
}

testFaults([
  outlivesTtl({
    id: '9.1',
    what: 'rounds every 2 s, so that leaders stand back in turn',
    intervalS: 2,
    isNoticed: true,
  }),
  outlivesTtl({
    id: '9.2',
    what: 'no round meanwhile, so that nothing is saved',
    intervalS: 300,
    isNoticed: false,
  }),
]);
