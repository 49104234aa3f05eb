/** Builds the page at start, in memory: script, style sheet, icon, and the client library for other pages. */

import { fileURLToPath } from 'node:url';
import { PATHS } from '../../contract/index.ts';
import { hashedPath, hashOf, toAsset } from './asset.ts';
import { ICON_BYTES } from './icon.ts';
import type { PageAssets } from './page.ts';

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const STYLE_TYPE = 'text/css; charset=utf-8';
const ICON_TYPE = 'image/svg+xml';

const fileOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

interface Bundle {
  readonly script: Uint8Array<ArrayBuffer>;
  /** `null` when nothing imports a style sheet. */
  readonly style: Uint8Array<ArrayBuffer> | null;
}

/** @throws AggregateError with the bundler's messages when the code does not build */
async function bundle(entry: string): Promise<Bundle> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    format: 'esm',
    minify: true,
    // Without it libraries come in their development form, half as large again.
    conditions: ['production'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = outputs.find((output) => output.kind === 'entry-point');
  const style = outputs.find((output) => output.path.endsWith('.css'));
  if (!script) throw new Error(`nothing was built from ${entry}`);
  return {
    script: new Uint8Array(await script.arrayBuffer()),
    style: style ? new Uint8Array(await style.arrayBuffer()) : null,
  };
}

/** The page's files, ready to be sent. */
export async function buildPage(): Promise<PageAssets> {
  const [page, client] = await Promise.all([
    bundle(fileOf('./main.tsx')),
    bundle(fileOf('../../client/index.ts')),
  ]);
  if (!page.style) throw new Error('the page has no style sheet');
  const script = toAsset(hashedPath('page', 'js', page.script), SCRIPT_TYPE, page.script);
  const style = toAsset(hashedPath('page', 'css', page.style), STYLE_TYPE, page.style);
  const files = [
    script,
    style,
    toAsset(hashedPath('icon', 'svg', ICON_BYTES), ICON_TYPE, ICON_BYTES),
    toAsset(PATHS.client, SCRIPT_TYPE, client.script),
  ];
  return {
    files,
    script: script.path,
    style: style.path,
    version: hashOf(new TextEncoder().encode(files.map(({ bytes }) => hashOf(bytes)).join())),
  };
}
