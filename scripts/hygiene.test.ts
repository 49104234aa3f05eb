import { describe, expect, test } from 'bun:test';
import { isCode, isTest, projectFiles } from './tree.ts';

/** Longest file of code: what a reader takes in without losing the thread. */
const MAX_LINES = 300;

const files = projectFiles();
const tests = files.filter(isTest);
const pathsOf = (list: readonly { path: string }[]) => list.map(({ path }) => path);

/** The bodies of a file's tests, cut at the next test. */
const bodiesOf = (text: string): string[] =>
  text.split(/^\s*(?:test|it|fuzz)(?:\.each\([^)]*\))?\(/m).slice(1);

describe('the tests', () => {
  test('skip nothing, postpone nothing, single nothing out', () => {
    const pattern =
      /\b(?:test|it|describe)\.(?:skip|todo|only|if|skipIf|todoIf)\b|\bx(?:it|test)\(/;
    expect(pathsOf(tests.filter(({ text }) => pattern.test(text)))).toEqual([]);
  });

  test('each expect something', () => {
    const silent = tests.flatMap(({ path, text }) => {
      const checks = new RegExp(`\\b(?:expect|fc\\.assert|${helpersOf(text).join('|')})\\b`);
      return bodiesOf(text)
        .filter((body) => !checks.test(body))
        .map((body) => `${path}: ${body.slice(0, 60)}`);
    });
    expect(silent).toEqual([]);
    expect(tests.length).toBeGreaterThan(20);
  });
});

/** Functions of a test file that expect something themselves. */
function helpersOf(text: string): string[] {
  const helpers = [...text.matchAll(/(?:function|const) (\w+)[^\n]*\n((?: {2,}[^\n]*\n|\n)+)/g)];
  const names = helpers.flatMap(([, name, body]) =>
    name && body && /\bexpect\(/.test(body) ? [name] : [],
  );
  return names.length === 0 ? ['expect'] : names;
}

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
