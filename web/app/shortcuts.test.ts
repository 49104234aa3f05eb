import { describe, expect, test } from 'bun:test';
import { type KeyPress, shortcutOf } from './shortcuts.ts';

const press = (key: string, changes: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  defaultPrevented: false,
  isInField: false,
  ...changes,
});

describe('the keys', () => {
  test('act in either case', () => {
    expect(['r', 'L', 't', 'P'].map((key) => shortcutOf(press(key)))).toEqual([
      'refresh',
      'language',
      'theme',
      'pause',
    ]);
  });

  test('leave the combinations of the browser alone', () => {
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey', 'shiftKey'] as const) {
      expect(shortcutOf(press('r', { [modifier]: true }))).toBeNull();
    }
  });

  test('do not act while typing, while held down or once somebody else acted', () => {
    for (const state of ['isInField', 'repeat', 'defaultPrevented'] as const) {
      expect(shortcutOf(press('p', { [state]: true }))).toBeNull();
    }
  });

  test('are four', () => {
    expect(['q', 'Enter', ' ', 'ArrowLeft', ''].map((key) => shortcutOf(press(key)))).toEqual(
      Array(5).fill(null),
    );
  });
});
