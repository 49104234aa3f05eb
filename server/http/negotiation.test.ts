import { describe, expect, test } from 'bun:test';
import { matchesETag, pickEncoding, pickLanguage } from './negotiation.ts';

describe('encodings', () => {
  test.each([
    [null, 'identity'],
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0.5, gzip;q=1.0', 'gzip'],
    ['br;q=0, gzip;q=0', 'identity'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['identity;q=1, gzip;q=0.5', 'identity'],
    ['br;q=huge', 'identity'],
    ['br;q=-1, gzip;q=9', 'identity'],
    [';;;,,,=', 'identity'],
  ] as const)('%p is answered in %p', (header, expected) => {
    expect(pickEncoding(header, ['br', 'gzip'])).toBe(expected);
  });

  test('only what is offered is picked', () => {
    expect(pickEncoding('br, gzip', ['gzip'])).toBe('gzip');
    expect(pickEncoding('br, gzip', [])).toBe('identity');
  });
});

describe('languages', () => {
  test.each([
    [null, 'en'],
    ['vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7', 'vi'],
    ['en-US,en;q=0.9,vi;q=0.8', 'en'],
    ['fr;q=1, vi;q=0.2', 'vi'],
    ['en;q=0.3, VI;q=0.4', 'vi'],
    ['vi;q=0', 'en'],
    ['fr, de', 'en'],
    ['*', 'en'],
    ['vietnamese', 'en'],
    ['%%%,;q=', 'en'],
  ] as const)('%p gets %p', (header, expected) => {
    expect(pickLanguage(header)).toBe(expected);
  });
});

describe('entity tags', () => {
  const etag = 'W/"1795417200000-7"';
  test.each([
    [null, false],
    ['*', true],
    ['W/"1795417200000-7"', true],
    ['"1795417200000-7"', true],
    ['"a", W/"1795417200000-7" , "b"', true],
    ['W/"1795417200000-70"', false],
    ['1795417200000-7', false],
    ['', false],
  ] as const)('%p matches: %p', (header, expected) => {
    expect(matchesETag(header, etag)).toBe(expected);
  });
});
