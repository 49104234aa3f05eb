import { describe, expect, test } from 'bun:test';
import {
  addressAfter,
  choiceBetween,
  nextTheme,
  otherLanguage,
  parseChoice,
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

  test('are kept only where the visitor chose: a language of the address is no choice', () => {
    const choice = choiceBetween(PREFERENCES, { ...PREFERENCES, theme: 'light' });
    expect(choice).toEqual({ theme: 'light' });
    expect(preferenceCookies(choice)).toEqual([
      'theme=light; Path=/; Max-Age=31536000; SameSite=Lax',
    ]);
    expect(choiceBetween(PREFERENCES, { ...PREFERENCES })).toEqual({});
    expect(preferenceCookies({})).toEqual([]);
  });

  test('of another tab are taken as far as they are known', () => {
    expect(parseChoice({ ...PREFERENCES, more: 1 })).toEqual(PREFERENCES);
    expect(parseChoice({ language: 'en', theme: 'neon' })).toEqual({ language: 'en' });
    for (const message of [null, undefined, 'vi', {}, [], { language: ['vi'] }]) {
      expect(parseChoice(message)).toEqual({});
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

describe('the address', () => {
  const ADDRESS =
    'https://dash.example/crypto_report?kiosk&lang=vi&theme=dark&a=1%202&lang=en#main';

  test('asks no longer for what was chosen in its place; all else stays as it was written', () => {
    expect(addressAfter({ language: 'en' }, ADDRESS)).toBe(
      'https://dash.example/crypto_report?kiosk&theme=dark&a=1%202#main',
    );
    expect(addressAfter({ language: 'en', theme: 'light', colours: 'blue-orange' }, ADDRESS)).toBe(
      'https://dash.example/crypto_report?kiosk&a=1%202#main',
    );
    expect(addressAfter({ colours: 'blue-orange' }, ADDRESS)).toBe(ADDRESS);
    expect(addressAfter({}, ADDRESS)).toBe(ADDRESS);
    expect(addressAfter({ theme: 'light' }, 'https://dash.example/?theme=dark')).toBe(
      'https://dash.example/',
    );
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
