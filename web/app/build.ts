/** Builds the page at start, in memory: script, the chart's own script, style sheet, icon, and the client library for other pages. */

import { basename } from 'node:path';
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
  /** Scripts that it loads when it needs them, under the names by which it does. */
  readonly lazy: readonly { readonly name: string; readonly script: Uint8Array<ArrayBuffer> }[];
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
    splitting: true,
    publicPath: PATHS.assets,
    // Without it libraries come in their development form, half as large again.
    conditions: ['production'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const read = async (output: Bun.BuildArtifact) => new Uint8Array(await output.arrayBuffer());
  const script = outputs.find((output) => output.kind === 'entry-point');
  const style = outputs.find((output) => output.path.endsWith('.css'));
  if (!script) throw new Error(`nothing was built from ${entry}`);
  const chunks = outputs.filter((output) => output.kind === 'chunk');
  return {
    script: await read(script),
    lazy: await Promise.all(
      chunks.map(async (chunk) => ({ name: basename(chunk.path), script: await read(chunk) })),
    ),
    style: style ? await read(style) : null,
  };
}

/**
 * The chart's script under a name of ours, and the page's script that says it. The bundler's own name changes with the
 * folder it works in, and so would the page's: two nodes would not find each other's files.
 * @throws Error when more than the chart was cut off: a piece that both need would be one more request before the first paint's
 */
function nameChart({ script, lazy }: Bundle) {
  const [chunk, ...others] = lazy;
  if (!chunk || others.length > 0) {
    throw new Error(`the page is cut into ${lazy.length} more pieces: only the chart is one`);
  }
  const path = hashedPath('chart', 'js', chunk.script);
  const text = new TextDecoder().decode(script).replaceAll(PATHS.assets + chunk.name, path);
  return {
    chart: toAsset(path, SCRIPT_TYPE, chunk.script),
    page: new TextEncoder().encode(text),
  };
}

/** The page's files, ready to be sent. */
export async function buildPage(): Promise<PageAssets> {
  const [built, client] = await Promise.all([
    bundle(fileOf('./main.tsx')),
    bundle(fileOf('../../client/index.ts')),
  ]);
  if (!built.style) throw new Error('the page has no style sheet');
  const { page, chart } = nameChart(built);
  const script = toAsset(hashedPath('page', 'js', page), SCRIPT_TYPE, page);
  const style = toAsset(hashedPath('page', 'css', built.style), STYLE_TYPE, built.style);
  const files = [
    script,
    style,
    chart,
    toAsset(hashedPath('icon', 'svg', ICON_BYTES), ICON_TYPE, ICON_BYTES),
    toAsset(PATHS.client, SCRIPT_TYPE, client.script),
  ];
  return {
    files,
    script: script.path,
    style: style.path,
    chart: chart.path,
    version: hashOf(new TextEncoder().encode(files.map(({ bytes }) => hashOf(bytes)).join())),
  };
}
