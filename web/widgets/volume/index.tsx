/** What was traded in a day. */

import { AmountCard } from '../amount-card.tsx';
import type { Widget, WidgetProps } from '../widget.ts';

const View = ({ live, words }: WidgetProps) => (
  <AmountCard
    live={live}
    words={words}
    id="volume"
    title="card.volume"
    amountKey="volume_24h"
    changeKey="volume_change_24h"
    flash={live.flashes.volume.value}
  />
);

/** Volume of 24 hours and its change. */
export const volume = { id: 'volume', View } as const satisfies Widget;
