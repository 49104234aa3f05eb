import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { readChunk, readChunkName } from './chunks.ts';
import {
  allRows,
  type HistoryNode,
  type PlayedRedis,
  START_S,
  startHistoryNodes,
} from './test-history-nodes.ts';
import { candle, KRAKEN, sample } from './test-kept-rows.ts';
import { bucketOf, DAY_S } from './tiers.ts';

/** Few places, so that nodes often differ about one. */
const ROW = fc.record({
  kind: fc.constantFrom('price', 'cap', 'candle'),
  intervalS: fc.constantFrom(60, 300, DAY_S),
  back: fc.nat(3),
  value: fc.integer({ min: 1, max: 3 }),
  aheadS: fc.nat(2),
  isKraken: fc.boolean(),
});
type Drawn = typeof ROW extends fc.Arbitrary<infer T> ? T : never;

/** What may happen: rows that one node alone has; another leader, two of them, none; a Redis that forgets; time. */
const HAPPENING = fc.oneof(
  fc.record({
    what: fc.constant('rows'),
    who: fc.nat(2),
    rows: fc.array(ROW, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    what: fc.constant('leaders'),
    leaders: fc.subarray([0, 1, 2], { maxLength: 2 }),
  }),
  fc.record({ what: fc.constant('time'), ms: fc.constantFrom(300, 1000, 5000, 40_000, 70_000) }),
  fc.record({ what: fc.constant('flush') }),
);
type Happening = typeof HAPPENING extends fc.Arbitrary<infer T> ? T : never;

/** How long each step takes, in turn: some overtake others. */
const DELAYS_MS = fc.array(fc.constantFrom(0, 3, 200, 1500), { minLength: 3, maxLength: 10 });

function keep({ rows }: HistoryNode, { kind, intervalS, back, value, aheadS, isKraken }: Drawn) {
  const time = bucketOf(START_S, intervalS) - (back + 1) * intervalS;
  const rest = { asOfS: time + aheadS, ...(isKraken && { source: KRAKEN }) };
  if (kind === 'candle') rows.keepCandles([candle(intervalS, time, value, rest)]);
  else if (kind === 'price') {
    rows.keepSamples([sample('coin:BTC', intervalS, time, value, rest)], 'last');
  } else rows.keepSamples([sample('market_cap', intervalS, time, value, rest)], 'first');
}

async function happen(
  { clock, redis }: ReturnType<typeof startHistoryNodes>,
  three: readonly HistoryNode[],
  happening: Happening,
): Promise<void> {
  if ('rows' in happening) {
    const node = three[happening.who];
    for (const row of happening.rows) if (node !== undefined) keep(node, row);
  } else if ('leaders' in happening) {
    for (const [index, node] of three.entries()) node.isLeader = happening.leaders.includes(index);
  } else if ('ms' in happening) await clock.advanceAsync(happening.ms);
  else redis.chunks.clear();
}

/** Which rows a chunk has; a candle is one exchange's. */
function rowsIn(name: string, json: string): readonly string[] {
  const place = readChunkName(name);
  const read = place && readChunk(place, json, START_S);
  if (read === null) throw new Error(`${name} cannot be read`);
  return read.kind === 'candles'
    ? read.rows.map(({ time, source }) => `${time} ${source}`)
    : read.rows.map(({ time }) => `${time}`);
}

/** @returns rows that lay in Redis, and were taken away by a chunk without them */
function watchForLoss({ chunks }: PlayedRedis): readonly string[] {
  const lost: string[] = [];
  const set = chunks.set.bind(chunks);
  chunks.set = (name, chunk) => {
    const before = chunks.get(name);
    const after = new Set(rowsIn(name, chunk.json));
    lost.push(...rowsIn(name, before?.json ?? chunk.json).filter((row) => !after.has(row)));
    return set(name, chunk);
  };
  return lost;
}

test('whatever three nodes have and whoever leads meanwhile, no row is taken from Redis and all end with all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(HAPPENING, { minLength: 5, maxLength: 25 }),
      DELAYS_MS,
      async (happenings, delaysMs) => {
        const nodes = startHistoryNodes();
        let step = 0;
        nodes.redis.delay = () => {
          const delayMs = delaysMs[step++ % delaysMs.length] ?? 0;
          return new Promise((resolve) => void nodes.clock.after(delayMs, () => resolve()));
        };
        const lost = watchForLoss(nodes.redis);
        const three = [nodes.start(), nodes.start(), nodes.start()];
        // What any of them was ever given, joined by nobody but the store.
        const reference = nodes.start();
        reference.sync.close();
        try {
          for (const one of happenings) {
            await happen(nodes, three, one);
            if ('rows' in one) for (const row of one.rows) keep(reference, row);
          }
          // Only a leader tells what it alone has, so each becomes one.
          for (const node of three) {
            for (const other of three) other.isLeader = other === node;
            await nodes.passMinutes(4);
          }
          await nodes.passMinutes(2);
          expect(lost).toEqual([]);
          const all = allRows(reference.rows);
          for (const { rows } of three) expect(allRows(rows)).toEqual(all);
        } finally {
          nodes.end();
        }
      },
    ),
    { numRuns: 25 },
  );
});
