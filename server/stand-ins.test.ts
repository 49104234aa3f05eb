import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../contract/manual-clock.ts';
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
const STAND_INS = ['coinbase candles', 'kraken candles', 'coingecko prices'];

function setUp() {
  const clock = createManualClock();
  const asked: string[][] = [];
  const state = { unstreamed: ['BTC', 'ETH'] };
  const standIns = createStandIns({
    clock,
    feed: { unstreamedCoins: () => state.unstreamed },
    rounds: {
      ask: (tasks) => void asked.push(tasks.map(({ upstream, gives }) => `${upstream} ${gives}`)),
    },
    tasks: TASKS,
  });
  return { clock, asked, state, standIns };
}

describe('stand-ins', () => {
  test('for candles are asked when streams have had their time, and not once the term is over', () => {
    const { clock, asked } = setUp();
    clock.advance(STREAM_GRACE_MS - 1);
    expect(asked).toEqual([]);
    clock.advance(1);
    expect(asked).toEqual([['coinbase candles', 'kraken candles']]);
    const other = setUp();
    other.standIns.close();
    other.clock.advance(STREAM_GRACE_MS);
    expect(other.asked).toEqual([]);
  });

  test('are asked when a stream is lost', () => {
    const { asked, standIns } = setUp();
    standIns.lost('coinbase');
    standIns.lost('binance');
    expect(asked).toEqual([STAND_INS, ['binance candles', ...STAND_INS]]);
  });

  test('are asked when a coin has lost its streamed price in whatever way, once', () => {
    const { asked, state, standIns } = setUp();
    standIns.versionShown();
    state.unstreamed = [];
    standIns.versionShown();
    expect(asked).toEqual([]);
    state.unstreamed = ['ETH'];
    standIns.versionShown();
    standIns.versionShown();
    expect(asked).toEqual([STAND_INS]);
    state.unstreamed = ['BTC'];
    standIns.versionShown();
    expect(asked).toEqual([STAND_INS, STAND_INS]);
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
