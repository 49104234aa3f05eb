import { expect, test } from 'bun:test';
import { parseJson } from './parse-json.ts';

const nested = (levels: number): string =>
  `${'{"a":['.repeat(levels / 2)}${']}'.repeat(levels / 2)}`;

test('JSON is read as deep as a document may be, and no deeper', () => {
  expect(parseJson('{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] });
  expect(parseJson('"₫"')).toBe('₫');
  expect(JSON.stringify(parseJson(nested(32)))).toBe(nested(32));
  for (const levels of [34, 1000, 1_000_000]) expect(parseJson(nested(levels))).toBeNull();
});

test('what is no JSON is nothing', () => {
  for (const text of ['', '{', 'garbage', "{'a':1}", '{"a":1}}', 'NaN', '\u0000']) {
    expect(parseJson(text)).toBeNull();
  }
});
