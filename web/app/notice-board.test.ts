import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createNoticeBoard, PASSING_MS } from './notice-board.ts';

function createBoard() {
  const clock = createManualClock();
  const board = createNoticeBoard(clock);
  return { clock, board, kinds: () => board.posted.value.map(({ news }) => news.kind) };
}

describe('the notice board', () => {
  test('puts a newer notice in the place of an older one about the same', () => {
    const { board, kinds } = createBoard();
    board.post({ kind: 'lost' });
    board.post({ kind: 'polling', intervalS: 30 });
    expect(kinds()).toEqual(['polling']);
  });

  test('holds three at most; the oldest goes first', () => {
    const { board, kinds } = createBoard();
    board.post({ kind: 'lost' });
    board.post({ kind: 'cluster' });
    board.post({ kind: 'new_version' });
    board.post({ kind: 'source_failed', source: 'coingecko', atMs: 0 });
    expect(kinds()).toEqual(['cluster', 'new_version', 'source_failed']);
  });

  test('keeps the answer to a press when more is lost than it can hold', () => {
    const { board, kinds } = createBoard();
    board.post({ kind: 'refresh_failed' });
    for (const source of ['coingecko', 'binance', 'alternative_me', 'taapi'] as const) {
      board.post({ kind: 'source_failed', source, atMs: 0 });
    }
    expect(kinds()).toEqual(['source_failed', 'refresh_failed', 'source_failed']);
  });

  test('keeps a new version and a lost cluster, which stand nowhere else, through all that passes', () => {
    const { board, kinds } = createBoard();
    board.post({ kind: 'restored', afterMs: 1000 });
    board.post({ kind: 'new_version' });
    board.post({ kind: 'source_back', source: 'coingecko' });
    board.post({ kind: 'refreshed' });
    expect(kinds()).toEqual(['new_version', 'source_back', 'refreshed']);
    board.post({ kind: 'cluster' });
    expect(kinds()).toEqual(['new_version', 'refreshed', 'cluster']);
    board.post({ kind: 'lost' });
    board.post({ kind: 'source_back', source: 'binance' });
    expect(kinds()).toEqual(['new_version', 'cluster', 'source_back']);
  });

  test('takes down what has passed, and leaves what lasts', () => {
    const { clock, board, kinds } = createBoard();
    board.post({ kind: 'lost' });
    board.post({ kind: 'refreshed' });
    clock.advance(PASSING_MS);
    expect(kinds()).toEqual(['lost']);
    board.post({ kind: 'restored', afterMs: 1000 });
    clock.advance(PASSING_MS - 1);
    expect(kinds()).toEqual(['restored']);
    clock.advance(1);
    expect(kinds()).toEqual([]);
  });

  test('counts the time of a notice from its last posting', () => {
    const { clock, board, kinds } = createBoard();
    board.post({ kind: 'refreshed' });
    clock.advance(PASSING_MS - 1);
    board.post({ kind: 'throttled', retryAfterS: 5 });
    clock.advance(PASSING_MS - 1);
    expect(kinds()).toEqual(['throttled']);
  });

  test('forgets a dismissed notice and its timer', () => {
    const { clock, board, kinds } = createBoard();
    board.post({ kind: 'refreshed' });
    board.remove('refresh');
    board.remove('refresh');
    expect(kinds()).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test('leaves no timer behind when it is closed', () => {
    const { clock, board } = createBoard();
    board.post({ kind: 'refreshed' });
    board.close();
    expect(clock.pending()).toBe(0);
  });
});
