import { describe, expect, test } from 'bun:test';
import { readPreferences } from './preferences.ts';

const DEFAULTS = { language: 'en', theme: 'system', colours: 'green-red' } as const;
const read = (cookie: string, query = '', language = '') =>
  readPreferences(new Headers({ cookie, 'accept-language': language }), query);

describe('preferences', () => {
  test('a first visit gets the language of the browser and the defaults', () => {
    expect(read('', '', 'vi')).toEqual({ ...DEFAULTS, language: 'vi' });
    expect(read('')).toEqual(DEFAULTS);
  });

  test('cookies are kept to', () => {
    expect(read('a=b; lang=vi;theme=dark; colours=blue-orange', '', 'en')).toEqual({
      language: 'vi',
      theme: 'dark',
      colours: 'blue-orange',
    });
  });

  test('the address wins over cookies', () => {
    expect(read('lang=vi; theme=dark', '?lang=en&theme=light&kiosk=1', 'vi')).toEqual({
      language: 'en',
      theme: 'light',
      colours: 'green-red',
    });
  });

  test.each([
    'lang=VI',
    'lang="vi"',
    'lang=vi-VN',
    'lang=',
    'lang',
    'Lang=vi',
    'xlang=vi',
    'theme=<script>',
    'colours=__proto__; theme=constructor',
    '=;;;==;lang',
  ])('%p chooses nothing', (cookie) => {
    expect(read(cookie)).toEqual(DEFAULTS);
  });

  test('an address that chooses nothing known leaves the cookie standing', () => {
    expect(read('lang=vi', '?lang=%zz&theme=%E0%A4%A&colours')).toEqual({
      ...DEFAULTS,
      language: 'vi',
    });
  });
});
