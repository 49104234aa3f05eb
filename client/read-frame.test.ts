import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { PONG } from '../contract/frames.ts';
import { MAX_JSON_LENGTH, readFrame } from './read-frame.ts';
import { at, hello, patch, update } from './testing/documents.ts';

describe('a frame', () => {
  test('of the protocol is read as it is', () => {
    for (const frame of [update(at(1), 5), patch(at(2), { rsi_14: null }), hello()]) {
      expect(readFrame(JSON.stringify(frame))).toEqual(frame);
    }
  });

  test('that is pong, binary, unreadable or unknown is nothing', () => {
    const strange = [PONG, '', '{', 'null', '[]', '"x"', '7', '{"type":"later","epoch":1,"seq":1}'];
    expect(
      [...strange, new ArrayBuffer(8), null, undefined, Object.create(null)].map(readFrame),
    ).toEqual(Array(strange.length + 4).fill(null));
  });

  test('without what it lives by is nothing', () => {
    const broken = [
      { ...update(at(1), 5), data: null },
      { ...update(at(1), 5), data: [] },
      { ...update(at(1), 5), seq: '1' },
      { ...update(at(1), 5), epoch: 1.5 },
      { ...update(at(1), 5), seq: 2 ** 60 },
      { ...patch(at(1), {}), patch: 'x' },
      { type: 'dashboard_patch', ...at(1), data: {} },
      { type: 'hello' },
      { ...hello(), degraded: 'solo' },
    ];
    expect(broken.map((frame) => readFrame(JSON.stringify(frame)))).toEqual(broken.map(() => null));
  });

  test('that is too large is not parsed', () => {
    const frame = JSON.stringify(update(at(1), 5));
    expect(readFrame(frame + ' '.repeat(MAX_JSON_LENGTH))).toBeNull();
  });

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (data) => {
        expect(() => readFrame(data)).not.toThrow();
      }),
    );
  });
});
