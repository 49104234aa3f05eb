import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutServices } from './service-policy.ts';

let folder: string;
let policy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marketcast-policy-'));
  policy = join(folder, 'policy-rc.d');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MODULE = JSON.stringify(fileURLToPath(new URL('./service-policy.ts', import.meta.url)));

/** An installation that never ends by itself, in a process of its own; it says when it has begun. */
const ENDLESS = (path: string) => `
  import { withoutServices } from ${MODULE};
  await withoutServices(${JSON.stringify(path)}, async (ended) => {
    const child = Bun.spawn(['sleep', '60'], { signal: ended });
    console.log('begun');
    await child.exited;
  });
  console.log('went on');
`;

describe('the policy', () => {
  test('is in place during the action only, whether that fails or not', async () => {
    let seen = '';
    await withoutServices(policy, async () => {
      seen = readFileSync(policy, 'utf8');
    });
    expect(seen).toEndWith('exit 101\n');
    expect(existsSync(policy)).toBe(false);
    const failing = withoutServices(policy, () => Promise.reject(new Error('no disk')));
    await expect(failing).rejects.toThrow('no disk');
    expect(existsSync(policy)).toBe(false);
  });

  test('of somebody else stays', async () => {
    writeFileSync(policy, 'theirs');
    await withoutServices(policy, async () => {});
    expect(readFileSync(policy, 'utf8')).toBe('theirs');
  });

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is removed when %s ends the installation', async (signal, code) => {
    const child = Bun.spawn([process.execPath, '-e', ENDLESS(policy)], { stdout: 'pipe' });
    const output = child.stdout.getReader();
    const begun = await output.read();
    expect(new TextDecoder().decode(begun.value)).toBe('begun\n');
    expect(existsSync(policy)).toBe(true);
    child.kill(signal);
    expect(await child.exited).toBe(code);
    expect((await output.read()).done).toBe(true);
    expect(existsSync(policy)).toBe(false);
  });
});
