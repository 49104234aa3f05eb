import { afterAll, beforeAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { applyPatch, comparePositions } from '../../contract/index.ts';
import type { RedisChannel } from '../redis/steps.ts';
import type { Version } from './broker.ts';
import { EPOCH, patched, whole } from './broker-contract.ts';
import { startTestCluster, type TestCluster, type TestNode } from './test-redis-broker.ts';

/** A node whose messages can be lost, and whose saves can be left without an answer. */
interface LossyNode {
  readonly node: TestNode;
  isDeaf: boolean;
  isUnanswered: boolean;
  /** Tells it that messages may have been missed, as a new subscription does. */
  read(): void;
}

let cluster: TestCluster;
let nodes: readonly LossyNode[] = [];
beforeAll(async () => {
  cluster = await startTestCluster();
  nodes = [await startLossy(), await startLossy(), await startLossy()];
});
afterAll(() => cluster.stop());

async function startLossy(): Promise<LossyNode> {
  const listeners = new Set<(text: string | null) => void>();
  const losses = { isDeaf: false, isUnanswered: false };
  const node = await cluster.node({
    wrap: (steps, channel) => ({
      steps: {
        ...steps,
        async save(version, message) {
          const answer = await steps.save(version, message);
          if (losses.isUnanswered) throw new Error('the answer was lost');
          return answer;
        },
      },
      channel: lossy(channel, listeners, losses),
    }),
  });
  const read = () => {
    for (const listener of listeners) listener(null);
  };
  return Object.assign(losses, { node, read });
}

const lossy = (
  channel: RedisChannel,
  listeners: Set<(text: string | null) => void>,
  losses: { readonly isDeaf: boolean },
): RedisChannel => ({
  ...channel,
  subscribe(listener) {
    listeners.add(listener);
    return channel.subscribe((text) => losses.isDeaf || listener(text));
  },
});

type Step =
  | { readonly do: 'publish'; readonly figure: number }
  | { readonly do: 'publishUnanswered'; readonly figure: number }
  | { readonly do: 'publishLate'; readonly figure: number }
  | { readonly do: 'takeOver' }
  | { readonly do: 'deafen'; readonly who: number }
  | { readonly do: 'hear'; readonly who: number }
  | { readonly do: 'read'; readonly who: number };

const who = fc.nat({ max: 2 });
const figure = fc.integer({ min: 1, max: 1_000_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish'), figure }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publishUnanswered'), figure }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publishLate'), figure }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeOver') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deafen'), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hear'), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read'), who }) },
);

/** Above all others: by it a node is known to hold the last version of a run. */
const LAST_FIGURE = 2_000_000;

/** Epochs go up from run to run: all of them share one Redis. */
let lastEpoch = EPOCH;

/** Two nodes lead in turn, the third never does. */
function createLeaders(published: Map<string, string>) {
  let leader = 0;
  let seq = 0;
  let isKnown = false;
  const publish = async (figure: number, isUnanswered = false) => {
    seq += 1;
    const version = isKnown ? patched(seq, figure, lastEpoch) : whole(seq, figure, lastEpoch);
    published.set(`${lastEpoch}-${seq}`, JSON.stringify(version.document));
    const lossyNode = nodeAt(leader);
    lossyNode.isUnanswered = isUnanswered;
    const answer = await lossyNode.node.broker.publish(version).catch(() => null);
    lossyNode.isUnanswered = false;
    expect(answer).toBe(isUnanswered ? null : 'ok');
    isKnown = !isUnanswered;
  };
  return {
    publish,
    async takeOver() {
      leader = 1 - leader;
      lastEpoch += 1000;
      seq = 0;
      isKnown = false;
      await cluster.lead(nodeAt(leader).node, lastEpoch);
    },
    /** What the leader before this one says once more is refused. */
    async publishLate(figure: number) {
      const late = whole(500, figure, lastEpoch - 1000);
      expect(await nodeAt(1 - leader).node.broker.publish(late)).toBe('not_leader');
    },
  };
}

function nodeAt(index: number): LossyNode {
  const node = nodes[index];
  if (node === undefined) throw new Error(`there is no node ${index}`);
  return node;
}

async function run(steps: readonly Step[], published: Map<string, string>): Promise<void> {
  const leaders = createLeaders(published);
  await leaders.takeOver();
  for (const step of steps) await take(step, leaders);
  for (const lossyNode of nodes) lossyNode.isDeaf = false;
  await leaders.publish(LAST_FIGURE);
}

async function take(step: Step, leaders: ReturnType<typeof createLeaders>): Promise<void> {
  switch (step.do) {
    case 'publish':
      return leaders.publish(step.figure);
    case 'publishUnanswered':
      return leaders.publish(step.figure, true);
    case 'publishLate':
      return leaders.publishLate(step.figure);
    case 'takeOver':
      return leaders.takeOver();
    case 'read':
      return nodeAt(step.who).read();
    case 'deafen':
    case 'hear':
      nodeAt(step.who).isDeaf = step.do === 'deafen';
  }
}

/** What each node was told, against what was published. */
function checkHeard(node: TestNode, published: ReadonlyMap<string, string>): void {
  let before: Version | null = null;
  for (const { version, consecutive } of node.versions()) {
    const { epoch, seq, json, document, patch } = version;
    expect(json).toBe(published.get(`${epoch}-${seq}`) ?? 'never published');
    expect<unknown>(document).toEqual(JSON.parse(json));
    if (before !== null) expect(comparePositions(version, before)).toBeGreaterThan(0);
    if (before !== null && consecutive) {
      expect({ epoch, seq: seq - 1 }).toEqual({ epoch: before.epoch, seq: before.seq });
      expect(applyPatch(before.document, patch ?? {})).toEqual(document);
    }
    before = version;
  }
  expect(before).toBe(node.broker.held());
}

test('whatever is lost, every node hears what was published, in order, and patches that lead there', async () => {
  const checkRun = async (steps: readonly Step[]) => {
    const published = new Map<string, string>();
    for (const { node } of nodes) node.events.length = 0;
    await run(steps, published);
    await cluster.settle();
    for (const { node } of nodes) {
      expect(node.broker.held().epoch).toBe(lastEpoch);
      expect(node.broker.held().document.market_cap).toBe(LAST_FIGURE);
      checkHeard(node, published);
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), checkRun), { numRuns: 60 });
});
