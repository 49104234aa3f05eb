/** What all coins together are worth. */

import { AmountCard } from '../amount-card.tsx';
import type { Widget, WidgetProps } from '../widget.ts';

const View = ({ live, words }: WidgetProps) => (
  <AmountCard
    live={live}
    words={words}
    id="market-cap"
    title="card.market_cap"
    amountKey="market_cap"
    changeKey="market_cap_change_24h"
    flash={live.flashes.marketCap.value}
  />
);

/** Total market cap and its change. */
export const marketCap = { id: 'market-cap', View } as const satisfies Widget;
