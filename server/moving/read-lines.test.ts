import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { readLines } from './read-lines.ts';

describe('lines', () => {
  test('are the same wherever the pieces end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z,]{0,9}$/)),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('\n', '\r\n'),
        (texts, pieceBytes, end) => {
          const bytes = Buffer.from(texts.join(end));
          const chunks = function* () {
            for (let from = 0; from < bytes.length; from += pieceBytes) {
              yield bytes.subarray(from, from + pieceBytes);
            }
          };
          const numbered = texts.map((text, index) => ({ number: index + 1, text }));
          expect([...readLines(chunks())]).toEqual(numbered.filter(({ text }) => text !== ''));
        },
      ),
    );
  });

  test('without an end are refused before they fill anything', () => {
    let pieces = 0;
    const endless = function* () {
      for (;;) {
        pieces += 1;
        yield Buffer.alloc(65_536, 'x');
      }
    };
    expect(() => [...readLines(endless())]).toThrow('line 1: longer than 1000 characters');
    expect(pieces).toBe(1);
  });

  test('of more than any file of ours has are refused', () => {
    const block = Buffer.alloc(100_000, '\n');
    const endless = function* () {
      for (;;) yield block;
    };
    expect(() => {
      for (const _ of readLines(endless()));
    }).toThrow('line 5000001: more than 5000000 lines');
  });
});
