/** What was traded in a day. */

import { AmountCard } from '../amount-card.tsx';
import { MARKET_SOURCES } from '../candidates.ts';
import type { Widget, WidgetProps } from '../widget.ts';

function View({ live, words }: WidgetProps) {
  const figure = live.figures.market.value;
  return (
    <AmountCard
      live={live}
      words={words}
      id="volume"
      title={words.t('card.volume')}
      standing={figure}
      amount={figure.value.volume_24h}
      change={figure.value.volume_change_24h}
      flash={live.flashes.volume.value}
      candidates={MARKET_SOURCES}
    />
  );
}

/** Volume of 24 hours and its change. */
export const volume = { id: 'volume', View } as const satisfies Widget;
