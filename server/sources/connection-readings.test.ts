import { describe, expect, test } from 'bun:test';
import { MAX_AHEAD_MS } from '../../contract/index.ts';
import { createConnectionReadings, MOVE_INTERVAL_MS, SET_BACK_MS } from './connection-readings.ts';
import type { CoinReading } from './source.ts';
import type { StreamedPrice } from './stream.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 7);
const HOUR_MS = 3_600_000;
const NAME = 'kraken stream 3';

const value = (price_usd: number): StreamedPrice['value'] => ({
  price_usd,
  change_24h: -1.41,
  high_24h: 79_000,
  low_24h: 76_500,
  volume_24h_usd: 2.1e9,
});

const price = (symbol: string, eventTimeMs: number | null, price_usd = 77_705): StreamedPrice => ({
  symbol,
  eventTimeMs,
  value: value(price_usd),
});

const frame = (...prices: StreamedPrice[]) => ({ kind: 'prices' as const, prices });

const open = () => createConnectionReadings('kraken', NAME);

/** What tells the readings of a frame apart: whose, of what event, as of when. */
const told = (readings: readonly CoinReading[]) =>
  readings.map(({ symbol, eventTimeMs, asOfMs }) => [symbol, eventTimeMs, asOfMs]);

describe('a price of a connection', () => {
  test('becomes a reading of that connection, as of its event', () => {
    expect(open().prices(frame(price('BTC', NOW_MS - 250)), NOW_MS)).toEqual([
      {
        source: 'kraken',
        connection: NAME,
        figure: 'coin',
        symbol: 'BTC',
        eventTimeMs: NOW_MS - 250,
        asOfMs: NOW_MS - 250,
        receivedAtMs: NOW_MS,
        staleAfterS: 60,
        value: value(77_705),
      },
    ]);
  });

  test('gives a reading for every coin of its frame', () => {
    const both = frame(price('BTC', NOW_MS - 250), price('ETH', NOW_MS - 100, 2080));
    expect(told(open().prices(both, NOW_MS))).toEqual([
      ['BTC', NOW_MS - 250, NOW_MS - 250],
      ['ETH', NOW_MS - 100, NOW_MS - 100],
    ]);
  });

  test('is as of its receipt without a time', () => {
    expect(told(open().prices(frame(price('BTC', null)), NOW_MS))).toEqual([['BTC', null, NOW_MS]]);
  });

  test('without a time is as late as the connection is known to be', () => {
    const connection = open();
    connection.alive(NOW_MS - 30_000, NOW_MS);
    expect(told(connection.prices(frame(price('BTC', null)), NOW_MS + 1000))).toEqual([
      ['BTC', null, NOW_MS - 29_000],
    ]);
  });

  test('pitfall 42: is dropped when a newer one of the coin was there, or the very same', () => {
    const connection = open();
    const take = (...prices: StreamedPrice[]) => told(connection.prices(frame(...prices), NOW_MS));
    expect(take(price('BTC', NOW_MS - 500))).toHaveLength(1);
    expect(take(price('BTC', NOW_MS - 501, 77_000))).toEqual([]);
    expect(take(price('BTC', NOW_MS - 500))).toEqual([]);
    // Two trades of one millisecond are two events.
    expect(take(price('BTC', NOW_MS - 500, 77_706))).toHaveLength(1);
    expect(take(price('BTC', NOW_MS - 499, 77_706))).toHaveLength(1);
  });

  test('pitfall 42: is told apart from a repeated one by each of its figures', () => {
    for (const [key, figure] of Object.entries(value(77_705))) {
      const connection = open();
      const first = price('BTC', NOW_MS);
      connection.prices(frame(first), NOW_MS);
      for (const other of [Number(figure) + 1, null]) {
        const changed = { ...first, value: { ...first.value, [key]: other } };
        expect(connection.prices(frame(changed), NOW_MS)).toHaveLength(1);
      }
    }
  });

  test('pitfall 42: is judged by its own coin’s events, within a frame too', () => {
    const connection = open();
    const [newer, older] = [NOW_MS - 100, NOW_MS - 900];
    const mixed = frame(price('BTC', newer), price('ETH', older), price('BTC', older, 77_000));
    expect(told(connection.prices(mixed, NOW_MS))).toEqual([
      ['BTC', newer, newer],
      ['ETH', older, older],
    ]);
  });

  test('pitfall 42: of unknown time lets nothing older than the newest known through', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS - 100)), NOW_MS);
    expect(connection.prices(frame(price('BTC', null, 77_706)), NOW_MS)).toHaveLength(1);
    expect(connection.prices(frame(price('BTC', NOW_MS - 101)), NOW_MS)).toEqual([]);
  });

  test('pitfall 42: is judged anew on another connection', () => {
    const old = frame(price('BTC', NOW_MS - HOUR_MS));
    open().prices(frame(price('BTC', NOW_MS)), NOW_MS);
    expect(open().prices(old, NOW_MS)).toHaveLength(1);
  });

  test('pitfall 43: is never as of later than its receipt, though its time still orders it', () => {
    const connection = open();
    const aheadMs = NOW_MS + MAX_AHEAD_MS;
    const take = (ms: number) => told(connection.prices(frame(price('BTC', ms)), NOW_MS));
    expect(take(aheadMs)).toEqual([['BTC', aheadMs, NOW_MS]]);
    expect(take(aheadMs - 1)).toEqual([]);
  });

  test('pitfall 43: too far ahead has no time, and holds up no event that has one', () => {
    const connection = open();
    const take = (ms: number) => told(connection.prices(frame(price('BTC', ms)), NOW_MS));
    expect(take(NOW_MS + MAX_AHEAD_MS + 1)).toEqual([['BTC', null, NOW_MS]]);
    expect(take(NOW_MS - 100)).toEqual([['BTC', NOW_MS - 100, NOW_MS - 100]]);
  });

  test('pitfall 43: out of the past is as old as it says', () => {
    const connection = open();
    const past = frame(price('BTC', NOW_MS - HOUR_MS));
    expect(told(connection.prices(past, NOW_MS))).toEqual([
      ['BTC', NOW_MS - HOUR_MS, NOW_MS - HOUR_MS],
    ]);
  });
});

describe('a quiet coin of a connection', () => {
  /** A connection that has brought BTC and ETH, a tenth of a second late. */
  const opened = () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS - 100), price('ETH', NOW_MS - 100)), NOW_MS);
    return connection;
  };

  test('is as of the heartbeat, with its price’s own event time', () => {
    const beatMs = NOW_MS + MOVE_INTERVAL_MS;
    const [btc, ...others] = opened().alive(beatMs - 50, beatMs);
    expect(btc).toEqual({
      source: 'kraken',
      connection: NAME,
      figure: 'coin',
      symbol: 'BTC',
      eventTimeMs: NOW_MS - 100,
      asOfMs: beatMs - 50,
      receivedAtMs: beatMs,
      staleAfterS: 60,
      value: value(77_705),
    });
    expect(told(others)).toEqual([['ETH', NOW_MS - 100, beatMs - 50]]);
  });

  test('is as of the other coins’ prices, told after them', () => {
    const laterMs = NOW_MS + MOVE_INTERVAL_MS;
    expect(told(opened().prices(frame(price('ETH', laterMs - 80)), laterMs))).toEqual([
      ['ETH', laterMs - 80, laterMs - 80],
      ['BTC', NOW_MS - 100, laterMs - 80],
    ]);
  });

  test('is as of the newest price of a frame with several', () => {
    const connection = opened();
    const laterMs = NOW_MS + HOUR_MS;
    const several = frame(
      price('SOL', laterMs - 900),
      price('XRP', laterMs - 100),
      price('ADA', laterMs + HOUR_MS),
    );
    expect(told(connection.prices(several, laterMs)).slice(3)).toEqual([
      ['BTC', NOW_MS - 100, laterMs - 100],
      ['ETH', NOW_MS - 100, laterMs - 100],
    ]);
  });

  test('is not ahead by heartbeats without a time, though the exchange’s clock is', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS + 30_000)), NOW_MS);
    const laterMs = NOW_MS + HOUR_MS;
    expect(told(connection.alive(null, laterMs))).toEqual([['BTC', NOW_MS + 30_000, laterMs]]);
  });

  test('moves no sooner than 15 seconds after it last did, and does so on and on', () => {
    const connection = opened();
    const moves: number[] = [];
    for (let passedMs = 1000; passedMs <= 300_000; passedMs += 1000) {
      const nowMs = NOW_MS + passedMs;
      if (connection.alive(nowMs - 100, nowMs).length === 2) moves.push(passedMs / 1000);
    }
    expect(moves).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 15));
  });

  test('is there only once it has had a price', () => {
    const connection = open();
    expect(connection.alive(NOW_MS, NOW_MS)).toEqual([]);
    connection.prices(frame(price('BTC', NOW_MS)), NOW_MS);
    const laterMs = NOW_MS + HOUR_MS;
    expect(told(connection.alive(laterMs, laterMs))).toEqual([['BTC', NOW_MS, laterMs]]);
  });

  test('whose last trade is long ago is as of the first heartbeat at once', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS - HOUR_MS)), NOW_MS);
    expect(told(connection.alive(NOW_MS + 900, NOW_MS + 1000))).toEqual([
      ['BTC', NOW_MS - HOUR_MS, NOW_MS + 900],
    ]);
  });

  test('is as late by heartbeats without a time as the connection’s newest event was', () => {
    const connection = open();
    connection.alive(NOW_MS - 400, NOW_MS);
    // The last trade of a coin that is hardly traded; it says nothing of how late frames come.
    connection.prices(frame(price('BTC', NOW_MS - HOUR_MS)), NOW_MS);
    expect(told(connection.alive(null, NOW_MS + 1000))).toEqual([
      ['BTC', NOW_MS - HOUR_MS, NOW_MS + 600],
    ]);
  });

  test('pitfall 43: stays as old as a delayed stream is, whatever comes on it', () => {
    const connection = open();
    const delayMs = 10 * 60_000;
    for (let passedMs = 0; passedMs <= 120_000; passedMs += 500) {
      const nowMs = NOW_MS + passedMs;
      const eventMs = nowMs - delayMs;
      const readings = [
        ...connection.prices(frame(price('BTC', eventMs)), nowMs),
        ...(passedMs === 0 ? connection.prices(frame(price('ETH', eventMs)), nowMs) : []),
        ...connection.alive(null, nowMs + 100),
        ...connection.alive(nowMs + HOUR_MS, nowMs + 200),
      ];
      for (const reading of readings) {
        expect(reading.receivedAtMs - reading.asOfMs).toBe(delayMs);
      }
    }
  });

  test('pitfall 43: gains nothing from events that are told again', () => {
    const connection = opened();
    const again = frame(price('BTC', NOW_MS - 100), price('ETH', NOW_MS - 100));
    expect(connection.prices(again, NOW_MS + HOUR_MS)).toEqual([]);
    expect(connection.alive(NOW_MS - 100, NOW_MS + HOUR_MS)).toEqual([]);
  });

  test('pitfall 43: is never as of later than the receipt of a heartbeat that is ahead', () => {
    const laterMs = NOW_MS + HOUR_MS;
    expect(told(opened().alive(laterMs + MAX_AHEAD_MS, laterMs))).toEqual([
      ['BTC', NOW_MS - 100, laterMs],
      ['ETH', NOW_MS - 100, laterMs],
    ]);
  });

  test('pitfall 43: does not become older by an event that a heartbeat has overtaken', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS)), NOW_MS);
    const beatMs = NOW_MS + 20_000;
    connection.alive(beatMs, beatMs);
    const late = frame(price('BTC', beatMs - 300, 77_706));
    expect(told(connection.prices(late, beatMs + 50))).toEqual([['BTC', beatMs - 300, beatMs]]);
  });

  test('pitfall 43: is not shown to be as it was by heartbeats while the exchange’s clock was set back', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS), price('ETH', NOW_MS, 2080)), NOW_MS);
    // An hour too early and dropped, but it did trade.
    connection.prices(frame(price('BTC', NOW_MS - HOUR_MS, 78_000)), NOW_MS + 100);
    const laterMs = NOW_MS + 240_000;
    expect(told(connection.alive(laterMs, laterMs))).toEqual([['ETH', NOW_MS, laterMs]]);
    connection.prices(frame(price('BTC', laterMs, 78_001)), laterMs);
    expect(told(connection.alive(laterMs + 20_000, laterMs + 20_000))).toHaveLength(2);
  });

  test('pitfall 42: is shown to be as it was though an earlier event has come late', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS)), NOW_MS);
    connection.prices(frame(price('BTC', NOW_MS - SET_BACK_MS, 78_000)), NOW_MS + 100);
    expect(connection.alive(NOW_MS + 20_000, NOW_MS + 20_000)).toHaveLength(1);
  });

  test('pitfall 43: is of now again at once when our clock was set back', () => {
    const connection = open();
    connection.prices(frame(price('BTC', NOW_MS)), NOW_MS);
    const backMs = NOW_MS - 70_000;
    expect(told(connection.alive(NOW_MS + 1000, backMs))).toEqual([['BTC', NOW_MS, backMs]]);
  });
});
