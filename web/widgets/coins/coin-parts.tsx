/** What a coin and a fund have in common: a price that flashes, and what is known beside it. */

import type { ReadonlySignal } from '@preact/signals';
import type { SourceId } from '../../../contract/index.ts';
import { formatPrice } from '../../format/index.ts';
import type { CoinFigure, Flash } from '../../live/index.ts';
import { Amount, Details } from '../../ui/index.ts';
import { type Fact, Facts } from '../facts.tsx';
import { CardNote, Missing } from '../standing.tsx';
import type { WidgetProps } from '../widget.ts';

interface CoinProps extends WidgetProps {
  readonly coin: CoinFigure;
}

/** See {@link CoinPrice}. */
export interface CoinPriceProps extends CoinProps {
  readonly candidates: readonly SourceId[];
  /** None for a symbol that came later than the page. */
  readonly flash: ReadonlySignal<Flash> | undefined;
}

/** The price; a dash with its reason while it is not known. */
export function CoinPrice({ live, words, coin, candidates, flash }: CoinPriceProps) {
  const { symbol, value, state } = coin;
  return value.price_usd === null ? (
    <Missing
      live={live}
      words={words}
      id={`coin-${symbol}-why`}
      figure={value.name}
      candidates={candidates}
      size="body"
    />
  ) : (
    <Amount
      value={formatPrice(value.price_usd, words.language)}
      size="body"
      stale={state === 'stale'}
      flash={flash?.value ?? 'flat'}
    />
  );
}

/** See {@link CoinDetails}. */
export interface CoinDetailsProps extends CoinProps {
  /** What a phone has no room for in the row itself. */
  readonly facts: readonly Fact[];
}

/** Whose figures these are and how old; where the row has no room, the rest of them. */
export function CoinDetails({ live, words, coin, facts }: CoinDetailsProps) {
  const { symbol, value, state } = coin;
  return (
    <Details
      id={`coin-${symbol}-details`}
      label={words.t('ui.details', { coin: value.name })}
      note={<CardNote live={live} words={words} of={coin} />}
    >
      <div class="coin-rest">
        <Facts as="rows" facts={facts} stale={state === 'stale'} />
      </div>
    </Details>
  );
}
