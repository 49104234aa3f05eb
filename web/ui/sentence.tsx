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

/** Words stay in the dictionary, in the order of their language; elements come from here. */
export function Sentence({ text, parts }: SentenceProps) {
  // Splitting by a pattern with a group gives text and names in turn.
  const pieces = text.split(PLACEHOLDER);
  return (
    <>
      {pieces.map((piece, index) =>
        index % 2 === 0 ? piece : <Fragment key={piece}>{parts[piece]}</Fragment>,
      )}
    </>
  );
}
