import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createKnowledge } from './knowledge.ts';
import { createLatestReadings } from './readings.ts';
import { coin, EMPTY, START, streamed } from './test-feed.ts';

describe('the readings that are kept', () => {
  test('are counted as they arrive, whatever the clocks say', () => {
    const latest = createLatestReadings();
    const first = latest.take(coin(START, 77_000));
    const second = latest.take(streamed(START - 5000, 77_705));
    expect(second?.arrival).toBe((first?.arrival ?? Number.NaN) + 1);
    expect(latest.get('coin:BTC', 'binance')).toEqual(second);
    expect(latest.get('coin:ETH', 'binance')).toBeNull();
  });

  test('are known to be lost with their connection, which brings none any more', () => {
    const latest = createLatestReadings();
    latest.take(streamed(START, 77_705));
    expect(latest.lose('binance stream 2')).toBe(false);
    expect(latest.lose('binance stream 1')).toBe(true);
    expect(latest.get('coin:BTC', 'binance')).toMatchObject({ isLost: true });
    expect(latest.take(streamed(START + 1, 77_706))).toBeNull();
  });

  test('remember no more than a hundred lost connections', () => {
    const latest = createLatestReadings();
    for (let stream = 1; stream <= 101; stream++) latest.lose(`binance stream ${stream}`);
    expect(latest.take(streamed(START, 77_705, 'binance', 2))).toBeNull();
    expect(latest.take(streamed(START, 77_705, 'binance', 1))).not.toBeNull();
  });

  test('are only of what the document has', () => {
    const options = { inherited: EMPTY, coins: ['BTC'], etfs: null, off: [] };
    const knowledge = createKnowledge(createManualClock(START), options);
    expect(knowledge.take([{ ...coin(START, 1), symbol: 'DOGE' }])).toBe(false);
    expect(knowledge.take([{ ...coin(START, 1), figure: 'etf', symbol: 'SPY' }])).toBe(false);
    expect(knowledge.take([coin(START, 1)])).toBe(true);
  });
});
