import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type Browser, chromium } from 'playwright-core';
import type { Written } from './written-contract.ts';

let browser: Browser;

beforeAll(async () => {
  const executablePath = process.env.CHROMIUM_PATH ?? Bun.which('chromium');
  if (!executablePath) throw new Error('chromium is missing: install it or set CHROMIUM_PATH');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(() => browser?.close());

test('Chromium writes every number and time exactly as the server does', async () => {
  const build = await Bun.build({
    entrypoints: [`${import.meta.dir}/written-contract.ts`],
    format: 'esm',
    target: 'browser',
  });
  const [module] = build.outputs;
  expect(module).toBeDefined();
  const source = `data:text/javascript;base64,${Buffer.from((await module?.text()) ?? '').toString('base64')}`;
  const page = await browser.newPage();
  const rows = await page.evaluate(async (url): Promise<readonly Written[]> => {
    return (await import(url)).written();
  }, source);
  expect(rows.length).toBeGreaterThan(90);
  const shown = rows.map(([name, actual]) => [name, actual.replaceAll('\u00a0', '~')]);
  expect(shown).toEqual(rows.map(([name, , expected]) => [name, expected]));
});
