import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type DashboardDocument,
  FRESHNESS_KEYS,
  type FreshnessEntry,
  judgedFigures,
} from '../contract/index.ts';
import { anyJson, changed, pathsOf } from './sources/poll-contract.ts';
import { outOfRange } from './test-day-judge.ts';
import {
  asItIs,
  type Bend,
  type Bends,
  everyNumber,
  everyObject,
  everyTime,
  everyValue,
  firstValue,
  shownAmong,
} from './test-hostile.ts';

const DEPTH = 10_000;
const MILLION = 1_000_000;
const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
const manyKeys = `{${Array.from({ length: MILLION }, (_, n) => `"k${n}":0`).join(',')}}`;

/** Of what comes like this nothing can be shown. */
const UNREADABLE: readonly [string, Bend][] = [
  ['1e400 for every number', everyNumber(() => '1e400')],
  ['every number below nought', everyNumber((digits) => `-${digits.replace('-', '')}`)],
  ['true for every number', everyValue('true')],
  ['null for every number', everyValue('null')],
  ['a list for every number', everyValue('[1]')],
  ['an object for every number', everyValue('{"toString":1,"valueOf":2}')],
  ['"NaN" for every number', everyValue('"NaN"')],
  ['"Infinity" for every number', everyValue('"Infinity"')],
  ['a million digits for every first number', firstValue(`"${'9'.repeat(MILLION)}"`)],
  ['ten thousand brackets for every number', (text) => firstValue(deep)(everyValue('[]')(text))],
  ['ten thousand brackets', () => deep],
  ['ten thousand objects', () => `${'{"data":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`],
  ['a million keys', () => manyKeys],
  ['nothing', () => ''],
  ['blanks', () => ' \n\t '],
  ['a text of a million characters', () => `"${'x'.repeat(MILLION)}"`],
  ['only its first half', (text) => text.slice(0, text.length / 2)],
  ['itself twice', (text) => text + text],
  ['a page', () => '<!DOCTYPE html><title>Just a moment...</title>'],
];

/** What comes like this is good all the same. */
const HARMLESS: readonly [string, Bend][] = [
  ['keys that reach for the prototype', everyObject('"__proto__":{"polluted":1,"price":"1e400"}')],
  ['a constructor of its own', everyObject('"constructor":{"prototype":{"polluted":1}}')],
  ['twenty members more', everyObject(`${'"x":[{}],'.repeat(19)}"y":0`)],
];

/** Whether anything has reached the prototype of all objects. */
const isPolluted = () => 'polluted' in {} || Object.keys(Object.prototype).length > 0;

const STREAMED = /^coins\./;

type Figures = readonly [name: string, FreshnessEntry][];
const polledOf = (document: DashboardDocument): Figures =>
  judgedFigures(document).filter(([name]) => !STREAMED.test(name));
const coinsOf = (document: DashboardDocument): Figures =>
  judgedFigures(document).filter(([name]) => STREAMED.test(name));

/** What is told of figures, without when. */
const toldOf = (figures: Figures) =>
  figures.map(([name, { state, source }]) => [name, state, source]);

/** Everything but what is said of the sources. */
const figuresOf = ({ sources: _, ...figures }: DashboardDocument) => figures;

const wellKnown = await shownAmong({});

describe('among upstreams that are well', () => {
  test('a server shows everything', () => {
    const states = judgedFigures(wellKnown.document).map(([, { state }]) => state);
    expect([states.length, new Set(states)]).toEqual([14, new Set(['live'])]);
    expect(outOfRange(wellKnown.document)).toEqual([]);
  });
});

describe('polled upstreams that send', () => {
  test.each(UNREADABLE)('%s are believed nothing, and the streams go on', async (_, bodies) => {
    const { document, bent } = await shownAmong({ bodies });
    expect(bent.bodies).toBeGreaterThan(10);
    expect(toldOf(polledOf(document))).toEqual(
      polledOf(wellKnown.document).map(([name]) => [name, 'unavailable', null]),
    );
    expect(coinsOf(document)).toEqual(coinsOf(wellKnown.document));
    expect(isPolluted()).toBe(false);
  });

  test.each(HARMLESS)('%s are read past it', async (_, bodies) => {
    const { document } = await shownAmong({ bodies });
    expect(figuresOf(document)).toEqual(figuresOf(wellKnown.document));
    expect(isPolluted()).toBe(false);
  });
});

describe('exchanges that stream', () => {
  test.each(UNREADABLE)('%s are believed nothing, and prices are polled', async (_, frames) => {
    const { document, bent } = await shownAmong({ frames });
    expect(bent.frames).toBeGreaterThan(10);
    expect(toldOf(coinsOf(document))).toEqual(
      coinsOf(wellKnown.document).map(([name]) => [name, 'live', 'coingecko']),
    );
    expect(new Set(polledOf(document).map(([, { state }]) => state))).toEqual(new Set(['live']));
    expect([document.btc_spread, isPolluted()]).toEqual([null, false]);
  });

  test.each(HARMLESS)('%s are read past it', async (_, frames) => {
    const { document } = await shownAmong({ frames });
    expect(figuresOf(document)).toEqual(figuresOf(wellKnown.document));
    expect(isPolluted()).toBe(false);
  });
});

describe('upstreams whose times', () => {
  const among = (years: number) =>
    shownAmong({ bodies: everyTime(years), frames: everyTime(years) });

  test.each([40, 1000, 7000])(
    'are %p years ahead date nothing after its receipt',
    async (years) => {
      const { document, nowMs } = await among(years);
      const times = judgedFigures(document).flatMap(([, { as_of }]) => as_of ?? []);
      expect(times.length).toBeGreaterThan(7);
      for (const time of times) expect(Date.parse(time)).toBeLessThanOrEqual(nowMs);
      expect(outOfRange(document)).toEqual([]);
    },
  );

  test.each([-1, -15, -50])('are %p years off let nothing that has one be live', async (years) => {
    const { document } = await among(years);
    const live = judgedFigures(document).filter(([, { state }]) => state === 'live');
    // These two tell no time: what they say is of when it came.
    const timeless = ['coinlore', 'taapi'];
    expect(live.filter(([, { source }]) => !timeless.includes(source ?? ''))).toEqual([]);
  });
});

describe('extremes that a number can be', () => {
  test.each(['0', '1e308', '5e-324', '1e-400', '9007199254740993', '1E+2'])(
    'as %p leave every figure in its range, or unknown',
    async (digits) => {
      const bend = everyNumber(() => digits);
      for (const bends of [{ bodies: bend }, { frames: bend }] satisfies Bends[]) {
        const { document, nowMs } = await shownAmong(bends);
        expect(outOfRange(document)).toEqual([]);
        expect(Date.parse(document.last_updated ?? '')).toBeLessThanOrEqual(nowMs);
      }
    },
  );
});

/** Any mutation of a JSON value: somewhere in it, something else, or nothing. */
const anyMutation = fc.tuple(fc.nat(), fc.option(anyJson, { nil: undefined }));
type Mutation = readonly [where: number, value: unknown];

/** Bends each text by another of these. */
function mutating(mutations: readonly Mutation[]): Bend {
  let count = 0;
  return (text) => {
    const mutation = mutations[count++ % mutations.length];
    if (mutation === undefined) return text;
    const body: unknown = JSON.parse(text);
    const paths = pathsOf(body);
    const path = paths[mutation[0] % paths.length];
    return path === undefined ? text : JSON.stringify(changed(body, path, mutation[1]));
  };
}

describe('whatever is changed or missing in what upstreams send', () => {
  const anyMutations = fc.array(anyMutation, { minLength: 1, maxLength: 50 });

  test('figures are in range and not of the future, and the document keeps its shape', async () => {
    await fc.assert(
      fc.asyncProperty(anyMutations, fc.boolean(), async (mutations, areFrames) => {
        const bend = mutating(mutations);
        const { document, nowMs } = await shownAmong({
          bodies: areFrames ? asItIs : bend,
          frames: areFrames ? bend : asItIs,
        });
        expect(outOfRange(document)).toEqual([]);
        expect(Object.keys(document)).toEqual(Object.keys(wellKnown.document));
        expect(Object.keys(document.coins)).toEqual(Object.keys(wellKnown.document.coins));
        expect(Object.keys(document.freshness)).toEqual([...FRESHNESS_KEYS]);
        for (const [, { as_of }] of judgedFigures(document)) {
          if (as_of !== null) expect(Date.parse(as_of)).toBeLessThanOrEqual(nowMs);
        }
        expect(isPolluted()).toBe(false);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** What all of the above may leave behind, bytes: less than a few of its bodies. */
const MAX_GROWTH = 150_000_000;

describe('all that', () => {
  test('leaves the process about as large as it was', async () => {
    const before = process.memoryUsage.rss();
    for (let time = 0; time < 5; time++) {
      await shownAmong({ bodies: () => manyKeys });
      await shownAmong({ frames: () => deep });
      Bun.gc(true);
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH);
    expect(outOfRange((await shownAmong({})).document)).toEqual([]);
  });
});
