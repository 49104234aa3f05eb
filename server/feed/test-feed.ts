/** Readings and a feed for the tests of this folder. */

import { type DashboardDocument, emptyDocument, type SourceId } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type {
  Candle,
  CandlesReading,
  CoinReading,
  FngReading,
  MarketReading,
} from '../sources/source.ts';
import { createFeed, type SourceWord } from './feed.ts';

export const START = Date.UTC(2026, 10, 23, 7, 0, 0);
export const DAY_MS = 86_400_000;
export const STALE = { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 900 };
export const EMPTY = emptyDocument(['BTC', 'ETH'], STALE, false);

export const base = (source: SourceId, asOfMs: number, staleAfterS: number) => ({
  source,
  connection: 'route',
  eventTimeMs: asOfMs,
  asOfMs,
  receivedAtMs: asOfMs,
  staleAfterS,
});

export const market = (
  asOfMs: number,
  cap = 2.6e12,
  source: SourceId = 'coingecko',
): MarketReading => ({
  ...base(source, asOfMs, 1800),
  figure: 'market',
  value: {
    market_cap: cap,
    volume_24h: 95_133_256_404.373_08,
    market_cap_change_24h: -1.608_198_363_917_768_4,
    volume_change_24h: null,
    btc_dominance: 57.953_933_256_626_5,
    eth_dominance: 9.582_271_453_984_09,
  },
});

export const coin = (
  asOfMs: number,
  price_usd: number,
  source: SourceId = 'coingecko',
  staleAfterS = 900,
): CoinReading => ({
  ...base(source, asOfMs, staleAfterS),
  figure: 'coin',
  symbol: 'BTC',
  value: {
    price_usd,
    change_24h: -1.409_329,
    high_24h: null,
    low_24h: null,
    volume_24h_usd: null,
  },
});

/** A price of BTC by a connection of an exchange's stream. */
export const streamed = (
  atMs: number,
  usd: number,
  source: SourceId = 'binance',
  stream = 1,
): CoinReading => ({ ...coin(atMs, usd, source, 60), connection: `${source} stream ${stream}` });

export const fng = (asOfMs: number, value: number): FngReading => ({
  ...base('alternative_me', asOfMs, 108_000),
  figure: 'fng',
  value: {
    value,
    label: 'Fear',
    nextUpdateAtMs: START + 17 * 3_600_000,
    history: { yesterday: { value: 28, label: 'Fear' }, last_week: null, last_month: null },
  },
});

/** `count` daily candles up to and including the day of `newestMs`, closes going down by 1 a day from 1000. */
export const candles = (
  newestMs: number,
  count = 20,
  source: SourceId = 'binance',
): CandlesReading => {
  const newestDay = Math.floor(newestMs / DAY_MS) * DAY_MS;
  const value = Array.from({ length: count }, (_, i): Candle => {
    const close = 1000 - i;
    return [newestDay - (count - 1 - i) * DAY_MS, close, close, close, close, 1];
  });
  return { ...base(source, newestMs, 900), eventTimeMs: null, figure: 'candles', value };
};

export const ok: SourceWord = {
  state: 'ok',
  lastSuccessAtMs: START,
  nextAttemptAtMs: null,
  error: null,
};
export const failing: SourceWord = {
  state: 'failing',
  lastSuccessAtMs: null,
  nextAttemptAtMs: START + 300_000,
  error: { code: 'timeout', atMs: START },
};

/** A feed with a manual clock, and everything it emitted; at `at` a change goes out at once. */
export function setUp(
  inherited: DashboardDocument = EMPTY,
  at = START,
  off: readonly SourceId[] = [],
  etfs: readonly string[] | null = null,
) {
  // The quiet interval after the term's first version is over at `at`.
  const clock = createManualClock(at - 250);
  const emitted: { document: DashboardDocument; whole: boolean }[] = [];
  const feed = createFeed(
    { clock, emit: (document, whole) => void emitted.push({ document, whole }) },
    {
      inherited,
      off,
      coins: ['BTC', 'ETH'],
      etfs,
      staleAfterS: STALE,
      flushIntervalMs: 250,
      simulated: false,
    },
  );
  feed.start();
  clock.advance(250);
  return { clock, feed, emitted, last: () => emitted.at(-1)?.document ?? EMPTY };
}
