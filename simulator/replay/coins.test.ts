import { describe, expect, test } from 'bun:test';
import { recordedCoins } from './coins.ts';
import { sortFrames } from './streams/sort-frames.ts';
import { binanceTicker, coinbaseTicker, frame, krakenTicker } from './streams/test-frames.ts';
import { recording } from './test-recording.ts';

const streamsOf = (...texts: readonly string[]) =>
  sortFrames(
    texts.map((text) => frame(text)),
    [],
  );
const polled = (text: string) => ({
  recording: recording(text),
  isComplete: true,
  isShort: false,
  timeMs: null,
  added: [],
});

describe('the coins of a recording', () => {
  test('are all that are priced in dollars, by stream or by CoinGecko, BTC first', () => {
    const streams = streamsOf(
      coinbaseTicker('SKL-USD', '0.7902', 0),
      binanceTicker('BNBUSDT', '553.80', 0),
      krakenTicker('SKL/USD', '0.79', 0),
    );
    const prices = polled('{"bitcoin":{"usd":1},"solana":{"usd":1},"no-such-coin":{"usd":1}}');
    expect(recordedCoins(streams, prices)).toEqual(['BTC', 'BNB', 'SKL', 'SOL']);
  });

  test('are none that are priced in something else, and no dollars', () => {
    const streams = streamsOf(
      binanceTicker('ETHBTC', '0.02', 0),
      binanceTicker('币安USDT', '1.00', 0),
      coinbaseTicker('BAND-GBP', '14.7775', 0),
      coinbaseTicker('USDT-USD', '1.0001', 0),
      krakenTicker('ADA/EUR', '0.2', 0),
    );
    expect(recordedCoins(streams, undefined)).toEqual(['BTC']);
  });

  test('are fifty at most, as many as the server shows', () => {
    const tickers = Array.from({ length: 60 }, (_, i) => binanceTicker(`C${i}USDT`, '1.00', 0));
    expect(recordedCoins(streamsOf(...tickers), undefined)).toHaveLength(50);
  });
});
