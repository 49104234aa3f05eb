/** What a widget is: one card of the page, a plain object in a folder of its own, one line in the page's list. */

import type { VNode } from 'preact';
import type { Language, Translate } from '../i18n/index.ts';
import type { Live } from '../live/index.ts';

/** How the page speaks just now. */
export interface Words {
  readonly language: Language;
  readonly t: Translate;
  /** IANA name. UTC until the page has come alive, then the visitor's own. */
  readonly timeZone: string;
}

/** What a widget is drawn from. */
export interface WidgetProps {
  readonly live: Live;
  readonly words: Words;
}

/** A card of the page. */
export interface Widget {
  /** Unique; the class by which the page places the card. */
  readonly id: string;
  /** Draws the card; `null` while there is nothing to show. Reads signals, so it is drawn again when they change. */
  readonly View: (props: WidgetProps) => VNode | null;
}
