import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../../contract/manual-clock.ts';
import { createRecordedStreams } from './recorded-streams.ts';
import { sortFrames } from './sort-frames.ts';
import { MIN_GAP_MS } from './tape.ts';
import { binanceTicker, coinbaseTicker, frame } from './test-frames.ts';

const BINANCE = binanceTicker('BTCUSDT', '77720.50000000', 0);
const COINBASE = coinbaseTicker('BTC-USD', '77735.9', 0);

function start() {
  const clock = createManualClock();
  const streams = sortFrames([frame(BINANCE), frame(COINBASE)], []);
  const { handshake } = createRecordedStreams(streams, { clock, asRecorded: true });
  const connect = (path: string) => {
    const heard: unknown[] = [];
    const answer = handshake({ path, userAgent: null });
    if (answer.kind !== 'accepted') return { answer, heard, peer: null };
    const wire = { send: (data: unknown) => heard.push(data), ping() {}, close() {} };
    return { answer, heard, peer: answer.converse(wire) };
  };
  return { clock, connect };
}

describe('recorded streams', () => {
  test.each([
    ['/stream?streams=btcusdt@miniTicker', BINANCE],
    ['/ws/btcusdt@miniTicker', BINANCE],
    ['/', COINBASE],
  ])('are each at its exchange’s own path: %s', (path, text) => {
    const { clock, connect } = start();
    const { heard } = connect(path);
    clock.advance(MIN_GAP_MS);
    expect(heard).toEqual([text]);
  });

  test('are refused where nothing was recorded, and at paths of nobody', () => {
    const { connect } = start();
    for (const path of ['/v2', '/nowhere']) {
      expect(connect(path).answer).toEqual({ kind: 'refused', status: 404, headers: {} });
    }
  });

  test('tell what was recorded, whatever a client says, and nothing after it has gone', () => {
    const { clock, connect } = start();
    const { heard, peer } = connect('/');
    peer?.received('{"type":"unsubscribe"}');
    peer?.pinged();
    peer?.pong();
    clock.advance(MIN_GAP_MS);
    peer?.closed();
    clock.advance(60_000);
    expect(heard).toEqual([COINBASE]);
    expect(clock.pending()).toBe(0);
  });
});
