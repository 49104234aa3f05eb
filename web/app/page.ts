/** What the server and the page agree on. */

import type { DashboardDocument, Position } from '../../contract/index.ts';
import type { Language } from '../i18n/language.ts';

/** `system` follows the visitor's device. */
export type Theme = 'light' | 'dark' | 'system';
/** Rise and fall in green and red, or in blue and orange. */
export type Colours = 'green-red' | 'blue-orange';

/** What a visitor chose; each a cookie that the server reads, so that the first paint is right. */
export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly colours: Colours;
}

/** A file of the page, ready to be sent. */
export interface Asset {
  /** Path with a content hash, below `/assets/`; `/client.js` excepted. */
  readonly path: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed; `null` when that would not make it smaller. */
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly brotli: Uint8Array<ArrayBuffer> | null;
}

/** What `buildPage` makes at start, in memory. */
export interface PageAssets {
  readonly files: readonly Asset[];
  /** Path of the page's script and style sheet. */
  readonly script: string;
  readonly style: string;
  /** Path of the chart's script; the page's own asks for it when the chart is near. */
  readonly chart: string;
  /** Changes with every change of the page's code. */
  readonly version: string;
}

/** What a page is rendered from. */
export interface PageInput extends Preferences {
  readonly document: DashboardDocument;
  readonly position: Position;
  /** Judges freshness in the first paint, ms since 1970. */
  readonly nowMs: number;
  readonly assets: Pick<PageAssets, 'script' | 'style'>;
  /** What this server's `hello` says too: a page that hears of another version offers to load anew. */
  readonly appVersion: string;
  /** The visitor is on this machine: with no figures at all the page may name `npm run demo`. */
  readonly isLoopback: boolean;
}

/** Server-side render: the whole HTML, with the real numbers and the document embedded. */
export type RenderPage = (input: PageInput) => string;
