import { describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATHS, type ServerFrame } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { startServer } from '../start-server.ts';
import { percentile, watchLatency } from '../watch-latency.ts';
import { createRecord, watchPositions } from '../watch-positions.ts';

const EPOCH = 1_795_000_000_000;

/** Frames of two keys are enough for what is watched here. */
const whole = (epoch: number, seq: number, data: object): ServerFrame =>
  JSON.parse(JSON.stringify({ type: 'dashboard_update', epoch, seq, data }));
const patch = (epoch: number, seq: number, fields: object): ServerFrame =>
  JSON.parse(JSON.stringify({ type: 'dashboard_patch', epoch, seq, patch: fields }));
const hello: ServerFrame = JSON.parse('{"type":"hello","degraded":[]}');

/** What is found wrong with the frames of several connections. */
function watch(...connections: readonly (readonly ServerFrame[])[]) {
  const record = createRecord();
  connections.forEach((frames, index) => {
    record.begin();
    for (const frame of frames) record.take(frame, index + 1, 0);
  });
  return record.view;
}

describe('the watch over a socket', () => {
  test('finds nothing wrong with patches that lead to the whole document', () => {
    const view = watch(
      [whole(EPOCH, 1, { a: 1, b: { c: 1 } }), hello, patch(EPOCH, 2, { b: { c: 2 } })],
      [whole(EPOCH, 2, { b: { c: 2 }, a: 1 }), whole(EPOCH + 9, 1, { a: 5 }), hello],
    );
    expect(view.faults).toEqual([]);
    expect(view.stepsBack()).toBe(0);
    expect(view.position()).toEqual({ epoch: EPOCH + 9, seq: 1 });
    expect(view.seen.map(({ connection, isWhole }) => [connection, isWhole])).toEqual([
      [1, true],
      [1, false],
      [2, true],
      [2, true],
    ]);
  });

  test('finds a position that goes back on a connection', () => {
    const within = watch([whole(EPOCH, 2, {}), whole(EPOCH, 1, {})]);
    expect(within.faults).toEqual([`back: ${EPOCH}-2 → ${EPOCH}-1 (connection 1)`]);
    expect(watch([whole(EPOCH, 2, {}), whole(EPOCH - 1, 9, {})]).faults).toHaveLength(1);
  });

  test('counts, and allows, a new connection that begins further back', () => {
    const view = watch([whole(EPOCH, 2, {})], [whole(EPOCH, 1, {}), whole(EPOCH, 2, {})]);
    expect(view.faults).toEqual([]);
    expect(view.stepsBack()).toBe(1);
  });

  test('keeps what it holds when a new connection has nothing yet', () => {
    const view = watch([whole(EPOCH, 2, { a: 1 })], [whole(0, 0, {}), whole(EPOCH, 2, { a: 1 })]);
    expect(view.faults).toEqual([]);
    expect(view.seen).toHaveLength(2);
  });

  test('finds patches that do not follow what is held', () => {
    const gaps = [
      watch([whole(EPOCH, 1, {}), patch(EPOCH, 3, {})]),
      watch([whole(EPOCH, 1, {}), patch(EPOCH + 1, 2, {})]),
      watch([whole(EPOCH, 1, {}), patch(EPOCH, 1, {})]),
      watch([whole(EPOCH, 1, {})], [patch(EPOCH, 2, {})]),
    ];
    expect(gaps.map(({ faults }) => faults.at(-1))).toEqual([
      `a patch that does not follow: ${EPOCH}-1 → ${EPOCH}-3 (connection 1)`,
      `a patch that does not follow: ${EPOCH}-1 → ${EPOCH + 1}-2 (connection 1)`,
      `a patch that does not follow: ${EPOCH}-1 → ${EPOCH}-1 (connection 1)`,
      `a patch that does not follow: ${EPOCH}-1 → ${EPOCH}-2 (connection 2)`,
    ]);
  });

  test('finds two documents at one position', () => {
    const led = watch(
      [whole(EPOCH, 1, { a: 1 }), patch(EPOCH, 2, { a: 2 })],
      [whole(EPOCH, 2, {})],
    );
    expect(led.faults).toEqual([`another document at ${EPOCH}-2 (connection 2)`]);
    expect(watch([whole(EPOCH, 1, { a: 1 })], [whole(EPOCH, 1, { a: 2 })]).faults).toHaveLength(1);
  });

  test('finds a frame before the first document of a connection', () => {
    expect(watch([hello, whole(EPOCH, 1, {})]).faults).toEqual([
      'hello before a document (connection 1)',
    ]);
  });
});

test('a share of values is within the smallest that covers it', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([], 0.99)).toBeNull();
});

test('a socket under watch follows a server that moves, goes and comes back', async () => {
  const simulator = await startSimulator({ seed: 3 });
  const environment = {
    ...simulator.environment,
    ...POLLED_ONLY,
    FETCH_INTERVAL_SECONDS: '1',
    REFRESH_MIN_INTERVAL_SECONDS: '1',
  };
  // Its store is what a server that comes back goes on from.
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-watch-'));
  const first = await startServer({ environment, dataDir });
  const second = await startServer({ environment });
  const running = [first, second];
  try {
    const held: string[] = [];
    const watched = await watchPositions(first.socketUrl, ({ seq }, { market_cap }) =>
      held.push(`${seq}: ${market_cap}`),
    );
    const answers: unknown[] = [];
    const latency = watchLatency(first.url, (etag, body) =>
      answers.push(etag, JSON.parse(body).market_cap),
    );
    const { epoch, seq } = await watched.moves();
    const figure = watched.document()?.market_cap;
    await watched.moves();
    await watched.sync();
    expect(watched.faults).toEqual([]);
    await latency.stop();
    expect(latency.answers()).toBeGreaterThan(10);
    expect(latency.p99Ms()).toBeGreaterThan(0);
    expect(held).toContain(`${seq}: ${figure}`);
    expect(held).toHaveLength(watched.seen.length);
    expect(answers).toContain(`W/"${epoch}-${seq}"`);
    expect(answers).toContain(figure);

    await watched.goTo(second.socketUrl);
    await watched.goTo(first.socketUrl);
    expect(watched.closes).toEqual([]);
    await first.stop();
    const port = { PORT: String(first.port) };
    const again = await startServer({ environment: { ...environment, ...port }, dataDir });
    running.push(again);
    const before = watched.position();
    await watched.moves();
    expect(watched.closes).toHaveLength(1);
    expect(watched.position()?.epoch).toBeGreaterThan(before?.epoch ?? Number.NaN);
    expect(watched.document()?.market_cap).toBeGreaterThan(0);
    expect(watched.faults).toEqual([]);
    expect((await fetch(again.url + PATHS.health)).status).toBe(200);
    watched.close();
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    await simulator.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
