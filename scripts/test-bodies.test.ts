import { describe, expect, test } from 'bun:test';
import { closingOf, codeOnly } from './code-only.ts';
import {
  checkingFunctions,
  checksSomething,
  leftOutTests,
  namedImportsOf,
  silentTests,
  testsOf,
} from './test-bodies.ts';

const NONE: ReadonlySet<string> = new Set();

/** Placeholders, written so that they are not taken for those of a string. */
const withDollars = (text: string) => text.replaceAll('§', '$');

/** A test with this body. */
const withBody = (...lines: string[]) => `test('name', async () => {\n${lines.join('\n')}\n});\n`;

describe('code without its words', () => {
  test('keeps its length and its lines', () => {
    const text = withDollars(
      "const a = 'x\\'y'; // it's\n/* two\nlines */ b(`c§{d('e')}f`, /[/'\"]g/i);\n",
    );
    const code = codeOnly(text);
    expect(code).toHaveLength(text.length);
    expect(code.split('\n')).toHaveLength(text.split('\n').length);
    expect(code.replaceAll(/\s+/g, ' ')).toBe(withDollars("const a = ' '; b(` §{d(' ')} `, ); "));
  });

  test('tells a pattern from a division, and both from markup', () => {
    expect(codeOnly('a = b / c + (d) / e;')).toBe('a = b / c + (d) / e;');
    expect(codeOnly('return /[)/]x(/.test(a);')).toBe('return         .test(a);');
    expect(codeOnly('<p a={1} />, <b>x</b>')).toBe('<p a={1} />, <b>x</b>');
  });

  test('reads placeholders within placeholders', () => {
    const code = codeOnly(withDollars('`a§{`b§{{ c: 1 }.c}d`}e` + f(`}`)'));
    expect(code).toBe(withDollars('` §{` §{{ c: 1 }.c} `} ` + f(` `)'));
  });

  test('says so when a bracket is never closed', () => {
    expect(closingOf('(a[b]{c})', 0)).toBe(8);
    expect(() => closingOf('\n(a', 1)).toThrow('line 2');
  });
});

describe('a test', () => {
  test('is found with its own body and no other', () => {
    const text = `${withBody('one();')}${withBody('two();')}function three() { expect(1).toBe(1); }`;
    expect(testsOf(text).map(({ line }) => line)).toEqual([1, 4]);
    expect(testsOf(text)[0]?.code).toContain('one();');
    expect(testsOf(text)[0]?.code).not.toContain('two();');
    expect(testsOf(text)[1]?.code).not.toContain('expect');
  });

  test('of a table is found behind the table, whatever brackets that holds', () => {
    const text =
      "test.each([[f(1), ')'], [(2), '(']])('%p', (a) => {\n  check(a);\n});\nrest(expect(1).toBe(1));";
    expect(testsOf(text).map(({ code }) => code.includes('check(a)'))).toEqual([true]);
    expect(testsOf(text)[0]?.code).not.toContain('f(1)');
    expect(silentTests(text, NONE)).toEqual([1]);
  });

  test('is neither a method nor a variable of that name', () => {
    expect(testsOf('/a/.test(b); test.clock.advance(1); it.next(); retest(c);')).toEqual([]);
  });

  test.each([
    ['nothing at all', ['run();']],
    ['the word in a string', ["say('expect(a).toBe(b)');"]],
    ['the word in a template', ['say(`expect(a).toBe(b)`);']],
    ['the word in a pattern', ['say(/expect(a).toBe(b)/);']],
    ['the word in a comment', ['// expect(a).toBe(b)', '/* expect(a).toBe(b) */']],
    ['the word as a name', ['const expectation = expected(a); b.expect(c).toBe(d);']],
    ['no matcher', ['expect(a);', 'await expect(f(b));']],
    ['a helper that is only mentioned', ['run(helperOf);']],
    ['the asymmetric matchers alone', ['run(expect.any(Number));']],
  ])('is silent with %s', (_, body) => {
    const helper = 'function helperOf() {\n  expect(1).toBe(1);\n}\n';
    expect(silentTests(withBody(...body) + helper, NONE)).toEqual([1]);
  });

  test('is silent with the word in its title, or in a helper that comes after it', () => {
    const text = "test('expect(this).toBe(that)', () => {});\nconst f = () => expect(1).toBe(1);\n";
    expect(silentTests(text, NONE)).toEqual([1]);
  });

  test.each([
    ['expect', ['expect(await f(")")).toBe(1);']],
    ['expect over several lines', ['expect(', '  a,', ')', '  .toBe(1);']],
    ['a rejection', ['await expect(f()).rejects.toThrow();']],
    ['a property', ['fc.assert(fc.property(fc.string(), (a) => a === a));']],
    ['a line that is not to be reached', ['expect.unreachable();']],
    ['an expectation in a placeholder', [withDollars('say(`§{expect(1).toBe(1)}`);')]],
    ['an imported helper', ['await expectPage(1);']],
  ])('speaks with %s', (_, body) => {
    expect(silentTests(withBody(...body), new Set(['expectPage']))).toEqual([]);
  });

  test.each([
    'function helper(a: { b: number }): Promise<{ c: string }> {\n  expect(a).toBe(1);\n}',
    'async function helper<T>(a: T): Promise<void> { expect(a).toBe(1); }',
    'const helper = (a: number) =>\n  expect(a).toBe(1);',
    'const helper = async (): Promise<void> => {\n  inner();\n};\nfunction inner() { expect(1).toBe(1); }',
  ])('speaks through a helper of its file: %s', (helper) => {
    expect(silentTests(`${withBody('await helper(1);')}${helper}`, NONE)).toEqual([]);
    expect(checkingFunctions(helper, NONE).has('helper')).toBe(true);
    expect(silentTests(`${withBody('other(1);')}${helper}`, NONE)).toEqual([1]);
  });
});

describe('a test that is left out', () => {
  test.each([
    'test.skip(a, b);',
    'test.only(a, b);',
    'test.todo(a);',
    'it.skip(a, b);',
    'describe.only(a, b);',
    'describe.skipIf(c)(a, b);',
    'test.if(c)(a, b);',
    'test.todoIf(c)(a, b);',
    'test.failing(a, b);',
    'test.concurrent.only(a, b);',
    'test.skip.each([1])(a, b);',
    "test['skip'](a, b);",
    'xit(a, b);',
    'xtest(a, b);',
    'xdescribe(a, b);',
    'fit(a, b);',
    'fdescribe(a, b);',
  ])('is found: %s', (text) => {
    expect(leftOutTests(`\n${text}`)).toEqual([2]);
  });

  test('is not one that only speaks of it', () => {
    const text =
      "// test.skip\ntest('test.only is refused', () => {}); fits(a); test.each([1])(a, b);";
    expect(leftOutTests(text)).toEqual([]);
  });
});

describe('a file of tests', () => {
  test('without a test of its own has to run a suite', () => {
    expect(checksSomething(withBody('a();'), NONE)).toBe(true);
    expect(checksSomething("testBroker('x', make);", new Set(['testBroker']))).toBe(true);
    expect(checksSomething("describe('x', () => {});", new Set(['testBroker']))).toBe(false);
  });

  test('tells what it takes from others, by both names', () => {
    const text =
      "import { type A, b, c as d } from './e.ts';\nimport {\n  f,\n} from '../g.ts';\nimport type { H } from './h.ts';\nimport { i } from 'j';\n";
    expect(namedImportsOf(text)).toEqual([
      {
        from: './e.ts',
        names: [
          ['b', 'b'],
          ['c', 'd'],
        ],
      },
      { from: '../g.ts', names: [['f', 'f']] },
    ]);
  });
});

test('what is left out behind a table, a line break, an option or another name is seen too', () => {
  const sneaky = [
    "test.each([1])\n  .skip('a', () => {});",
    "describe.each([1]).only('a', () => {});",
    "test\n  .todo('a');",
    "test('a', { todo: true }, () => {});",
    "import { test as check } from 'bun:test';",
  ];
  for (const text of sneaky) expect(leftOutTests(text)).toHaveLength(1);
});
