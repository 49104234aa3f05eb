/** What a file of tests runs and checks, read from its text: every test expects something, and none is left out. */

import { closingOf, codeOnly } from './code-only.ts';

/** A test in a file's text. */
export interface FoundTest {
  /** From 1. */
  readonly line: number;
  /** What is handed to the runner, without words; the table of an `each` is not part of it. */
  readonly code: string;
}

/** Names that a file takes from another one of the project. */
export interface NamedImport {
  /** As written, e.g. `./raw-client.ts`. */
  readonly from: string;
  /** As the other file calls it, and as this one does. */
  readonly names: readonly (readonly [theirs: string, own: string])[];
}

const TEST = /(?<![.\w$])(?:test|it)(?:\.(?:concurrent|serial|each))*\s*\(/g;
const LEFT_OUT = [
  /(?<![.\w$])(?:(?:test|it|describe)(?:\.\w+)*(?:\.(?:skip|todo|only|if|skipIf|todoIf|failing)\b|\s*\[)|x(?:it|test|describe)\s*\(|f(?:it|describe)\s*\()/g,
  // Behind a table or a line break: nothing else in a file of tests is called so.
  /\.\s*(?:skip|todo|only|skipIf|todoIf|failing)\s*\(/g,
  /(?<![.\w$])(?:skip|todo|only)\s*:\s*true\b/g,
  // Under another name the runner's functions would not be found.
  /(?<![.\w$])(?:test|it|describe|expect)\s+as\s+\w/g,
];
const EXPECT = /(?<![.\w$])expect\s*\(/g;
/** Checks by themselves, without a matcher behind them. */
const CHECK = /(?<![.\w$])(?:expect\.unreachable|fc\.assert)\s*\(/;

/** All tests of a file, in order. */
export function testsOf(text: string): FoundTest[] {
  const code = codeOnly(text);
  return [...code.matchAll(TEST)].map(({ 0: call, index }) => {
    const first = index + call.length - 1;
    // `test.each(table)(name, body)`: the table is the first pair of brackets.
    const open = call.includes('.each') ? code.indexOf('(', closingOf(code, first)) : first;
    return { line: lineOf(code, index), code: code.slice(open, closingOf(code, open) + 1) };
  });
}

/** Lines where a test is skipped, postponed, singled out, or run on a condition. */
export function leftOutTests(text: string): number[] {
  const code = codeOnly(text);
  const found = LEFT_OUT.flatMap((pattern) => [...code.matchAll(pattern)]);
  return [...new Set(found.map(({ index }) => lineOf(code, index)))].toSorted((a, b) => a - b);
}

/**
 * Lines of the tests that expect nothing, neither themselves nor through a function they call.
 * @param imported functions of other files that expect something, by the name they have here
 */
export function silentTests(text: string, imported: ReadonlySet<string>): number[] {
  const checking = checkingFunctions(text, imported);
  return testsOf(text)
    .filter(({ code }) => !checks(code, checking))
    .map(({ line }) => line);
}

/** Whether the file checks anything: through tests of its own, or by running a suite that is written elsewhere. */
export const checksSomething = (text: string, imported: ReadonlySet<string>): boolean =>
  testsOf(text).length > 0 || calls(codeOnly(text), imported);

/** Functions of a file that expect something, themselves or through one another. */
export function checkingFunctions(
  text: string,
  imported: ReadonlySet<string>,
): ReadonlySet<string> {
  const functions = functionsOf(codeOnly(text));
  const checking = new Set(imported);
  let known = -1;
  // Ends: every turn but the last finds one more.
  while (known < checking.size) {
    known = checking.size;
    for (const [name, body] of functions) if (checks(body, checking)) checking.add(name);
  }
  return checking;
}

/** What a file takes by name from other files of the project. */
export function namedImportsOf(text: string): NamedImport[] {
  const found = text.matchAll(/^import\s*\{([^}]*)\}\s*from\s*['"](\.[^'"]+)['"]/gm);
  return [...found].map(([, list = '', from = '']) => {
    const entries = list.split(',').map((entry) => entry.trim());
    const values = entries.filter((entry) => entry !== '' && !entry.startsWith('type '));
    const names = values.map((entry) => {
      const [theirs = '', own = theirs] = entry.split(/\s+as\s+/);
      return [theirs, own] as const;
    });
    return { from, names };
  });
}

const lineOf = (code: string, index: number): number => code.slice(0, index).split('\n').length;

/** An `expect(…)` without a matcher behind it checks nothing. */
function checks(code: string, checking: ReadonlySet<string>): boolean {
  const hasMatcher = [...code.matchAll(EXPECT)].some(({ 0: call, index }) =>
    /^\s*\./.test(code.slice(closingOf(code, index + call.length - 1) + 1)),
  );
  return hasMatcher || CHECK.test(code) || calls(code, checking);
}

const calls = (code: string, names: ReadonlySet<string>): boolean =>
  [...code.matchAll(/(?<![.\w$])(?<!function\s+)([\w$]+)\s*(?:<[^()]*>)?\(/g)].some(
    ([, name]) => name !== undefined && names.has(name),
  );

/** Functions by name, with their bodies; of two with one name, both. */
function functionsOf(code: string): [name: string, body: string][] {
  const declared = [...code.matchAll(/\bfunction\s+([\w$]+)[^(]*\(/g)].map(
    ({ 0: head, 1: name = '', index }): [string, string] => {
      const open = bodyStart(code, closingOf(code, index + head.length - 1) + 1);
      return [name, code.slice(open, closingOf(code, open) + 1)];
    },
  );
  const assigned = [...code.matchAll(/\bconst\s+([\w$]+)\s*=\s*(?:async\s*)?\(/g)].map(
    ({ 0: head, 1: name = '', index }): [string, string] => {
      const parameters = closingOf(code, index + head.length - 1) + 1;
      return [name, code.slice(parameters, statementEnd(code, parameters))];
    },
  );
  return [...declared, ...assigned];
}

/** The brace that opens a function's body; those of its return type are followed by the rest of the type. */
function bodyStart(code: string, from: number): number {
  const open = code.indexOf('{', from);
  if (open < 0) throw new Error(`the function in line ${lineOf(code, from)} has no body`);
  const end = closingOf(code, open) + 1;
  return /^(?:\[\]|\s*[>|&{])/.test(code.slice(end, end + 80)) ? bodyStart(code, end) : open;
}

/** The semicolon that ends a statement, outside all brackets. */
function statementEnd(code: string, from: number): number {
  for (let at = from; at < code.length; at++) {
    const char = code[at] ?? '';
    if (char === ';' || ')]}'.includes(char)) return at;
    if ('([{'.includes(char)) at = closingOf(code, at);
  }
  return code.length;
}
