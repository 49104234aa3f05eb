/** What every card says of its figures beside the numbers: who, when, and why there is none. */

import { SOURCE_NAMES, type SourceId, toWireTime } from '../../contract/index.ts';
import type { Live, Standing } from '../live/index.ts';
import { FigureNote, Unavailable } from '../ui/index.ts';
import { inText, whenText } from './when.ts';
import type { WidgetProps, Words } from './widget.ts';

/** Source and age of a card's figures, on its last line. The only part of a card that ticks. */
export function CardNote({ live, words, of }: WidgetProps & { readonly of: Standing }) {
  const { source, asOfMs, state } = of;
  return (
    <FigureNote
      t={words.t}
      state={state}
      source={source === null ? null : SOURCE_NAMES[source]}
      when={asOfMs === null ? '' : whenText(live, words, asOfMs)}
      datetime={asOfMs === null ? null : toWireTime(asOfMs)}
    />
  );
}

/** Which source failed how, and when it is tried again; or that none has answered yet. */
function reasonText(live: Live, words: Words, candidates: readonly SourceId[]): string {
  const { t } = words;
  const failures = live.figures.sources.value.flatMap(({ id, entry }) => {
    if (!entry.error || !candidates.includes(id)) return [];
    const source = SOURCE_NAMES[id];
    const failure = t('why.source', { source, error: t(`error.${entry.error.code}`) });
    const nextMs = entry.next_attempt_at === null ? null : Date.parse(entry.next_attempt_at);
    return nextMs === null
      ? [`${failure}.`]
      : [`${failure}. ${t('source.next', { in: inText(live, words, nextMs) })}.`];
  });
  return failures.length === 0 ? t('why.no_source') : failures.join(' ');
}

/** See {@link Missing}. */
export interface MissingProps extends WidgetProps {
  /** Unique on the page. */
  readonly id: string;
  /** The figure's name. */
  readonly figure: string;
  /** The sources that it could come from. */
  readonly candidates: readonly SourceId[];
  readonly size?: 'hero' | 'figure' | 'body';
}

/** A dash with the reason behind it. */
export const Missing = ({ live, words, id, figure, candidates, size = 'figure' }: MissingProps) => (
  <Unavailable
    t={words.t}
    id={id}
    figure={figure}
    size={size}
    reason={reasonText(live, words, candidates)}
  />
);
