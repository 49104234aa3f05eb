/** Who said a figure, and when. */

import type { FigureState } from '../../contract/index.ts';
import type { Translate } from '../i18n/index.ts';
import { Sentence } from './sentence.tsx';

/** See {@link FigureNote}. */
export interface FigureNoteProps {
  readonly t: Translate;
  readonly state: FigureState;
  /** The source by the name people know; `null` when the figure was never read. */
  readonly source: string | null;
  /** The time in words: an absolute time in the first paint, an age from then on. */
  readonly when: string;
  /** The moment itself, ISO 8601; `null` when the figure was never read. */
  readonly datetime: string | null;
}

/** One line. A stale figure says so and how old it is; an unavailable one that there is none. */
export function FigureNote({ t, state, source, when, datetime }: FigureNoteProps) {
  if (state === 'unavailable' || datetime === null) {
    return <p class="note">{t('state.unavailable')}</p>;
  }
  const time = <time datetime={datetime}>{when}</time>;
  return (
    <p class="note">
      {state === 'stale' ? (
        <>
          <Sentence text={t('state.stale')} parts={{ age: time }} />
          {source === null ? null : ` · ${source}`}
        </>
      ) : (
        <Sentence text={t('figure.source')} parts={{ source: source ?? '', time }} />
      )}
    </p>
  );
}
