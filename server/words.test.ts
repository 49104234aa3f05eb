import { describe, expect, test } from 'bun:test';
import type { SourceId } from '../contract/index.ts';
import type { SourceWord } from './feed/feed.ts';
import { createWords } from './words.ts';

const POLLED: SourceWord = {
  state: 'ok',
  lastSuccessAtMs: 1000,
  nextAttemptAtMs: 2000,
  error: null,
};
const FAILED: SourceWord = { ...POLLED, state: 'failing', error: { code: 'timeout', atMs: 1500 } };

function setUp() {
  const told: [SourceId, SourceWord][] = [];
  const words = createWords({ report: (map) => void told.push(...map) });
  const polled = (word: SourceWord) => words.polled(new Map([['binance', word]]), new Map());
  return { words, polled, last: () => told.at(-1) };
}

describe('the word on a source', () => {
  test('is that of its routes while it has no stream', () => {
    const { polled, last } = setUp();
    polled(FAILED);
    expect(last()).toEqual(['binance', FAILED]);
  });

  test('has no times where there is only a stream', () => {
    const { words, last } = setUp();
    words.streamed('kraken', { state: 'failing', error: { code: 'unavailable', atMs: 9000 } });
    expect(last()).toEqual([
      'kraken',
      {
        state: 'failing',
        lastSuccessAtMs: null,
        nextAttemptAtMs: null,
        error: { code: 'unavailable', atMs: 9000 },
      },
    ]);
  });

  test('is the worse of the two, and has times where that is the routes’', () => {
    const { words, polled, last } = setUp();
    polled(POLLED);
    words.streamed('binance', { state: 'blocked', error: { code: 'blocked', atMs: 9000 } });
    expect(last()).toEqual([
      'binance',
      {
        state: 'blocked',
        lastSuccessAtMs: null,
        nextAttemptAtMs: null,
        error: { code: 'blocked', atMs: 9000 },
      },
    ]);
    polled(FAILED);
    expect(last()?.[1].state).toBe('blocked');
    words.streamed('binance', { state: 'ok', error: null });
    expect(last()).toEqual(['binance', FAILED]);
    polled(POLLED);
    expect(last()).toEqual(['binance', POLLED]);
  });

  test('names the error of the routes where both do equally badly', () => {
    const { words, polled, last } = setUp();
    words.streamed('binance', { state: 'failing', error: { code: 'unavailable', atMs: 9000 } });
    polled(FAILED);
    expect(last()).toEqual(['binance', FAILED]);
  });
});
