/** The suite everything that tells of the past has to pass: whatever is sent, it is on the page and true, or refused. */

import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EARLIEST_MS, isAccepted, MAX_AHEAD_MS } from '../../contract/index.ts';
import {
  anyJson,
  changed,
  expectCheapFloods,
  pathsOf,
  SHIFTS_MS,
  shifted,
} from './poll-contract.ts';
import type { Candle, CandleArchive, CandlePage, IndexArchive } from './source.ts';
import { MAX_BODY_BYTES, UpstreamError, type UpstreamRequest } from './upstream.ts';

type Json = unknown;

/** The code an answer is refused with by `read`; `null` when it is read. */
export function refusalOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof UpstreamError) return error.code;
    throw error;
  }
}

/** What both kinds have in common: a request, and a reader of what came. */
interface Subject {
  readonly sample: Json;
  readonly request: () => UpstreamRequest;
  /** Bytes of the longest answer there is, as compact as the sample. */
  readonly longestBytes: number;
  readonly read: (body: Json) => unknown;
  /** As `read`, and fails the test for a foreign exception or for what must not come out. */
  readonly readSafely: (body: Json) => void;
}

function describeReading({ sample, request, longestBytes, read, readSafely }: Subject): void {
  test('reads its sample, the same each time, and leaves it as it is', () => {
    const before = structuredClone(sample);
    readSafely(sample);
    expect(read(sample)).toEqual(read(sample));
    expect(sample).toEqual(before);
  });

  test.each([
    'null',
    '"string"',
    '{}',
    '0',
    'true',
    '[[]]',
    '[null]',
    '{"data":null}',
    '{"data":[]}',
  ])('refuses %s', (text) => {
    expect(refusalOf(() => read(JSON.parse(text)))).toBe('bad_response');
  });

  test('survives any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), readSafely));
  });

  test('survives its sample with anything changed or missing', () => {
    const path = fc.constantFrom(...pathsOf(sample));
    fc.assert(
      fc.property(path, fc.option(anyJson, { nil: undefined }), (where, value) =>
        readSafely(changed(sample, where, value)),
      ),
      { numRuns: 500 },
    );
  });

  test('survives its sample at any other time', () => {
    const anyShift = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true }));
    for (const byMs of SHIFTS_MS) readSafely(shifted(sample, byMs));
    fc.assert(fc.property(anyShift, (byMs) => readSafely(shifted(sample, byMs))));
  });

  test('reads a body stuffed with values more cheaply than it was parsed', () => {
    const { refusal } = request();
    expectCheapFloods(sample, (body) => {
      refusal?.(body);
      refusalOf(() => read(body));
    });
  });

  test('asks the same each time, and for no more of a body than an answer needs', () => {
    expect(request()).toEqual(request());
    expect(request().maxBodyBytes).toBeLessThan(MAX_BODY_BYTES);
    expect(request().maxBodyBytes).toBeGreaterThan(2 * longestBytes);
  });

  test('judges errors in any JSON without throwing', () => {
    const { refusal } = request();
    expect(refusal?.(sample) ?? null).toBeNull();
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        refusal?.(body);
      }),
    );
  });
}

/** What a suite of an exchange's past is run with. */
export interface CandleSample {
  readonly archive: CandleArchive;
  /** An answer as the exchange sends it: candles of the whole page, and perhaps some beside it. */
  readonly sample: Json;
  /** Where in the answer its rows are. */
  readonly rowsAt: readonly (string | number)[];
  readonly page: CandlePage;
  readonly receivedAtMs: number;
}

function expectOnPage(candles: readonly Candle[], page: CandlePage, receivedAtMs: number): void {
  let previousMs = page.fromMs - 1;
  for (const [openMs, open, high, low, close, volume] of candles) {
    expect(openMs).toBeGreaterThan(previousMs);
    expect(openMs).toBeLessThan(page.toMs);
    expect(openMs).toBeLessThanOrEqual(receivedAtMs + MAX_AHEAD_MS);
    expect(openMs % (page.intervalS * 1000)).toBe(0);
    expect([open, high, low, close].every((price) => isAccepted('price', price))).toBe(true);
    expect(low <= Math.min(open, close) && high >= Math.max(open, close)).toBe(true);
    expect(volume >= 0 && Number.isFinite(volume)).toBe(true);
    previousMs = openMs;
  }
}

export function describeCandleArchive(name: string, subject: CandleSample): void {
  const { archive, sample, rowsAt, page, receivedAtMs } = subject;
  const rows = rowsAt.reduce<Json>((inner, key) => Reflect.get(Object(inner), key), sample);
  const list: readonly Json[] = Array.isArray(rows) ? rows : expect.unreachable();
  const withRows = (other: readonly Json[]): Json => changed(sample, rowsAt, other);
  const read = (body: Json, of = page) => archive.read(body, of, receivedAtMs);
  const readSafely = (body: Json, of = page): void => {
    if (refusalOf(() => read(body, of)) === null) expectOnPage(read(body, of), of, receivedAtMs);
  };
  const intervalMs = page.intervalS * 1000;

  describe(`${name} as an archive`, () => {
    describeReading({
      sample,
      request: () => archive.request(page),
      longestBytes: (JSON.stringify(list).length / list.length) * archive.maxCandles,
      read,
      readSafely,
    });

    test('reads a whole page', () => {
      expect(read(sample)).toHaveLength((page.toMs - page.fromMs) / intervalMs);
    });

    test('reads rows in any order, and however often they came, as the same candles', () => {
      const mixed = fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length });
      fc.assert(fc.property(mixed, (some) => expect(read(withRows(some))).toEqual(read(sample))));
    });

    test('reads of any page what it was asked for, and leaves gaps as they are', () => {
      const some = fc.subarray([...list], { minLength: 1 });
      const at = fc.nat({ max: list.length });
      fc.assert(
        fc.property(some, at, at, (sent, from, count) => {
          const fromMs = page.fromMs + from * intervalMs;
          const part = { ...page, fromMs, toMs: fromMs + count * intervalMs };
          const times = read(withRows(sent)).map(([openMs]) => openMs);
          const wanted = times.filter((openMs) => openMs >= fromMs && openMs < part.toMs);
          expect(read(withRows(sent), part).map(([openMs]) => openMs)).toEqual(wanted);
        }),
      );
    });

    test('has no candles where there were none, but does not take silence for an answer about now', () => {
      const until = (ms: number) => archive.read(withRows([]), { ...page, toMs: ms }, ms);
      expect(until(page.toMs)).toEqual([]);
      const isOpen = () => archive.read(withRows([]), page, page.toMs - 1);
      expect(refusalOf(isOpen)).toBe('bad_response');
    });

    test('knows its own lengths, finest first, and asks for no other page than its own', () => {
      const { intervalsS, maxCandles, request } = archive;
      expect(intervalsS).toEqual(intervalsS.toSorted((a, b) => a - b));
      for (const intervalS of intervalsS) {
        const fromMs = EARLIEST_MS + 365 * 86_400_000;
        const whole = { ...page, intervalS, fromMs, toMs: fromMs + maxCandles * intervalS * 1000 };
        expect(request(whole)).not.toEqual(request(page));
        expect(() => request({ ...whole, toMs: whole.toMs + 1 })).toThrow(RangeError);
      }
      expect(() => request({ ...page, intervalS: 240 })).toThrow(RangeError);
    });
  });
}

/** @param sample an answer as the upstream sends it, received at the moment given */
export function describeIndexArchive(
  name: string,
  archive: IndexArchive,
  sample: Json,
  receivedAtMs: number,
  longestBytes: number,
): void {
  const read = (body: Json) => archive.read(body, receivedAtMs);
  describe(`${name} as an archive`, () => {
    describeReading({
      sample,
      request: () => archive.request(),
      longestBytes,
      read,
      readSafely(body) {
        if (refusalOf(() => read(body)) !== null) return;
        let previousMs = EARLIEST_MS - 1;
        for (const { dayMs, value } of read(body)) {
          expect(dayMs).toBeGreaterThan(previousMs);
          expect(dayMs).toBeLessThanOrEqual(receivedAtMs + MAX_AHEAD_MS);
          expect(dayMs % 86_400_000).toBe(0);
          expect(isAccepted('fng', value)).toBe(true);
          previousMs = dayMs;
        }
      },
    });
  });
}
