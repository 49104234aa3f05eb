import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  type DashboardDocument,
  effectiveState,
  judgedFigures,
  PATHS,
  type SourceId,
} from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { startServer } from '../start-server.ts';
import { until } from '../until.ts';

/** So long a server may take to show what the living can give, counted from its start. */
const WITHIN_MS = 10_000;

type How = 'dead' | 'frozen' | 'blocked' | 'silent';
/** The exchanges, whose streams can be silent while all else is well. */
type Exchange = 'binance' | 'coinbase' | 'kraken';

interface Case {
  readonly name: string;
  readonly down: Partial<Record<SourceId, How>>;
  /** Whose the figures are; `null` for one that nobody gives. */
  readonly prices: SourceId | null;
  readonly market: SourceId | null;
  readonly fng: SourceId | null;
  readonly rsi: SourceId | null;
}

const ALL_WELL = {
  prices: 'binance',
  market: 'coingecko',
  fng: 'alternative_me',
  rsi: 'binance',
} as const;

const CASES: readonly Case[] = [
  { ...ALL_WELL, name: 'all are well', down: {} },
  {
    ...ALL_WELL,
    name: 'Binance is dead',
    down: { binance: 'dead' },
    prices: 'coinbase',
    rsi: 'coinbase',
  },
  {
    ...ALL_WELL,
    name: 'Binance is frozen',
    down: { binance: 'frozen' },
    prices: 'coinbase',
    rsi: 'coinbase',
  },
  {
    ...ALL_WELL,
    name: 'Binance refuses our country',
    down: { binance: 'blocked' },
    prices: 'coinbase',
    rsi: 'coinbase',
  },
  {
    ...ALL_WELL,
    name: 'Binance says nothing',
    down: { binance: 'silent' },
    prices: 'coinbase',
    rsi: 'coinbase',
  },
  {
    ...ALL_WELL,
    name: 'only Kraken streams',
    down: { binance: 'dead', coinbase: 'frozen' },
    prices: 'kraken',
    rsi: 'kraken',
  },
  {
    ...ALL_WELL,
    name: 'no exchange is there',
    down: { binance: 'dead', coinbase: 'dead', kraken: 'dead' },
    prices: 'coingecko',
    rsi: 'taapi',
  },
  {
    ...ALL_WELL,
    name: 'no exchange answers',
    down: { binance: 'frozen', coinbase: 'frozen', kraken: 'frozen' },
    prices: 'coingecko',
    rsi: 'taapi',
  },
  { ...ALL_WELL, name: 'CoinGecko is dead', down: { coingecko: 'dead' }, market: 'coinpaprika' },
  {
    ...ALL_WELL,
    name: 'CoinGecko refuses us',
    down: { coingecko: 'blocked' },
    market: 'coinpaprika',
  },
  {
    ...ALL_WELL,
    name: 'CoinGecko and CoinPaprika are frozen',
    down: { coingecko: 'frozen', coinpaprika: 'frozen' },
    market: 'coinlore',
  },
  {
    ...ALL_WELL,
    name: 'nobody knows the market',
    down: { coingecko: 'dead', coinpaprika: 'dead', coinlore: 'frozen' },
    market: null,
  },
  { ...ALL_WELL, name: 'alternative.me is dead', down: { alternative_me: 'dead' }, fng: null },
  {
    ...ALL_WELL,
    name: 'only CoinGecko lives',
    down: {
      binance: 'dead',
      coinbase: 'blocked',
      kraken: 'dead',
      coinpaprika: 'dead',
      coinlore: 'dead',
      alternative_me: 'frozen',
      taapi: 'dead',
    },
    prices: 'coingecko',
    fng: null,
    rsi: null,
  },
  {
    name: 'only Coinbase lives',
    down: {
      binance: 'blocked',
      kraken: 'dead',
      coingecko: 'frozen',
      coinpaprika: 'dead',
      coinlore: 'dead',
      alternative_me: 'dead',
      taapi: 'frozen',
    },
    prices: 'coinbase',
    market: null,
    fng: null,
    rsi: 'coinbase',
  },
  {
    name: 'only alternative.me lives',
    down: {
      binance: 'dead',
      coinbase: 'dead',
      kraken: 'dead',
      coingecko: 'dead',
      coinpaprika: 'dead',
      coinlore: 'dead',
      taapi: 'dead',
    },
    prices: null,
    market: null,
    fng: 'alternative_me',
    rsi: null,
  },
];

let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 });
});

afterAll(() => simulator.stop());

async function takeDown(down: Case['down']): Promise<void> {
  const of = (how: How) =>
    Object.keys(down).filter((id): id is SourceId => down[id as SourceId] === how);
  const all = <T>(ids: readonly SourceId[], value: T) =>
    Object.fromEntries(ids.map((id) => [id, value]));
  const ids = [
    'binance',
    'coinbase',
    'kraken',
    'coingecko',
    'coinpaprika',
    'coinlore',
    'alternative_me',
    'taapi',
  ] as const;
  await simulator.setUpstreams({
    ...all(ids, 'ok' as const),
    ...all(of('dead'), 'dead' as const),
    ...all(of('frozen'), 'frozen' as const),
  });
  await simulator.setBlocks({ ...all(ids, null), ...all(of('blocked'), 451 as const) });
  await simulator.clearStreamFaults();
  const silent = of('silent') as Exchange[];
  await simulator.setStreamFaults(all(silent, { silent: true }));
}

interface Shown {
  readonly prices: SourceId | null;
  readonly market: SourceId | null;
  readonly fng: SourceId | null;
  readonly rsi: SourceId | null;
}

/** Whose live figures a document shows; all coins have to be of one source. */
function shown(document: DashboardDocument): Shown {
  const live = new Map(
    judgedFigures(document).flatMap(([name, figure]) =>
      effectiveState(figure, Date.now()) === 'live' ? [[name, figure.source] as const] : [],
    ),
  );
  const coins = Object.keys(document.coins).map((symbol) => live.get(`coins.${symbol}`) ?? null);
  return {
    prices: coins.every((source) => source === coins[0]) ? (coins[0] ?? null) : null,
    market: live.get('market') ?? null,
    fng: live.get('fng') ?? null,
    rsi: live.get('rsi_14') ?? null,
  };
}

describe('a server that starts', () => {
  test.each(CASES)(
    'while $name shows what the others give within 10 s',
    async ({ down, name: _, ...expected }) => {
      await takeDown(down);
      const server = await startServer({
        environment: { ...simulator.environment, TAAPI_SECRET: 'any-secret' },
      });
      const startedAtMs = performance.now();
      try {
        const read = async (): Promise<DashboardDocument | null> => {
          const response = await fetch(server.url + PATHS.summary);
          return response.status === 200 ? response.json() : null;
        };
        const document = await until(
          read,
          (held) => held !== null && Bun.deepEquals(shown(held), expected),
          WITHIN_MS,
        );
        const tookMs = performance.now() - startedAtMs;
        expect(tookMs).toBeLessThan(WITHIN_MS);
        // It never had anything else: what nobody gives is not known.
        for (const [figure, { state, as_of }] of judgedFigures(document as DashboardDocument)) {
          expect([figure, state === 'live' || (state === 'unavailable' && as_of === null)]).toEqual(
            [figure, true],
          );
        }
      } finally {
        await server.stop();
      }
    },
    30_000,
  );
});
