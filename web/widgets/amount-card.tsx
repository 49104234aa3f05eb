/** A card that is one market-wide amount of money and its change. */

import './amount-card.css';
import { formatAmount, formatChange } from '../format/index.ts';
import type { Key } from '../i18n/index.ts';
import type { Flash } from '../live/index.ts';
import { Amount, Card, Change } from '../ui/index.ts';
import { MARKET_SOURCES } from './candidates.ts';
import { CardNote, Missing } from './standing.tsx';
import type { WidgetProps } from './widget.ts';

/** See {@link AmountCard}. */
export interface AmountCardProps extends WidgetProps {
  readonly id: string;
  readonly title: Key;
  /** Of US dollars. */
  readonly amountKey: 'market_cap' | 'volume_24h';
  /** Of per cent over 24 hours. */
  readonly changeKey: 'market_cap_change_24h' | 'volume_change_24h';
  readonly flash: Flash;
}

/** Amount and change on one line, which wraps where the card is narrow. */
export function AmountCard(props: AmountCardProps) {
  const { live, words, id, amountKey, changeKey, flash } = props;
  const { t, language } = words;
  const title = t(props.title);
  const { value, ...standing } = live.figures.market.value;
  const amount = value[amountKey];
  const change = value[changeKey];
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
            candidates={MARKET_SOURCES}
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
