/** A card that is one amount of money and its change. */

import './amount-card.css';
import type { SourceId } from '../../contract/index.ts';
import { formatAmount, formatChange } from '../format/index.ts';
import type { Flash, Standing } from '../live/index.ts';
import { Amount, Card, Change } from '../ui/index.ts';
import { CardNote, Missing } from './standing.tsx';
import type { WidgetProps } from './widget.ts';

/** See {@link AmountCard}. */
export interface AmountCardProps extends WidgetProps {
  readonly id: string;
  readonly title: string;
  readonly standing: Standing;
  /** US dollars. */
  readonly amount: number | null;
  /** Per cent over 24 hours. */
  readonly change: number | null;
  readonly flash: Flash;
  readonly candidates: readonly SourceId[];
}

/** Amount and change on one line, which wraps where the card is narrow. */
export function AmountCard(props: AmountCardProps) {
  const { live, words, id, title, standing, amount, change, flash, candidates } = props;
  const { t, language } = words;
  const stale = standing.state === 'stale';
  return (
    <Card
      id={id}
      class={`${id} amount-card`}
      title={title}
      note={<CardNote live={live} words={words} of={standing} />}
    >
      <p class="amount-line">
        {amount === null ? (
          <Missing
            live={live}
            words={words}
            id={`${id}-why`}
            figure={title}
            candidates={candidates}
          />
        ) : (
          <Amount value={formatAmount(amount, language)} stale={stale} flash={flash} />
        )}
        <Change
          change={change === null ? null : formatChange(change, language)}
          period={t('period.24h_change')}
          stale={stale}
        />
      </p>
    </Card>
  );
}
