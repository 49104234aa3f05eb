import { describe, expect, test } from 'bun:test';
import { reasonOf } from './trouble.ts';

describe('the reason of a failure', () => {
  test.each([
    [
      "ERR unknown command 'AUTH', with args beginning with: 'app' 's3cret' ",
      "ERR unknown command 'AUTH'",
    ],
    [
      'ERR unknown command `AUTH`, with args beginning with: `s3cret`, ',
      'ERR unknown command `AUTH`',
    ],
    [
      "ERR unknown command 'eval', with args beginning with: '-- A script\nof lines' '1' 'key' ",
      "ERR unknown command 'eval'",
    ],
    ['READONLY You can’t write against a read only replica.', null],
  ])('is what Redis says without what it was sent: %j', (message, words) => {
    expect(reasonOf(new Error(message))).toBe(words ?? message);
  });

  test('is never longer than a sentence or two', () => {
    expect(reasonOf(new Error('x'.repeat(100_000)))).toHaveLength(300);
  });

  test('is that of the last node when none of a Cluster answered', () => {
    const last = new Error("ERR unknown command 'AUTH', with args beginning with: 's3cret' ");
    const all = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: last });
    expect(reasonOf(all)).toBe("ERR unknown command 'AUTH'");
  });
});
