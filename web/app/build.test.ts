import { beforeAll, describe, expect, test } from 'bun:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { buildPage } from './build.ts';
import type { Asset, PageAssets } from './page.ts';

/** What may travel before the page can be used, in bytes of gzip. */
const SCRIPT_BUDGET = 40 * 1024;
const STYLE_BUDGET = 8 * 1024;
const CLIENT_BUDGET = 3 * 1024;
/** What is loaded when the chart is near; the library's development form would be half as large again. */
const CHART_BUDGET = 60 * 1024;

let assets: PageAssets;
beforeAll(async () => {
  assets = await buildPage();
});

const fileAt = (path: string): Asset => {
  const file = assets.files.find((one) => one.path === path);
  if (!file) throw new Error(`no file ${path}`);
  return file;
};
const textAt = (path: string) => new TextDecoder().decode(fileAt(path).bytes);
const gzipSize = (path: string) => fileAt(path).gzip?.length ?? Number.POSITIVE_INFINITY;

describe('the built page', () => {
  test('keeps to its budgets', () => {
    const sizes = {
      script: gzipSize(assets.script),
      style: gzipSize(assets.style),
      client: gzipSize('/client.js'),
      chart: gzipSize(assets.chart),
    };
    process.stdout.write(
      `gzip: script ${sizes.script} of ${SCRIPT_BUDGET} B, style ${sizes.style} of ${STYLE_BUDGET} B, client ${sizes.client} of ${CLIENT_BUDGET} B, chart ${sizes.chart} of ${CHART_BUDGET} B\n`,
    );
    expect(sizes.script).toBeLessThanOrEqual(SCRIPT_BUDGET);
    expect(sizes.style).toBeLessThanOrEqual(STYLE_BUDGET);
    expect(sizes.client).toBeLessThanOrEqual(CLIENT_BUDGET);
    expect(sizes.chart).toBeLessThanOrEqual(CHART_BUDGET);
  });

  test('has names that change with the content', () => {
    expect(assets.script).toMatch(/^\/assets\/page-[0-9a-f]{10}\.js$/);
    expect(assets.style).toMatch(/^\/assets\/page-[0-9a-f]{10}\.css$/);
    expect(assets.chart).toMatch(/^\/assets\/chart-[0-9a-f]{10}\.js$/);
    const paths = assets.files.map((file) => file.path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('is the same twice, so that a restart does not empty the caches', async () => {
    const again = await buildPage();
    expect(again.version).toBe(assets.version);
    expect(again.files.map((file) => file.path)).toEqual(assets.files.map((file) => file.path));
  });

  test('unpacks to itself', () => {
    for (const file of assets.files) {
      if (file.gzip) expect(gunzipSync(file.gzip).equals(file.bytes)).toBe(true);
      if (file.brotli) expect(brotliDecompressSync(file.brotli).equals(file.bytes)).toBe(true);
    }
    expect(fileAt(assets.script).brotli).not.toBeNull();
  });

  test('holds no development code, no code made of text and no other origin to ask', () => {
    const script = textAt(assets.script);
    expect(script).not.toContain('__PREACT_DEVTOOLS__.attachPreact');
    expect(script).not.toContain('process.env');
    expect(script).not.toMatch(/\beval\(|new Function\(/);
    expect(textAt(assets.style)).not.toMatch(/url\(|@import/);
  });

  test('has the chart apart: only a dynamic import of the page’s script leads to it', () => {
    const [script, chart] = [textAt(assets.script), textAt(assets.chart)];
    const isLibraryIn = [script, chart].map((text) => /Lightweight Charts™ v\d/.test(text));
    expect(isLibraryIn).toEqual([false, true]);
    expect(script.split(`("${assets.chart}")`).length).toBe(2);
    const isStaticIn = [script, chart].map((text) => /(?:^|[;}])import[\s{"*]/.test(text));
    expect(isStaticIn).toEqual([false, false]);
  });

  test('carries the client library as a module', () => {
    expect(textAt('/client.js')).toMatch(/export\s*\{[^}]*createMarketcast/);
  });
});
