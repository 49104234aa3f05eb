/** What all coins together are worth. */

import { AmountCard } from '../amount-card.tsx';
import { MARKET_SOURCES } from '../candidates.ts';
import type { Widget, WidgetProps } from '../widget.ts';

function View({ live, words }: WidgetProps) {
  const figure = live.figures.market.value;
  return (
    <AmountCard
      live={live}
      words={words}
      id="market-cap"
      title={words.t('card.market_cap')}
      standing={figure}
      amount={figure.value.market_cap}
      change={figure.value.market_cap_change_24h}
      flash={live.flashes.marketCap.value}
      candidates={MARKET_SOURCES}
    />
  );
}

/** Total market cap and its change. */
export const marketCap = { id: 'market-cap', View } as const satisfies Widget;
