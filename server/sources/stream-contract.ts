/** The suite every stream has to pass: whatever an exchange sends, no exception, no false number, no foreign coin. */

import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EARLIEST_MS, ERROR_CODES, isAccepted, type NumberKind } from '../../contract/index.ts';
import { anyJson, changed, pathsOf } from './poll-contract.ts';
import type { Frame, Stream, StreamedPrice } from './stream.ts';
import { floods, msOf } from './test-flood.ts';

type Json = unknown;

const COINS = ['BTC', 'ETH'];

const isNullOr = (kind: NumberKind, value: number | null): boolean =>
  value === null || isAccepted(kind, value);

const isTime = (ms: number | null): boolean =>
  ms === null || (Number.isSafeInteger(ms) && ms >= EARLIEST_MS);

const isTruePrice = ({ symbol, eventTimeMs, value }: StreamedPrice, coins: readonly string[]) =>
  coins.includes(symbol) &&
  isTime(eventTimeMs) &&
  isAccepted('price', value.price_usd) &&
  isNullOr('percent', value.change_24h) &&
  isNullOr('price', value.high_24h) &&
  isNullOr('price', value.low_24h) &&
  isNullOr('amount', value.volume_24h_usd);

function isTrue(frame: Frame, coins: readonly string[]): boolean {
  switch (frame.kind) {
    case 'prices':
      return frame.prices.length > 0 && frame.prices.every((price) => isTruePrice(price, coins));
    case 'alive':
      return isTime(frame.eventTimeMs);
    case 'refused':
      return ERROR_CODES.includes(frame.code);
    case 'going_away':
    case 'unreadable':
      return true;
  }
}

/** Texts that are no JSON, or JSON and no frame of anybody's. */
const NO_FRAMES = [
  '',
  ' ',
  '\u0000',
  '\uFEFF{}',
  'ping',
  '<html><body>403 Forbidden</body></html>',
  '{"e":"24hrMiniTicker","E":17954171',
  '{} {}',
  'NaN',
  'undefined',
  'null',
  'true',
  '0',
  '1e400',
  '"text"',
  '{}',
  '[[]]',
  '[null]',
];

const DEPTH = 10_000;
const MILLION = 1_000_000;

/** Reading may cost so many times what parsing the same text costs. */
const MAX_TIMES_PARSING = 3;
/** Once is enough to show that it costs no more: a pause of the machine's is not counted. */
const MAX_TRIES = 5;

/** Stands where a piece of JSON's text is put in. */
const MARK = '\u0001';

/** The JSON of a value, with `raw` in place of the mark: what no value could be written as. */
const withRaw = (body: Json, raw: string): string =>
  JSON.stringify(body).replaceAll(JSON.stringify(MARK), () => raw);

/** @param sample a frame as the exchange sends it, with a price of BTC and of no coin but BTC and ETH */
export function describeStreamContract(name: string, stream: Stream, sample: Json): void {
  const sampleText = JSON.stringify(sample);

  const readSafely = (text: string, coins: readonly string[] = COINS): Frame => {
    const frame = stream.read(text, coins);
    expect({ text: text.slice(0, 500), isTrue: isTrue(frame, coins) }).toMatchObject({
      isTrue: true,
    });
    return frame;
  };

  /** The sample with a piece of JSON's text in each of its places. */
  const stuffedWith = (raw: string): string[] =>
    pathsOf(sample).map((path) => withRaw(changed(sample, path, MARK), raw));

  describe(`${name} as a stream`, () => {
    test('says where to connect and what to say there', () => {
      expect(stream.address(COINS)).toMatch(/^\/\S*$/);
      for (const text of stream.hello(COINS)) expect(typeof JSON.parse(text)).toBe('object');
      expect(stream.minMessageIntervalMs).toBeGreaterThan(0);
      expect(stream.maxConnectionMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(3600 * 1000);
    });

    test('reads its sample, the same each time', () => {
      const frame = readSafely(sampleText);
      expect(frame.kind === 'prices' && frame.prices.map(({ symbol }) => symbol)).toContain('BTC');
      expect(stream.read(sampleText, COINS)).toEqual(frame);
    });

    test('gives no price of a coin that was not asked for', () => {
      expect(readSafely(sampleText, ['SOL']).kind).toBe('alive');
      expect(readSafely(sampleText, []).kind).toBe('alive');
      expect(stream.hello(['SOL']).join()).not.toContain('BTC');
      expect(stream.address(['SOL']).toUpperCase()).not.toContain('BTC');
    });

    test.each(NO_FRAMES)('takes %j for unreadable', (text) => {
      expect(stream.read(text, COINS)).toEqual({ kind: 'unreadable' });
    });

    test('survives any text and any JSON', () => {
      fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readSafely(text)));
      fc.assert(fc.property(anyJson, (body) => void readSafely(JSON.stringify(body))));
    });

    test('survives its sample with anything changed or missing', () => {
      const path = fc.constantFrom(...pathsOf(sample));
      fc.assert(
        fc.property(path, fc.option(anyJson, { nil: undefined }), (where, value) => {
          readSafely(JSON.stringify(changed(sample, where, value)));
        }),
        { numRuns: 1000 },
      );
    });

    test('survives its sample cut off anywhere', () => {
      for (let end = 0; end < sampleText.length; end++) {
        expect(stream.read(sampleText.slice(0, end), COINS)).toEqual({ kind: 'unreadable' });
      }
    });

    test('takes no number that is too large, too small or none', () => {
      const numbers = ['1e400', '-1e400', '1e-400', '-1', '0', '-0', '1e308', '5e-324', '1e21'];
      const raws = numbers.flatMap((number) => [number, `"${number}"`, `[${number}]`]);
      for (const text of raws.flatMap(stuffedWith)) readSafely(text);
    });

    test('is not led astray by the names of an object’s own inner parts', () => {
      const names = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'length'];
      for (const inner of names) {
        readSafely(`{"${inner}":${sampleText}}`);
        readSafely(`[{"${inner}":${sampleText}}]`);
        for (const text of stuffedWith(`"${inner}"`)) readSafely(text);
        for (const text of stuffedWith(`{"${inner}":${sampleText}}`)) readSafely(text);
      }
      expect(readSafely(`{"__proto__":${sampleText}}`).kind).not.toBe('prices');
      const untouched: object = {};
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(Object.getPrototypeOf(untouched)).toBe(Object.prototype);
    });

    test('survives what is nested ten thousand deep', () => {
      for (const [open, close] of [
        ['[', ']'],
        ['{"data":', '}'],
        ['{"error":', '}'],
      ] as const) {
        const deep = `${open.repeat(DEPTH)}1${close.repeat(DEPTH)}`;
        readSafely(deep);
        readSafely(open.repeat(DEPTH));
        for (const text of stuffedWith(deep)) readSafely(text);
      }
    });

    test('survives texts and numbers of a million characters', () => {
      readSafely(JSON.stringify('x'.repeat(MILLION)));
      const [first = [], second = first] = pathsOf(sample).toReversed();
      for (const path of [first, second]) {
        readSafely(withRaw(changed(sample, path, MARK), `"${'9'.repeat(MILLION)}"`));
        readSafely(withRaw(changed(sample, path, MARK), '9'.repeat(MILLION)));
      }
    });

    test('reads its sample among a million keys that it does not know', () => {
      const keys = Array.from({ length: MILLION }, (_, n) => `"k${n}":0`).join(',');
      expect(readSafely(`${sampleText.slice(0, -1)},${keys}}`)).toEqual(readSafely(sampleText));
    });

    test('reads a flood more cheaply than it was parsed', () => {
      const texts = floods(sample).flatMap(({ text }) => [
        text,
        withRaw(changed(sample, ['data'], MARK), text),
      ]);
      for (const text of texts) {
        const ratio = () => msOf(() => readSafely(text)) / msOf(() => JSON.parse(text));
        const isCheap = () => ratio() < MAX_TIMES_PARSING;
        expect(Array.from({ length: MAX_TRIES }).some(isCheap)).toBe(true);
      }
    });
  });
}
