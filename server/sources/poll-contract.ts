/** The suite every poll has to pass: whatever an upstream sends, no exception but the expected one, no false number. */

import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  EARLIEST_MS,
  isAccepted,
  MARKET_KINDS,
  type MarketKey,
  type NumberKind,
  toWireTime,
} from '../../contract/index.ts';
import type { Poll, Reading, Receipt } from './source.ts';
import { fastestMsOf, floods } from './test-flood.ts';
import { MAX_BODY_BYTES, UpstreamError } from './upstream.ts';

/** 23 November 2026, 07:00:00 UTC: the moment the samples of the sources are received at. */
export const RECEIPT: Receipt = {
  receivedAtMs: Date.UTC(2026, 10, 23, 7, 0, 0),
  ageS: 0,
  pollIntervalS: 300,
};

type Json = unknown;

/** The code a body is refused with by `read`; `null` when it gives readings. */
export function refusedAs(poll: Poll, body: Json, receipt: Receipt = RECEIPT): string | null {
  try {
    poll.read(body, receipt);
    return null;
  } catch (error) {
    if (error instanceof UpstreamError) return error.code;
    throw error;
  }
}

/** A copy of a JSON value in which the value at `path` is another, or is missing. */
export function changed(body: Json, path: readonly (string | number)[], value?: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof body !== 'object' || body === null) throw new TypeError('no such path');
  const inner = changed(Reflect.get(body, key), rest, value);
  if (Array.isArray(body)) {
    return body.flatMap((item, index) => {
      if (index !== Number(key)) return [item];
      return inner === undefined ? [] : [inner];
    });
  }
  const { [String(key)]: _, ...others } = Object.fromEntries(Object.entries(body));
  return inner === undefined ? others : { ...others, [key]: inner };
}

/** Values that have been sent where a number should be, and others that look like one. */
const LOOKALIKES = [
  '',
  ' ',
  ' 12 ',
  '1,234.5',
  'NaN',
  'Infinity',
  'null',
  '-',
  '0x10',
  '1e3',
  '+5',
  '.5',
  '5.',
  '007',
  '9'.repeat(400),
  0,
  -1,
  1e308,
  1e-10,
  2 ** 53,
  null,
  true,
  [],
  [51.2],
  {},
];

/** Any JSON, and what has been sent in a number's place. */
export const anyJson = fc.oneof(fc.constantFrom<Json>(...LOOKALIKES), fc.jsonValue());

/** Paths of everything inside a JSON value, itself excluded. */
export function pathsOf(body: Json): (string | number)[][] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([key, inner]) => [
    [key],
    ...pathsOf(inner).map((path) => [key, ...path]),
  ]);
}

/** Paths at which a body that is a flood somewhere is one: itself, and the first containers inside it. */
function placesFor(sample: Json): (string | number)[][] {
  const inside = pathsOf(sample).filter((path) => {
    const at = path.reduce<Json>((inner, key) => Reflect.get(Object(inner), key), sample);
    return typeof at === 'object' && at !== null && path.every((key) => !/^[1-9]/.test(`${key}`));
  });
  return [[], ...inside];
}

/** The first thing in a list of things of one shape; the whole where there is no list. */
const rowOf = (sample: Json): Json => {
  const list = [sample, ...Object.values(Object(sample))].find(Array.isArray);
  return list?.[0] ?? sample;
};

/** Reading may cost so many times what parsing the same text costs. */
const MAX_TIMES_PARSING = 3;
/** Reading may leave the process larger by so many bytes for each of the text. */
const MAX_GROWTH = 64;

/** Floods a body in all its places; fails the test where reading one costs more than its own size can explain. */
export function expectCheapFloods(sample: Json, read: (body: Json) => void): void {
  for (const { text, value, parseMs } of floods(rowOf(sample))) {
    for (const place of placesFor(sample)) {
      const body = changed(sample, place, value);
      const before = process.memoryUsage.rss();
      const ms = fastestMsOf(() => read(body));
      expect(ms / parseMs).toBeLessThan(MAX_TIMES_PARSING);
      expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH * text.length);
    }
  }
}

const isNullOr = (kind: NumberKind, value: number | null): boolean =>
  value === null || isAccepted(kind, value);

function isTrue(reading: Reading): boolean {
  switch (reading.figure) {
    case 'market':
      return Object.entries(MARKET_KINDS).every(([key, kind]) =>
        isNullOr(kind, reading.value[key as MarketKey]),
      );
    case 'coin':
    case 'etf':
      return (
        isAccepted('price', reading.value.price_usd) &&
        isNullOr('percent', reading.value.change_24h) &&
        isNullOr('amount', reading.value.volume_24h_usd)
      );
    case 'fng':
      return [reading.value, ...Object.values(reading.value.history)].every(
        (day) => typeof day !== 'object' || day === null || isAccepted('fng', day.value),
      );
    case 'rsi_14_taapi':
      return isAccepted('rsi', reading.value);
    case 'candles':
      return reading.value.every(
        ([t, o, h, l, c, v]) =>
          [o, h, l, c].every((price) => isAccepted('price', price)) &&
          Number.isSafeInteger(t) &&
          v >= 0,
      );
  }
}

/** Reads a body that may be anything; fails the test for a foreign exception or a reading that is not true. */
function readSafely(poll: Poll, body: Json, receipt = RECEIPT): void {
  if (refusedAs(poll, body, receipt) !== null) return;
  for (const reading of poll.read(body, receipt)) {
    expect(isTrue(reading)).toBe(true);
    expect(reading.asOfMs).toBeGreaterThanOrEqual(EARLIEST_MS);
    expect(reading.asOfMs).toBeLessThanOrEqual(receipt.receivedAtMs);
    expect(Date.parse(toWireTime(reading.asOfMs))).toBeLessThanOrEqual(reading.asOfMs);
    expect(reading.eventTimeMs === null || Number.isFinite(reading.eventTimeMs)).toBe(true);
    expect(reading.connection).toBe(poll.route);
  }
}

/** Anything a number that stands for a time can be turned into, and moves that keep rows apart as they were. */
export const SHIFTS_MS = [-9e15, -8.7e15, -1.8e12, -1, 1, 3_600_000, 86_400_000, 1e12, 7e15, 1e300];

/** The body with every number and every text of digits that is as large as a time moved by the same. */
export function shifted(body: Json, byMs: number): Json {
  if (typeof body === 'number') return Number.isInteger(body) && body > 1e9 ? body + byMs : body;
  if (typeof body === 'string') return /^\d{10,}$/.test(body) ? `${Number(body) + byMs}` : body;
  if (Array.isArray(body)) return body.map((inner) => shifted(inner, byMs));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, inner]) => [key, shifted(inner, byMs)]),
  );
}

/** @param sample a body as the upstream sends it */
export function describePollContract(name: string, poll: Poll, sample: Json): void {
  describe(`${name} as a poll`, () => {
    test('reads its sample, the same each time, and leaves it as it is', () => {
      const before = structuredClone(sample);
      expect(refusedAs(poll, sample)).toBeNull();
      expect(poll.read(sample, RECEIPT)).toEqual(poll.read(sample, RECEIPT));
      expect(sample).toEqual(before);
    });

    test.each(['null', '[]', '"string"', '{}', '0', 'true', '[[]]', '[null]', '{"data":null}'])(
      'refuses %s',
      (text) => {
        expect(refusedAs(poll, JSON.parse(text))).toBe('bad_response');
      },
    );

    test('survives any JSON', () => {
      fc.assert(fc.property(fc.jsonValue(), (body) => readSafely(poll, body)));
    });

    test('survives its sample with anything changed or missing', () => {
      const path = fc.constantFrom(...pathsOf(sample));
      fc.assert(
        fc.property(path, fc.option(anyJson, { nil: undefined }), (where, value) =>
          readSafely(poll, changed(sample, where, value)),
        ),
        { numRuns: 500 },
      );
    });

    test('dates no reading before there was a market or after its receipt', () => {
      for (const byMs of SHIFTS_MS) readSafely(poll, shifted(sample, byMs));
      for (const ageS of [1, 86_400, 2 ** 31]) readSafely(poll, sample, { ...RECEIPT, ageS });
      const anyShift = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true }));
      fc.assert(fc.property(anyShift, (byMs) => readSafely(poll, shifted(sample, byMs))));
    });

    test('reads a body stuffed with values more cheaply than it was parsed', () => {
      const { refusal } = poll.request({ key: 'k', plan: null, coins: ['BTC'] });
      expectCheapFloods(sample, (body) => {
        refusal?.(body);
        refusedAs(poll, body);
      });
    });

    test('asks for no more of a body than an answer needs', () => {
      const { maxBodyBytes } = poll.request({ key: 'k', plan: null, coins: ['BTC'] });
      expect(maxBodyBytes).toBeLessThan(MAX_BODY_BYTES);
      expect(maxBodyBytes).toBeGreaterThan(5 * JSON.stringify(sample).length);
    });

    test('judges errors in any JSON without throwing', () => {
      const { refusal } = poll.request({ key: 'k', plan: null, coins: ['BTC'] });
      expect(refusal?.(sample) ?? null).toBeNull();
      fc.assert(
        fc.property(fc.jsonValue(), (body) => {
          refusal?.(body);
        }),
      );
    });
  });
}
