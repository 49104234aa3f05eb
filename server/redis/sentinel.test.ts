import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { comparePositions, type Position } from '../../contract/index.ts';
import { type RunningSentinels, startSentinels } from '../../e2e/start-sentinels.ts';
import { until } from '../../e2e/until.ts';
import { connectTestNode, leaseRequest, listenTestNode, version } from './test-redis.ts';

let group: RunningSentinels;
let url: string;
beforeAll(async () => {
  group = await startSentinels();
  const hosts = group.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  url = `redis-sentinel://${hosts}/${group.masterName}`;
}, 60_000);
afterAll(() => group.stop());

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const print = (line: string) => process.stdout.write(`${line}\n`);

const SAVE_EVERY_MS = 50;
/** Between two tries to connect. */
const LONGEST_WAIT_MS = 3000;

interface Accepted extends Position {
  readonly atMs: number;
}

/** Two nodes that save all the time, and try for the lease whenever they have none; it is never renewed. */
function startSaving() {
  const accepted: Accepted[] = [];
  const steps = ['node-a', 'node-b'].map((token) => startNode(token, accepted));
  return { accepted, steps };
}

/** @param accepted gets what was answered with `ok`, as it is */
function startNode(token: string, accepted: Accepted[]) {
  const { link, steps } = connectTestNode(url, `${token}-${crypto.randomUUID()}`);
  let isStopped = false;
  let own: Position = { epoch: 0, seq: 0 };
  const save = async () => {
    own = { epoch: own.epoch, seq: own.seq + 1 };
    const answer =
      own.epoch === 0 ? 'not_leader' : await steps.save(version(own.epoch, own.seq), '');
    if (answer === 'ok') accepted.push({ ...own, atMs: performance.now() });
    if (answer !== 'not_leader') return;
    const lease = await steps.acquire(leaseRequest(Date.now(), own.epoch));
    if (lease.taken) own = { epoch: lease.epoch, seq: 0 };
  };
  const run = async () => {
    while (!isStopped) {
      await Promise.all([
        save().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, SAVE_EVERY_MS)),
      ]);
    }
  };
  const running = run();
  ends.push(async () => {
    isStopped = true;
    await running;
    link.close();
  });
  return steps;
}
const isRising = (positions: readonly Position[]): boolean =>
  positions.every((position, index) => {
    const last = positions[index - 1];
    return last === undefined || comparePositions(position, last) > 0;
  });

/** From `begunAtMs` to the first save that was accepted after `sinceMs`. */
async function timeToSave(
  { accepted }: ReturnType<typeof startSaving>,
  begunAtMs: number,
  sinceMs: number,
): Promise<number> {
  const [first] = await until(
    () => accepted.filter(({ atMs }) => atMs > sinceMs),
    (list) => list.length >= 5,
    30_000,
  );
  return (first?.atMs ?? Number.NaN) - begunAtMs;
}

describe('through Sentinels', () => {
  test('a master that became a replica is left for the new one', async () => {
    const nodes = startSaving();
    await until(
      () => nodes.accepted,
      (list) => list.length >= 5,
    );
    const old = await group.master();
    await group.switchMaster();
    const count = nodes.accepted.length;
    await until(
      () => nodes.accepted.length,
      (length) => length > count + 5,
    );
    expect(isRising(nodes.accepted)).toBeTrue();
    const gaps = nodes.accepted.map(
      ({ atMs }, index) => atMs - (nodes.accepted[index - 1]?.atMs ?? atMs),
    );
    const longest = Math.max(...gaps);
    print(
      `master switched: the longest gap between two accepted saves was ${Math.round(longest)} ms`,
    );
    expect(longest).toBeLessThan(3 * LONGEST_WAIT_MS);
    const master = await group.master();
    expect(master.port).not.toBe(old.port);
    expect(String(await master.command('CLIENT', 'LIST'))).toContain('name=marketcast-commands');
  }, 90_000);

  test('a master that hangs is left for the new one, and is nobody’s when it comes back', async () => {
    const nodes = startSaving();
    await until(
      () => nodes.accepted,
      (list) => list.length >= 5,
    );
    const old = await group.master();
    const begunAtMs = performance.now();
    old.signal('SIGSTOP');
    ends.push(() => old.signal('SIGCONT'));
    await until(
      () => group.master(),
      ({ port }) => port !== old.port,
      30_000,
    );
    const sentinelMs = performance.now() - begunAtMs;
    const tookMs = await timeToSave(nodes, begunAtMs, begunAtMs + 500);
    print(
      `master frozen: Sentinel named the next after ${Math.round(sentinelMs)} ms, saves were accepted after ${Math.round(tookMs)} ms`,
    );
    // The connection to a frozen one is given up after three seconds, and the next try may wait as long.
    expect(tookMs).toBeLessThan(3 * Math.max(sentinelMs, LONGEST_WAIT_MS));
    old.signal('SIGCONT');
    await until(
      () => old.command('ROLE').catch(() => null),
      (role) => Array.isArray(role) && role[0] === 'slave',
      30_000,
    );
    const count = nodes.accepted.length;
    await until(
      () => nodes.accepted.length,
      (length) => length > count + 5,
    );
    expect(isRising(nodes.accepted)).toBeTrue();
  }, 90_000);

  test('saves go on soon after the master died, and no position goes back', async () => {
    const nodes = startSaving();
    const { heard } = listenTestNode(url);
    await until(
      () => nodes.accepted,
      (list) => list.length >= 5,
    );
    await until(
      () => heard,
      (list) => list.length > 0,
    );
    const begunAtMs = performance.now();
    const lastBefore = nodes.accepted.at(-1)?.atMs ?? begunAtMs;
    const sentinelMs = await group.killMaster();
    const tookMs = await timeToSave(nodes, begunAtMs, Math.max(begunAtMs + 500, lastBefore));
    print(
      `master killed: Sentinel named the next after ${Math.round(sentinelMs)} ms, saves were accepted after ${Math.round(tookMs)} ms (target: < ${Math.round(3 * sentinelMs)} ms)`,
    );
    expect(tookMs).toBeLessThan(3 * sentinelMs);
    expect(isRising(nodes.accepted)).toBeTrue();
    // The subscriber has found the new master as well.
    const master = await group.master();
    await until(
      () => master.command('PUBSUB', 'NUMSUB', '{test}:updates'),
      (answer) => Array.isArray(answer) && answer[1] === 1,
    );
    expect(heard.filter((message) => message === null).length).toBeGreaterThan(1);
    // Both have come over to the new master.
    for (const steps of nodes.steps) {
      await until(
        () => steps.read().catch(() => null),
        (content) => content?.stored?.epoch === nodes.accepted.at(-1)?.epoch,
      );
    }
  }, 90_000);

  // The last one: a Sentinel that stood still leads no failover for half a minute.
  test('Sentinels that are away, hang, or know no such master are told apart', async () => {
    const [first, second, third] = group.sentinels;
    if (!first || !second || !third) throw new Error('not three sentinels');
    const reasonFor = async (wanted: string, form: RegExp) => {
      const { link, steps } = connectTestNode(wanted, 'token');
      ends.push(link.close);
      return until(
        () =>
          steps.read().then(
            () => 'read',
            (error: Error) => error.message,
          ),
        (text) => form.test(text),
      );
    };
    const noSuch = url.replace(group.masterName, 'nobody');
    expect(await reasonFor(noSuch, /invalid reply/)).toContain('connected to sentinel');
    await reasonFor(
      'redis-sentinel://127.0.0.1:1/m',
      /^failed to connect to sentinel 127.0.0.1:1 /,
    );
    // Any one that answers is enough.
    first.signal('SIGSTOP');
    second.signal('SIGSTOP');
    ends.push(
      () => first.signal('SIGCONT'),
      () => second.signal('SIGCONT'),
    );
    expect(await reasonFor(url, /^read$/)).toBe('read');
  }, 60_000);
});
