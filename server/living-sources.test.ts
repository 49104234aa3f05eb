import { describe, expect, test } from 'bun:test';
import {
  type DashboardDocument,
  type FreshnessEntry,
  judgedFigures,
  type SourceId,
} from '../contract/index.ts';
import { setUpMarket } from './test-market.ts';

/** Every source that has no key of its own, and TAAPI. */
const SOURCES = [
  'binance',
  'coinbase',
  'kraken',
  'coingecko',
  'coinpaprika',
  'coinlore',
  'alternative_me',
  'taapi',
] as const satisfies readonly SourceId[];

/** So long a server may take to show what the living can give. */
const WITHIN_MS = 10_000;
const DAYS_AGO_MS = 3 * 86_400_000;

/** Who gives what, best first, as the design has it. */
const GIVERS = {
  coin: ['binance', 'coinbase', 'kraken', 'coingecko'],
  market: ['coingecko', 'coinpaprika', 'coinlore'],
  fng: ['alternative_me'],
  rsi_14: ['binance', 'coinbase', 'kraken', 'taapi'],
  rsi_14_taapi: ['taapi'],
} as const;

const giversOf = (figure: string): readonly SourceId[] => {
  if (figure.startsWith('coins.')) return GIVERS.coin;
  return GIVERS[figure as keyof typeof GIVERS];
};

/** A server that had everything three days ago, started while some do not answer, in one way or the other. */
async function shownWithout(dead: readonly SourceId[], state: 'dead' | 'frozen') {
  const market = setUpMarket({
    env: { TAAPI_SECRET: 'k' },
    stored: { document: known, epoch: Date.UTC(2026, 10, 20) },
  });
  market.simulator.states.setStates(Object.fromEntries(dead.map((id) => [id, state])));
  await market.start();
  await market.pass(WITHIN_MS);
  const document = await market.document();
  await market.end();
  return document;
}

/** What a server knew three days ago. */
async function threeDaysAgo(): Promise<DashboardDocument> {
  const market = setUpMarket({
    env: { TAAPI_SECRET: 'k' },
    startMs: Date.UTC(2026, 10, 23, 7, 0, 0) - DAYS_AGO_MS,
  });
  await market.start();
  await market.pass(WITHIN_MS);
  const document = await market.document();
  await market.end();
  return document;
}

const known = await threeDaysAgo();
const figuresOf = (document: DashboardDocument) => new Map(judgedFigures(document));

/** What is wrong with a figure; `null` when nothing is. */
function faultOf(
  name: string,
  { source, state, as_of }: FreshnessEntry,
  dead: readonly SourceId[],
): string | null {
  const living = giversOf(name).find((id) => !dead.includes(id));
  if (living !== undefined) {
    return state === 'live' && source === living
      ? null
      : `${name}: ${state} from ${source}, not ${living}`;
  }
  const before = figuresOf(known).get(name);
  const isOld = state === 'stale' && source === before?.source && as_of === before.as_of;
  return isOld ? null : `${name}: ${state} of ${as_of}, not stale of ${before?.as_of}`;
}

/** The subset with a number, a bit for each source. */
const subset = (number: number): readonly SourceId[] =>
  SOURCES.filter((_, index) => (number & (1 << index)) !== 0);

const PARTS = (['dead', 'frozen'] as const).flatMap((state) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((part) => [state, part] as const),
);

describe('whatever part of the upstreams is dead', () => {
  // In parts, so that no test is long.
  test.each(PARTS)(
    'what the living can give is live, and all else is as old as it says (%s, part %p of 8)',
    async (state, part) => {
      const faults: string[] = [];
      for (let number = part * 32; number < part * 32 + 32; number++) {
        const dead = subset(number);
        const document = await shownWithout(dead, state);
        for (const [name, figure] of figuresOf(document)) {
          const fault = faultOf(name, figure, dead);
          if (fault !== null) faults.push(`without ${dead.join(', ')}: ${fault}`);
        }
      }
      expect(faults).toEqual([]);
    },
    60_000,
  );

  test('what was known three days ago was everything', () => {
    const states = [...figuresOf(known).values()].map(({ state }) => state);
    expect(states).toHaveLength(11);
    expect(new Set(states)).toEqual(new Set(['live']));
  });
});
