import { describe, expect, test } from 'bun:test';
import {
  nextTheme,
  otherLanguage,
  parsePreferences,
  preferenceCookies,
  readShortcuts,
  shortcutsCookie,
} from './preferences.ts';

const PREFERENCES = { language: 'vi', theme: 'dark', colours: 'blue-orange' } as const;

describe('preferences', () => {
  test('are cookies that last a year and stay on this site', () => {
    expect(preferenceCookies(PREFERENCES)).toEqual([
      'lang=vi; Path=/; Max-Age=31536000; SameSite=Lax',
      'theme=dark; Path=/; Max-Age=31536000; SameSite=Lax',
      'colours=blue-orange; Path=/; Max-Age=31536000; SameSite=Lax',
    ]);
  });

  test('of another tab are taken only when they are whole and known', () => {
    expect(parsePreferences({ ...PREFERENCES, more: 1 })).toEqual(PREFERENCES);
    for (const message of [
      null,
      'vi',
      {},
      { ...PREFERENCES, theme: 'neon' },
      { ...PREFERENCES, language: ['vi'] },
    ]) {
      expect(parsePreferences(message)).toBeNull();
    }
  });

  test('go round when their key is pressed', () => {
    expect([nextTheme('light'), nextTheme('dark'), nextTheme('system')]).toEqual([
      'dark',
      'system',
      'light',
    ]);
    expect([otherLanguage('vi'), otherLanguage('en')]).toEqual(['en', 'vi']);
  });
});

describe('the switch of the keys', () => {
  test('is on until it is switched off', () => {
    expect(readShortcuts('')).toBe(true);
    expect(readShortcuts('lang=vi; shortcuts=off')).toBe(false);
    expect(readShortcuts('shortcuts=on')).toBe(true);
    expect(readShortcuts('other_shortcuts=off')).toBe(true);
    expect(shortcutsCookie(false)).toStartWith('shortcuts=off; ');
  });
});
