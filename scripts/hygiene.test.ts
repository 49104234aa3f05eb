import { describe, expect, test } from 'bun:test';
import { posix } from 'node:path';
import {
  checkingFunctions,
  checksSomething,
  leftOutTests,
  namedImportsOf,
  silentTests,
} from './test-bodies.ts';
import { isCode, isTest, mayHoldTests, projectFiles } from './tree.ts';

/** Longest file of code: what a reader takes in without losing the thread. */
const MAX_LINES = 300;

const files = projectFiles();
const suites = files.filter(mayHoldTests);
const pathsOf = (list: readonly { path: string }[]) => list.map(({ path }) => path);
const textAt = new Map(files.map(({ path, text }) => [path, text]));

/** How far a function that expects something may be passed on from file to file. */
const MAX_HANDS = 3;

/** Functions of other files that expect something, by the name the file at `path` gives them. */
function importedChecks(path: string, hands = MAX_HANDS): ReadonlySet<string> {
  if (hands === 0) return new Set();
  const own = namedImportsOf(textAt.get(path) ?? '').flatMap(({ from, names }) => {
    const other = posix.join(posix.dirname(path), from);
    const checking = checkingFunctions(textAt.get(other) ?? '', importedChecks(other, hands - 1));
    return names.filter(([theirs]) => checking.has(theirs)).map(([, name]) => name);
  });
  return new Set(own);
}

describe('the tests', () => {
  test('skip nothing, postpone nothing, single nothing out', () => {
    const found = suites.flatMap(({ path, text }) =>
      leftOutTests(text).map((line) => `${path}:${line}`),
    );
    expect(found).toEqual([]);
  });

  test('each expect something', () => {
    const silent = suites.flatMap(({ path, text }) =>
      silentTests(text, importedChecks(path)).map((line) => `${path}:${line}`),
    );
    expect(silent).toEqual([]);
  });

  test('are in every file that the runner opens, or in a suite that it runs', () => {
    const opened = files.filter(isTest);
    const empty = opened.filter(({ path, text }) => !checksSomething(text, importedChecks(path)));
    expect(pathsOf(empty)).toEqual([]);
    expect(opened.length).toBeGreaterThan(20);
    expect(pathsOf(suites)).toContain('server/broker/broker-contract.ts');
  });
});

describe('the tree', () => {
  test(`has no file of code over ${MAX_LINES} lines`, () => {
    const long = files.filter(
      (file) =>
        (isCode(file) || /\.(css|lua)$/.test(file.path)) &&
        file.text.split('\n').length - 1 > MAX_LINES,
    );
    expect(pathsOf(long)).toEqual([]);
  });

  test('has no loose types and no switched-off rules', () => {
    const loose = /:\s*any\b|\bas any\b|@ts-(?:ignore|expect-error)|biome-ignore/;
    const own = 'scripts/hygiene.test.ts';
    const found = files.filter((f) => isCode(f) && f.path !== own && loose.test(f.text));
    expect(pathsOf(found)).toEqual([]);
  });

  test('has no vague file names', () => {
    const vague = /(^|[/-])(utils?|helpers?|common|manager|service|types)\.tsx?$/;
    expect(pathsOf(files.filter(({ path }) => vague.test(path)))).toEqual([]);
  });

  test('names no host of a package registry in the lock file', () => {
    const lock = files.find(({ path }) => path === 'package-lock.json');
    expect(lock?.text).not.toContain('"resolved"');
  });

  test('loads the page from nowhere else: no address of another origin in its code', () => {
    const web = files.filter((file) => file.path.startsWith('web/') && isCode(file));
    const outside = web.filter(({ text }) =>
      /(?:src|import|fetch|url)\s*[=(]\s*['"{`]*https?:\/\//.test(text),
    );
    expect(web.length).toBeGreaterThan(10);
    expect(pathsOf(outside)).toEqual([]);
  });
});
