import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  applyPatch,
  type DashboardDocument,
  isAccepted,
  judgedFigures,
  MARKET_KEYS,
  MARKET_KINDS,
  MAX_AHEAD_MS,
  type SourceId,
  staleAtMs,
  toWire,
  toWireTime,
} from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { CoinReading, MarketReading, Reading } from '../sources/source.ts';
import { diff } from './diff.ts';
import { createFeed } from './feed.ts';
import {
  base,
  candles,
  coin,
  DAY_MS,
  EMPTY,
  failing,
  fng,
  market,
  ok,
  STALE,
  START,
  streamed,
} from './test-feed.ts';

const EXCHANGES = ['binance', 'coinbase', 'kraken'] as const;

/** Mostly this, now and then that. */
const mostly = <A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** What happens: numbers that are turned into events by the state of the world. */
const happenings = fc.array(
  fc.record({
    kind: fc.constantFrom(
      ...(['price', 'price', 'price', 'price', 'price', 'price', 'poll', 'candles'] as const),
      ...(['market', 'rest', 'lose', 'word', 'round', 'wait', 'wait', 'wait', 'jump'] as const),
    ),
    source: fc.constantFrom<SourceId>(...EXCHANGES),
    symbol: mostly(fc.constant('BTC'), fc.constant('ETH')),
    stream: fc.integer({ min: 1, max: 3 }),
    /** How long ago the upstream says it was; less than 0 is ahead of us. */
    agoMs: mostly(
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: -120_000, max: 2 * DAY_MS }),
    ),
    number: mostly(
      fc.double({ min: 980, max: 1020, noNaN: true }),
      fc.oneof(fc.double(), fc.constantFrom(0, -1, Number.MAX_VALUE, Number.MIN_VALUE)),
    ),
    change: fc.option(fc.double({ min: -110, max: 1100, noNaN: true }), { nil: null }),
    waitMs: mostly(fc.integer({ min: 0, max: 12_000 }), fc.integer({ min: 0, max: 1_000_000 })),
  }),
  { maxLength: 80, size: 'max' },
);

type Happening = typeof happenings extends fc.Arbitrary<readonly (infer H)[]> ? H : never;

/** A feed to which things happen, and everything that was said to it and by it. */
function createWorld() {
  const clock = createManualClock(START);
  const emitted: { document: DashboardDocument; atMs: number }[] = [];
  const said: Reading[] = [];
  const lost = new Set<string>();
  const feed = createFeed(
    { clock, emit: (document) => void emitted.push({ document, atMs: clock.now() }) },
    {
      inherited: EMPTY,
      off: [],
      coins: ['BTC', 'ETH'],
      etfs: ['SPY'],
      staleAfterS: STALE,
      flushIntervalMs: 250,
      simulated: false,
    },
  );
  feed.start();
  const accept = (reading: Reading) => {
    said.push(reading);
    feed.accept([reading]);
  };
  return { clock, feed, emitted, said, lost, accept };
}

type World = ReturnType<typeof createWorld>;

/** The reading as an upstream with such a clock would give it, received now. */
const dated = <R extends Reading>(reading: R, nowMs: number, agoMs: number): R => ({
  ...reading,
  eventTimeMs: nowMs - agoMs,
  asOfMs: nowMs - agoMs,
  receivedAtMs: nowMs,
});

function happen({ clock, feed, lost, accept }: World, what: Happening): void {
  const { kind, source, symbol, stream, agoMs, number, change, waitMs } = what;
  const nowMs = clock.now();
  const connection = `${source} stream ${stream}`;
  const priced = (reading: CoinReading) => ({
    ...dated({ ...reading, symbol }, nowMs, agoMs),
    value: { ...reading.value, price_usd: number, change_24h: change, high_24h: number },
  });
  const acts: Record<Happening['kind'], () => void> = {
    price: () => accept(priced(streamed(nowMs, number, source, stream))),
    poll: () => accept(priced(coin(nowMs, number))),
    market: () => accept(marketOf(what, nowMs)),
    candles: () => accept(candles(nowMs - Math.max(0, agoMs), 10 + stream * 5, source)),
    rest() {
      accept(fng(nowMs, Math.round(number)));
      accept({ ...base('taapi', nowMs, 900), figure: 'rsi_14_taapi', value: number / 15 });
    },
    lose() {
      lost.add(connection);
      feed.connectionLost(connection);
    },
    word: () => feed.report(new Map([[source, stream === 1 ? failing : ok]])),
    round: () => (stream === 1 ? feed.roundStarted() : feed.roundEnded()),
    wait: () => clock.advance(waitMs),
    jump: () => clock.setWall(nowMs + agoMs),
  };
  acts[kind]();
}

const marketOf = ({ agoMs, number, change, stream }: Happening, nowMs: number): MarketReading => {
  const reading = market(nowMs, number, stream === 1 ? 'coingecko' : 'coinpaprika');
  const value = { ...reading.value, market_cap_change_24h: change, btc_dominance: change };
  return { ...dated(reading, nowMs, agoMs), value };
};

/** Lets everything happen, and looks at every document with what had been said when it was emitted. */
function watch(
  all: readonly Happening[],
  look: (document: DashboardDocument, world: World, atMs: number) => void,
): World {
  const world = createWorld();
  let looked = 0;
  for (const what of all) {
    happen(world, what);
    for (const { document, atMs } of world.emitted.slice(looked)) look(document, world, atMs);
    looked = world.emitted.length;
  }
  world.feed.close();
  return world;
}

const isNullOr = (kind: Parameters<typeof isAccepted>[0], value: unknown) =>
  value === null || isAccepted(kind, value);

/** Every figure that is out of range. */
function brokenFigures(document: DashboardDocument): string[] {
  const { coins, us_etfs, btc_spread, rsi_14, rsi_14_taapi, fng_value, sources } = document;
  const priced = Object.values({ ...coins, ...us_etfs });
  const checks: Record<string, boolean> = {
    market: MARKET_KEYS.every((key) => isNullOr(MARKET_KINDS[key], document[key])),
    fng: isNullOr('fng', fng_value),
    rsi: isNullOr('rsi', rsi_14) && isNullOr('rsi', rsi_14_taapi),
    coins: priced.every(
      (each) =>
        isNullOr('price', each.price_usd) &&
        isNullOr('price', each.high_24h) &&
        isNullOr('percent', each.change_24h),
    ),
    spread:
      btc_spread === null ||
      (isAccepted('percent', btc_spread.percent) &&
        Object.values(btc_spread.prices).every((price) => isNullOr('price', price))),
    deviations: Object.values(sources).every(
      ({ deviation_percent }) => deviation_percent === null || Number.isFinite(deviation_percent),
    ),
  };
  return Object.entries(checks).flatMap(([name, isSound]) => (isSound ? [] : [name]));
}

const check = (property: (all: readonly Happening[]) => void) =>
  fc.assert(fc.property(happenings, property), { numRuns: 100 });

describe('whatever is said to the feed, in whatever order and at whatever time', () => {
  test('no figure is out of range, and none is live that is too old or of the future', () => {
    check((all) => {
      watch(all, (document, _world, atMs) => {
        expect(brokenFigures(document)).toEqual([]);
        const overdue = judgedFigures(document).filter(
          ([, figure]) => (staleAtMs(figure) ?? Number.POSITIVE_INFINITY) < atMs - 1000,
        );
        expect(overdue).toEqual([]);
        const limit = toWireTime(atMs + MAX_AHEAD_MS);
        const ahead = judgedFigures(document).filter(
          ([, { state, as_of }]) => state === 'live' && (as_of ?? '') > limit,
        );
        expect(ahead).toEqual([]);
        expect((document.last_updated ?? '') <= limit).toBe(true);
      });
    });
  });

  test('no figure is live that came by a connection that is lost', () => {
    check((all) => {
      watch(all, (document, { said, lost }) => {
        for (const [symbol, shown] of Object.entries(document.coins)) {
          if (shown.state !== 'live' || shown.source === 'coingecko') continue;
          const living = said.filter((reading) => isOf(reading, symbol, shown.source, lost));
          expect(living.map(priceOf)).toContain(shown.price_usd ?? Number.NaN);
        }
        const { source, state, stale_after_s } = document.freshness.rsi_14;
        if (state !== 'live' || stale_after_s !== 60) return;
        expect(said.some((reading) => isOf(reading, 'BTC', source, lost))).toBe(true);
      });
    });
  });

  test('what is shown beside a figure was said with it', () => {
    check((all) => {
      watch(all, (document, { said }) => {
        for (const [symbol, { price_usd, change_24h, source }] of Object.entries(document.coins)) {
          if (price_usd === null) continue;
          const changes = said.flatMap((reading) =>
            isOf(reading, symbol, source) && priceOf(reading) === price_usd
              ? [changeOf(reading)]
              : [],
          );
          expect(changes).toContain(change_24h);
        }
        const { source } = document.freshness.market;
        if (source === null) return;
        const told = said.filter(
          (reading): reading is MarketReading =>
            reading.figure === 'market' &&
            reading.source === source &&
            reading.value.market_cap === document.market_cap,
        );
        expect(told.map(({ value }) => percentOf(value.market_cap_change_24h))).toContain(
          document.market_cap_change_24h,
        );
      });
    });
  });

  test('the spread has a key for every exchange and two prices at least, or is not there', () => {
    check((all) => {
      watch(all, ({ btc_spread }) => {
        if (btc_spread === null) return;
        expect(Object.keys(btc_spread.prices)).toEqual([...EXCHANGES]);
        const live = Object.values(btc_spread.prices).filter((price) => price !== null);
        expect(live.length).toBeGreaterThanOrEqual(2);
      });
      expect(all.length).toBeLessThanOrEqual(80);
    });
  });

  test('every version follows from the one before it by its patch', () => {
    check((all) => {
      const { emitted } = watch(all, () => {});
      let held = emitted[0]?.document ?? EMPTY;
      for (const { document } of emitted.slice(1)) {
        held = applyPatch(held, asSent(diff(held, document) ?? {}));
        expect(asSent(held)).toEqual(asSent(document));
      }
    });
  });
});

const isOf = (
  reading: Reading,
  symbol: string,
  source: SourceId | null,
  lost: ReadonlySet<string> = new Set(),
): boolean =>
  reading.figure === 'coin' &&
  reading.symbol === symbol &&
  reading.source === source &&
  !lost.has(reading.connection);

const priceOf = (reading: Reading) =>
  reading.figure === 'coin' ? reading.value.price_usd : Number.NaN;

const changeOf = (reading: Reading) =>
  reading.figure === 'coin' ? percentOf(reading.value.change_24h) : null;

const asSent = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** A per cent as the document may show it. */
const percentOf = (value: number | null) => (isAccepted('percent', value) ? toWire(value) : null);
