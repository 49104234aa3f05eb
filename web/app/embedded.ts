/** What the page carries with it: the document it was rendered from, so that the browser begins with exactly the same. */

import type { DashboardDocument, Position } from '../../contract/index.ts';
import type { Preferences } from './page.ts';

/** The element that the application is drawn into. */
export const ROOT_ID = 'page';

/** The element that holds what is embedded. */
export const EMBEDDED_ID = 'marketcast-page';

/** The part of a {@link PageInput} that the browser needs, and the moment of the rendering. */
export interface Embedded extends Preferences {
  readonly document: DashboardDocument;
  readonly position: Position;
  /** ms since 1970. */
  readonly renderedAtMs: number;
  /** Of the server that rendered the page. */
  readonly appVersion: string;
  readonly isLoopback: boolean;
}

/** What could end the script element or, in old engines, a line of script. */
const UNSAFE = /[<\u2028\u2029]/g;

/** JSON that may stand inside a script element. */
export const embed = (embedded: Embedded): string =>
  JSON.stringify(embedded).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** @param text what `embed` wrote; it came with the page and from the same server, so its shape is not checked again */
export const readEmbedded = (text: string): Embedded => JSON.parse(text) as Embedded;
