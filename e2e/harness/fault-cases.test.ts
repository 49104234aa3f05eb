import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUITE = fileURLToPath(new URL('../faults/test-faults.ts', import.meta.url));

/** Four cases: one that holds, one that does not, one that breaks, one that never ends. */
const CASES = `
import { testFaults } from ${JSON.stringify(SUITE)};
import { appendFileSync } from 'node:fs';
const say = (line) => appendFileSync(process.env.SAID, line + '\\n');
testFaults([
  { id: '1', required: 'holds', async run(scope) {
    scope.explain(() => 'no word of this');
    scope.cleanUp(() => say('first'));
    scope.cleanUp(async () => say('second'));
    return { measured: scope.isFull ? '30 times' : '5 times', pass: true };
  } },
  { id: '2', required: 'does not', run: async () => ({ measured: '9 s', pass: false }) },
  { id: '3', required: 'breaks', async run({ cleanUp, explain }) {
    explain(() => 'what it said last');
    cleanUp(() => say('broken'));
    cleanUp(() => { throw new Error('cannot be undone'); });
    throw new Error('cannot be measured');
  } },
  { id: '4', required: 'never ends', timeoutMs: 200, run({ cleanUp }) {
    cleanUp(() => say('late'));
    return new Promise(() => {});
  } },
]);`;

describe('the cases of a file', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const textOf = (name: string) => readFileSync(at(name), 'utf8');
  const run = async (environment: Record<string, string>) => {
    const child = Bun.spawn([process.execPath, '--no-env-file', 'test', at('cases.test.ts')], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', SAID: at('said'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, output: out + err };
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'marketcast-cases-'));
    writeFileSync(at('cases.test.ts'), CASES);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are all announced, and those that could be measured are recorded', async () => {
    const { code, output } = await run({ FAULTS_FILE: at('rows') });
    expect(code).toBe(1);
    expect(output).toContain(' 1 pass\n 3 fail\n');
    expect(output).toContain('cannot be undone');
    expect(output).toContain('what it said last');
    expect(output).not.toContain('no word of this');
    expect(output).toContain('not measured in 200 ms');
    const rows = textOf('rows').trim().split('\n');
    expect(rows.map((line) => JSON.parse(line))).toEqual([
      { id: '1', required: 'holds' },
      { id: '2', required: 'does not' },
      { id: '3', required: 'breaks' },
      { id: '4', required: 'never ends' },
      { id: '1', measured: '30 times', pass: true },
      { id: '2', measured: '9 s', pass: false },
    ]);
    expect(textOf('said').trim().split('\n')).toEqual(['second', 'first', 'broken', 'late']);
  });

  test('are tests like any other where nobody asks for a table', async () => {
    rmSync(at('rows'), { force: true });
    const { code, output } = await run({});
    expect(code).toBe(1);
    expect(output).toContain(' 1 pass\n 3 fail\n');
    expect(existsSync(at('rows'))).toBe(false);
  });
});
