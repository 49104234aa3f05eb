/** A sentence of the dictionary with elements in some of its places. */

import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';

const PLACEHOLDER = /\{(\w+)\}/;

/** See {@link Sentence}. */
export interface SentenceProps {
  /** A sentence whose places were left open, e.g. `t('hint.demo')`. */
  readonly text: string;
  /** What goes where, by the name of the place. An unknown place stays empty. */
  readonly parts: Readonly<Record<string, ComponentChildren>>;
}

/**
 * Words stay in the dictionary, in the order of their language; elements come from here. Neighbouring texts become
 * one: a browser reads them as one out of the server's markup, and would have to cut them apart again.
 */
export function Sentence({ text, parts }: SentenceProps) {
  const children: ComponentChildren[] = [];
  let words = '';
  const endWords = () => {
    if (words !== '') children.push(words);
    words = '';
  };
  // Splitting by a pattern with a group gives text and names in turn.
  for (const [index, piece] of text.split(PLACEHOLDER).entries()) {
    const part = index % 2 === 0 ? piece : parts[piece];
    if (typeof part === 'string') words += part;
    else {
      endWords();
      children.push(<Fragment key={piece}>{part}</Fragment>);
    }
  }
  endWords();
  return <>{children}</>;
}
