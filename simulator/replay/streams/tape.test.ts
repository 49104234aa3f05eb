import { beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock, type ManualClock } from '../../../contract/manual-clock.ts';
import type { RecordedFrame } from './recorded-frame.ts';
import { sortFrames } from './sort-frames.ts';
import { createTape, MAX_GAP_MS, MIN_GAP_MS, REPEAT_MS, type Tape } from './tape.ts';
import { binanceTicker, coinbaseTicker, frame, krakenTicker, RECORDED_MS } from './test-frames.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = createManualClock();
});

function tapeOf(frames: readonly RecordedFrame[], asRecorded = false): Tape {
  const [stream] = sortFrames(frames, []);
  if (!stream) throw new Error('no ticker among the frames');
  return createTape(stream, { clock, asRecorded });
}

/** What a listener hears, and when, ms since it joined. */
function listen(tape: Tape) {
  const startMs = clock.monotonic();
  const heard: { readonly text: string; readonly atMs: number }[] = [];
  const leave = tape.join((text) => heard.push({ text, atMs: clock.monotonic() - startMs }));
  return { heard, leave, texts: () => heard.map(({ text }) => text) };
}

const received = (text: string, atMs: number) => frame(text, { receivedAtMs: RECORDED_MS + atMs });
const eventMs = (text: string): number => JSON.parse(text).E;

describe('a tape', () => {
  const FRAMES = [
    frame('{"result":null,"id":1}'),
    frame(binanceTicker('BTCUSDT', '77720.50000000', 0)),
    frame('{"e":"kline","E":1795191601500,"s":"BTCUSDT","k":{"t":1795191600000,"c":"1.00"}}'),
    frame(binanceTicker('BTCUSDT', '77725.98000000', 2000)),
  ];

  test('plays everything once in its order, then its last tickers each second', () => {
    const { heard } = listen(tapeOf(FRAMES, true));
    clock.advance(FRAMES.length * MIN_GAP_MS + 2 * REPEAT_MS);
    const last = FRAMES.at(-1)?.text ?? '';
    expect(heard).toEqual([
      ...FRAMES.map(({ text }, i) => ({ text, atMs: (i + 1) * MIN_GAP_MS })),
      { text: last, atMs: FRAMES.length * MIN_GAP_MS + REPEAT_MS },
      { text: last, atMs: FRAMES.length * MIN_GAP_MS + 2 * REPEAT_MS },
    ]);
  });

  test('moves times so that the newest event is of the moment it is told, the others as far before it as they were', () => {
    const startMs = clock.now();
    const { heard } = listen(tapeOf(FRAMES));
    clock.advance(FRAMES.length * MIN_GAP_MS);
    const endMs = startMs + FRAMES.length * MIN_GAP_MS;
    const [ack, first, kline, last] = heard.map(({ text }) => text);
    expect(ack).toBe('{"result":null,"id":1}');
    expect(last).toBe(binanceTicker('BTCUSDT', '77725.98000000', endMs - RECORDED_MS));
    expect(eventMs(first ?? '')).toBe(endMs - 2000);
    expect(JSON.parse(kline ?? '')).toMatchObject({ E: endMs - 500, k: { t: endMs - 2000 } });
  });

  test('tells no event before it happens, whatever the order they were recorded in', () => {
    const startMs = clock.now();
    const early = frame(binanceTicker('BTCUSDT', '2.00', 60_000));
    const { heard } = listen(tapeOf([FRAMES[1], early, FRAMES[3]].flatMap((one) => one ?? [])));
    clock.advance(3 * MIN_GAP_MS);
    expect(heard.map(({ text, atMs }) => startMs + atMs - eventMs(text))).toEqual([
      60_000 - MIN_GAP_MS,
      0,
      58_000 + MIN_GAP_MS,
    ]);
  });

  test('tells its last tickers as if they were of now, every pair’s its own', () => {
    const eth = binanceTicker('ETHUSDT', '2080.86000000', -90_000_000);
    const { heard } = listen(tapeOf([frame(eth), ...FRAMES]));
    clock.advance(5 * MIN_GAP_MS + REPEAT_MS);
    const nowMs = clock.now();
    expect(heard.slice(5).map(({ text }) => text)).toEqual([
      binanceTicker('ETHUSDT', '2080.86000000', nowMs - RECORDED_MS),
      binanceTicker('BTCUSDT', '77725.98000000', nowMs - RECORDED_MS),
    ]);
  });

  test('leaves all times alone when that is asked for', () => {
    const { texts } = listen(tapeOf(FRAMES, true));
    clock.advance(FRAMES.length * MIN_GAP_MS + REPEAT_MS);
    expect(texts()).toEqual([...FRAMES.map(({ text }) => text), FRAMES.at(-1)?.text ?? '']);
  });

  test.each([
    [coinbaseTicker, 'BTC-USD'],
    [krakenTicker, 'BTC/USD'],
  ])('moves the times of other exchanges too, to the microsecond', (ticker, pair) => {
    const startMs = clock.now();
    const { texts } = listen(tapeOf([frame(ticker(pair, '77712.10', 0))]));
    clock.advance(MIN_GAP_MS);
    expect(texts()).toEqual([ticker(pair, '77712.10', startMs + MIN_GAP_MS - RECORDED_MS)]);
  });
});

describe('the pace of a tape', () => {
  const at = (atMs: number, file = 'ws.jsonl') => ({
    ...received(binanceTicker('BTCUSDT', '1.00', atMs), atMs),
    file,
  });
  const heardAt = (...frames: readonly RecordedFrame[]) => {
    const { heard } = listen(tapeOf(frames));
    clock.advance(60_000);
    return heard.slice(0, frames.length).map(({ atMs }) => atMs);
  };

  test('is the recorded one, though no burst is as dense and no silence as long', () => {
    expect(heardAt(at(0), at(700), at(710), at(3_600_000), at(3_600_400))).toEqual([
      50,
      750,
      800,
      800 + MAX_GAP_MS,
      1200 + MAX_GAP_MS,
    ]);
  });

  test('is brisk where none was recorded, between files, and where clocks went back', () => {
    const untimed = frame(binanceTicker('BTCUSDT', '1.00', 0));
    expect(heardAt(at(0), untimed, at(9000), at(8000), at(9000, 'other.jsonl'))).toEqual([
      50, 100, 150, 200, 250,
    ]);
  });
});

describe('frames of nobody who has a stream here', () => {
  test('come between the exchange’s own, the rest at the end, as they are', () => {
    const own = [1, 2].map((i) => binanceTicker('BTCUSDT', `${i}.00`, i));
    const foreign = ['a', 'b', 'c'].map((id) => `{"event":"${id}","time":"2022-01-05T00:00:00Z"}`);
    const { texts } = listen(
      tapeOf(
        [...foreign, ...own].map((text) => frame(text)),
        true,
      ),
    );
    clock.advance(5 * MIN_GAP_MS);
    expect(texts()).toEqual([own[0], foreign[0], own[1], foreign[1], foreign[2]].map(String));
  });

  test('keep their times where others’ are moved', () => {
    const foreign =
      '{"event":"trade","data":{"microtimestamp":"1641343721243000","E":1641343721243}}';
    const { texts } = listen(tapeOf([frame(foreign), frame(binanceTicker('BTCUSDT', '1.00', 0))]));
    clock.advance(2 * MIN_GAP_MS);
    expect(texts()).toContain(foreign);
  });
});

describe('the listeners of a tape', () => {
  const FRAMES = [0, 1, 2, 3].map((i) => frame(binanceTicker('BTCUSDT', `${i}.00`, i * 10)));

  test('hear it together; who comes later hears it from where it is', () => {
    const tape = tapeOf(FRAMES, true);
    const first = listen(tape);
    clock.advance(2 * MIN_GAP_MS);
    const second = listen(tape);
    clock.advance(2 * MIN_GAP_MS);
    expect(first.texts()).toEqual(FRAMES.map(({ text }) => text));
    expect(second.texts()).toEqual(FRAMES.slice(2).map(({ text }) => text));
  });

  test('leave it standing still when the last is gone, and times go on from there', () => {
    const tape = tapeOf(FRAMES);
    const first = listen(tape);
    clock.advance(2 * MIN_GAP_MS);
    first.leave();
    expect(clock.pending()).toBe(0);
    clock.advance(3_600_000);
    const second = listen(tape);
    clock.advance(2 * MIN_GAP_MS);
    expect(first.heard).toHaveLength(2);
    expect(second.texts().map((text) => JSON.parse(text).c)).toEqual(['2.00', '3.00']);
    const [before = 0, after = 0] = [first.texts()[1], second.texts()[0]].map((text) =>
      eventMs(text ?? ''),
    );
    expect(after - before).toBe(3_600_000 + 10);
  });

  test('may leave while they are told', () => {
    const tape = tapeOf(FRAMES);
    let heard = 0;
    const leave = tape.join(() => {
      heard += 1;
      leave();
    });
    clock.advance(60_000);
    expect(heard).toBe(1);
    expect(clock.pending()).toBe(0);
  });
});
