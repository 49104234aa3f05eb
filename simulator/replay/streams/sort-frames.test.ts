import { describe, expect, test } from 'bun:test';
import { recording } from '../test-recording.ts';
import { sortFrames } from './sort-frames.ts';
import { binanceTicker, coinbaseTicker, frame, krakenTicker, RECORDED_MS } from './test-frames.ts';

const TICKERS = [
  binanceTicker('BTCUSDT', '77720.50000000', 0),
  coinbaseTicker('BTC-USD', '77735.9', 0),
  krakenTicker('BTC/USD', '77712.10', 0),
];
const streamsOf = (...texts: readonly string[]) =>
  sortFrames(
    texts.map((text) => frame(text)),
    [],
  );

/** Whose a frame is taken for, beside one ticker of every exchange. */
const ownersOf = (text: string) =>
  streamsOf(...TICKERS, text)
    .filter(({ frames }) => frames.some((own) => own.text === text))
    .map(({ id }) => id);

describe('a frame', () => {
  test.each([
    ['binance', '{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1795191601040}}'],
    ['binance', '{"stream":"a@bookTicker","data":{"u":4,"s":"A","b":"1","B":"1","a":"1","A":"1"}}'],
    ['binance', '{"u":4,"s":"A","b":"1","B":"1","a":"1","A":"1"}'],
    ['binance', '{"e":"serverShutdown","E":1795191601040}'],
    ['binance', '{"result":null,"id":2}'],
    ['binance', '{"method":"SUBSCRIBE","params":[],"id":1}'],
    ['binance', '{"code":2,"msg":"Invalid request"}'],
    ['binance', '{"error":{"code":2,"msg":"Invalid request"},"id":1}'],
    ['coinbase', '{"type":"subscriptions","channels":[]}'],
    ['coinbase', '{"type":"last_match","product_id":"A-B","price":"1"}'],
    ['coinbase', '{"type":"heartbeat","product_id":"A-B"}'],
    ['coinbase', '{"type":"error","message":"Failed to subscribe"}'],
    ['kraken', '{"channel":"status","type":"update","data":[{"system":"online"}]}'],
    ['kraken', '{"channel":"ohlc","type":"update","data":[{"symbol":"BTC/USD","close":1}]}'],
    ['kraken', '{"channel":"heartbeat"}'],
    ['kraken', '{"method":"subscribe","result":{"channel":"ticker"},"success":true}'],
    ['kraken', '{"method":"subscribe","error":"no","success":false,"symbol":"A/B"}'],
  ])('is known by its shape: of %s, %s', (id, text) => {
    const owners: readonly string[] = ownersOf(text);
    expect(owners).toEqual([id]);
  });

  test.each([
    '{"event":"trade","channel":"live_trades_btcusd","data":{"price":1}}',
    '{"event":"bts:subscription_succeeded","channel":"x","data":{}}',
    '{"channel":"ticker","timestamp":"2026-04-07T14:30:03Z","events":[{"type":"snapshot"}]}',
    '[]',
    '5',
    'no JSON',
  ])('of nobody who has a stream here is among those of everybody: %s', (text) => {
    expect(ownersOf(text)).toEqual([]);
    const foreign = streamsOf(...TICKERS, text).map((stream) => stream.foreign.map((f) => f.text));
    expect(foreign).toEqual([[text], [text], [text]]);
  });
});

describe('the streams of a folder', () => {
  test('are those of exchanges with a ticker', () => {
    expect(streamsOf('{"result":null,"id":2}', ...TICKERS.slice(1)).map(({ id }) => id)).toEqual([
      'coinbase',
      'kraken',
    ]);
    expect(streamsOf()).toEqual([]);
  });

  test('hold frames that stand in files of their own, but no answers', () => {
    const pretty = JSON.stringify(JSON.parse(krakenTicker('BTC/USD', '1', 0)), null, 1);
    const answers = [
      '{"value":33.4}',
      '{"code":-1121,"msg":"Invalid symbol."}',
      '{"type":"error"}',
    ];
    const [kraken, ...others] = sortFrames(
      [],
      [pretty, ...answers].map((text) => recording(text)),
    );
    expect(others).toEqual([]);
    expect(kraken?.frames.map(({ text }) => text)).toEqual([pretty]);
    expect(kraken?.foreign).toEqual([]);
  });

  test('end with the newest ticker of every pair, though an older one was found later', () => {
    const eth = binanceTicker('ETHUSDT', '2080.10000000', 5);
    const newest = binanceTicker('BTCUSDT', '77725.98000000', 9);
    const list = `[${binanceTicker('ETHBTC', '0.02', 1)},${eth}]`;
    const [stream] = streamsOf(list, newest, binanceTicker('BTCUSDT', '1.00', 8));
    expect(stream?.last).toEqual([
      {
        pair: 'ETHBTC',
        symbol: null,
        timeMs: RECORDED_MS + 1,
        text: binanceTicker('ETHBTC', '0.02', 1),
      },
      { pair: 'ETHUSDT', symbol: 'ETH', timeMs: RECORDED_MS + 5, text: eth },
      { pair: 'BTCUSDT', symbol: 'BTC', timeMs: RECORDED_MS + 9, text: newest },
    ]);
  });

  test('take a ticker without a time for the one that came last', () => {
    const untimed = '{"type":"ticker","product_id":"A-USD","price":"2"}';
    const [stream] = streamsOf(coinbaseTicker('A-USD', '1', 0), untimed);
    expect(stream?.last).toMatchObject([{ symbol: 'A', timeMs: null, text: untimed }]);
  });

  test('keep the digits of a ticker that stood among others', () => {
    const two = krakenTicker('BTC/USD', '77712.10', 0).replace(
      '}]}',
      '},{"symbol":"ETH/USD","last":2080.650,"timestamp":"2026-11-20T16:20:00.000417Z"}]}',
    );
    const [stream] = streamsOf(two);
    expect(stream?.last.map(({ text }) => text)).toEqual([
      krakenTicker('BTC/USD', '77712.10', 0),
      krakenTicker('ETH/USD', '2080.650', 0),
    ]);
  });
});
