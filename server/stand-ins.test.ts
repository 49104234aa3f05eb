import { describe, expect, test } from 'bun:test';
import type { SourceId } from '../contract/index.ts';
import { createManualClock } from '../contract/manual-clock.ts';
import { ERRAND_SPACING_MS } from './errand.ts';
import { createStandIns } from './stand-ins.ts';
import { STREAM_GRACE_MS, type Task } from './tasks.ts';

const call: Task['call'] = async () => ({ ok: false, code: 'unavailable', retryAtMs: null });
const task = (upstream: Task['upstream'], gives: Task['gives']): Task => ({
  ...{ upstream, gives, route: `/${gives}`, call },
});
const TASKS = [
  task('coingecko', 'market'),
  task('binance', 'candles'),
  task('coinbase', 'candles'),
  task('kraken', 'candles'),
  task('coingecko', 'prices'),
];
const PRICES = ['coingecko prices'];
const OTHER_CANDLES = ['coinbase candles', 'kraken candles'];
/** Longer than answers are spaced. */
const LATER_MS = ERRAND_SPACING_MS + 1;

function setUp(hasStreams = true) {
  const clock = createManualClock();
  const asked: string[][] = [];
  const state = { unstreamed: ['BTC', 'ETH'], running: [] as SourceId[] };
  const standIns = createStandIns({
    clock,
    feed: {
      unstreamedCoins: () => state.unstreamed,
      hasRunningCandles: (source) => state.running.includes(source),
    },
    rounds: {
      async ask(tasks) {
        asked.push(tasks.map(({ upstream, gives }) => `${upstream} ${gives}`));
        return 'answered';
      },
    },
    tasks: TASKS,
    hasStreams,
  });
  return { clock, asked, state, standIns };
}

describe('stand-ins', () => {
  test('for candles are asked when streams have had their time, and not once the term is over', () => {
    const { clock, asked } = setUp();
    clock.advance(STREAM_GRACE_MS - 1);
    expect(asked).toEqual([]);
    clock.advance(1);
    expect(asked).toEqual([OTHER_CANDLES, PRICES]);
    const polled = setUp(false);
    polled.clock.advance(STREAM_GRACE_MS);
    expect(polled.asked).toEqual([OTHER_CANDLES]);
    const other = setUp();
    other.standIns.close();
    other.clock.advance(STREAM_GRACE_MS);
    expect(other.asked).toEqual([]);
  });

  test('are asked when a stream is lost, and its own candles with them', () => {
    const { asked, standIns } = setUp();
    standIns.lost('binance');
    expect(asked).toEqual([PRICES, OTHER_CANDLES, ['binance candles']]);
  });

  test('are asked when a coin has lost its streamed price in whatever way, once', async () => {
    const { clock, asked, state, standIns } = setUp();
    standIns.versionShown({ coins: {} });
    state.unstreamed = [];
    standIns.versionShown({ coins: {} });
    expect(asked).toEqual([]);
    state.unstreamed = ['ETH'];
    standIns.versionShown({ coins: {} });
    standIns.versionShown({ coins: {} });
    expect(asked).toEqual([PRICES, OTHER_CANDLES]);
    await clock.advanceAsync(LATER_MS);
    asked.length = 0;
    state.unstreamed = ['BTC'];
    standIns.versionShown({ coins: {} });
    // Candles were asked for when streams had had their time, a moment ago.
    expect(asked).toEqual([PRICES]);
  });

  test('for candles are asked when an exchange that runs has been set aside', () => {
    const { asked, state, standIns } = setUp();
    state.unstreamed = [];
    state.running = ['binance', 'coinbase'];
    standIns.versionShown({ coins: {} });
    expect(asked).toEqual([]);
    state.running = ['coinbase'];
    standIns.versionShown({ coins: {} });
    expect(asked).toEqual([OTHER_CANDLES]);
  });

  test('give way to an exchange that is back, whose candles are fetched anew', () => {
    const { asked, standIns } = setUp();
    standIns.connected('binance');
    expect(asked).toEqual([]);
    standIns.connected('kraken');
    standIns.connected('binance');
    expect(asked).toEqual([['binance candles']]);
  });
});
