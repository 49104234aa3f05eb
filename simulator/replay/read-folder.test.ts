import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolder } from './read-folder.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marketcast-recordings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown) {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(folder, name), text);
}

const exchange = (rest: object = {}) => ({
  request: 'https://host/path?a=1',
  status: 200,
  headers: { Date: 'Sun, 01 Feb 2026 00:00:00 GMT', Age: '3' },
  body: '{"value":1.50}',
  ...rest,
});

describe('readFolder', () => {
  test('finds bodies at any depth and keeps their text', () => {
    write('a/b/rsi.json', '{ "value": 1.50 }');
    write('readme.md', 'not a recording');
    expect(readFolder(folder)).toEqual({
      recordings: [
        {
          file: 'a/b/rsi.json',
          item: null,
          text: '{ "value": 1.50 }',
          body: { value: 1.5 },
          headers: {},
          request: null,
        },
      ],
      frames: [],
      skipped: [],
    });
  });

  test('finds the frames of streams, one in a line, and keeps their text', () => {
    write(
      'a/ws.jsonl',
      '{"received_at_s":1.5,"raw":"{\\"c\\":\\"1.50\\"}"}\n\n{"raw":"x","kind":"any"}\n{}\n5',
    );
    write('empty.jsonl', '{"type":"ticker"}\nno frame');
    expect(readFolder(folder)).toEqual({
      recordings: [],
      frames: [
        { file: 'a/ws.jsonl', text: '{"c":"1.50"}', receivedAtMs: 1500 },
        { file: 'a/ws.jsonl', text: 'x', receivedAtMs: null },
      ],
      skipped: ['empty.jsonl: no line holds a frame'],
    });
  });

  test('finds every successful exchange of a list, header names in lower case', () => {
    write('list.json', [
      exchange({ status: 429, body: '{"error":"no"}' }),
      exchange(),
      exchange({ body: '<html>' }),
      exchange({ request: 'not an address' }),
    ]);
    const { recordings } = readFolder(folder);
    expect(recordings.map(({ item }) => item)).toEqual([1, 3]);
    expect(recordings[0]).toMatchObject({
      text: '{"value":1.50}',
      body: { value: 1.5 },
      headers: { date: 'Sun, 01 Feb 2026 00:00:00 GMT', age: '3' },
    });
    expect(recordings[0]?.request?.pathname).toBe('/path');
    expect(recordings[1]?.request).toBeNull();
  });

  test('takes a list of anything else as a body', () => {
    write('rows.json', [[1, '2']]);
    write('cases.json', [{ status: 200, headers: {}, body: '{}' }]);
    expect(readFolder(folder).recordings.map(({ item }) => item)).toEqual([null, null]);
  });

  test('skips what is not JSON with one line', () => {
    write('bad.json', '{"value":');
    write('empty.json', '');
    write('good.json', '\uFEFF{"value":1}');
    const { recordings, skipped } = readFolder(folder);
    expect(recordings.map(({ file }) => file)).toEqual(['good.json']);
    expect(skipped).toEqual(['bad.json: not JSON', 'empty.json: not JSON']);
  });
});
