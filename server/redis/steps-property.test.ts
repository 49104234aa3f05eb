import { afterAll, beforeAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { RunningRedis } from '../../e2e/start-redis.ts';
import type { RedisSteps } from './steps.ts';
import { leaseRequest, startPair, TEST_KEYS, version } from './test-redis.ts';

const { document, term, lease } = TEST_KEYS;

let redis: RunningRedis;
let a: RedisSteps;
let b: RedisSteps;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ redis, a, b, stop } = await startPair(60));
});
afterAll(() => stop());

/** A clock that is never the highest: terms grow out of each other. */
const NOW_MS = 1_700_000_000_000;

interface Node {
  readonly steps: RedisSteps;
  /** Last term this node was given, and the last `seq` it sent in it. */
  epoch: number;
  seq: number;
}

/** What may happen: mostly what a node does by itself, and now and then a late ghost or a stranger. */
const WHAT = [
  ...['acquire', 'acquire', 'save', 'save', 'save', 'save', 'renew', 'touch', 'release'],
  ...['late save', 'raise', 'end', 'drop'],
] as const;
const HAPPENING = fc.record({
  who: fc.nat(1),
  what: fc.constantFrom(...WHAT),
  off: fc.integer({ min: -3, max: 3 }),
});
/** Long enough for several terms. */
const HAPPENINGS = fc.array(HAPPENING, { minLength: 20, maxLength: 60, size: 'max' });
type Happening = typeof HAPPENING extends fc.Arbitrary<infer T> ? T : never;

async function happen(node: Node, { what, off }: Happening): Promise<string | null> {
  const { steps } = node;
  if (what === 'acquire') {
    const answer = await steps.acquire(leaseRequest(NOW_MS));
    if (answer.taken) Object.assign(node, { epoch: answer.epoch, seq: 0 });
  }
  if (what === 'renew') await steps.renew(node.epoch, 5000);
  if (what === 'release') await steps.release(node.epoch, '');
  if (what === 'save') return steps.save(version(node.epoch, ++node.seq), '');
  if (what === 'late save')
    await steps.save(version(node.epoch + off, Math.max(1, node.seq - 1)), '');
  if (what === 'touch') await steps.touch(version(node.epoch, Math.max(1, node.seq + off)));
  if (what === 'raise') await steps.raise(version(Math.max(NOW_MS, node.epoch) + off, 1));
  if (what === 'end') await redis.command('DEL', lease);
  if (what === 'drop') await redis.command('DEL', document);
  return null;
}

interface State {
  readonly term: number;
  readonly position: readonly [epoch: number, seq: number];
  readonly holder: unknown;
  readonly json: unknown;
  readonly ttlMs: number;
}

async function look(): Promise<State> {
  const [fields, holder, json, ttlMs] = await Promise.all([
    redis.command('HMGET', term, 'term', 'epoch', 'seq'),
    redis.command('GET', lease),
    redis.command('GET', document),
    redis.command('PTTL', document),
  ]);
  const [highest = 0, epoch = 0, seq = 0] = Array.isArray(fields) ? fields.map(Number) : [];
  return { term: highest, position: [epoch, seq], holder, json, ttlMs: Number(ttlMs) };
}

test('whatever steps two nodes take: the document has an end, and nothing ever goes back', async () => {
  await fc.assert(
    fc.asyncProperty(HAPPENINGS, async (happenings) => {
      await redis.command('FLUSHALL');
      const nodes: Node[] = [a, b].map((steps) => ({ steps, epoch: NOW_MS, seq: 0 }));
      let before = await look();
      for (const happening of happenings) {
        const node = nodes[happening.who];
        if (node === undefined) throw new Error('no such node');
        const outcome = await happen(node, happening);
        const after = await look();
        expect(after.term).toBeGreaterThanOrEqual(before.term);
        expect(after.term).toBeGreaterThanOrEqual(after.position[0]);
        expect(compare(after.position, before.position)).toBeGreaterThanOrEqual(0);
        // -2: no document.
        expect(after.ttlMs === -2 || after.ttlMs > 0).toBeTrue();
        if (after.json !== null) {
          const [epoch, seq] = after.position;
          expect(after.json).toBe(version(epoch, seq).json);
        }
        if (outcome === 'ok') {
          expect(after.holder).toBe(happening.who === 0 ? 'token-a' : 'token-b');
          expect(after.position).toEqual([node.epoch, node.seq]);
        }
        if (after.holder !== before.holder)
          expect(before.holder === null || after.holder === null).toBeTrue();
        before = after;
      }
    }),
    { numRuns: 100 },
  );
});

const compare = (
  [epoch, seq]: State['position'],
  [otherEpoch, otherSeq]: State['position'],
): number => epoch - otherEpoch || seq - otherSeq;
