/** The other four figures as numbers, right under the price: for a phone, where their cards are further down. */

import './glance.css';
import type { VNode } from 'preact';
import { formatAmount, formatFng, formatRsi, formatShare } from '../../format/index.ts';
import type { Figure } from '../../live/index.ts';
import { Amount, type AmountProps } from '../../ui/index.ts';
import type { Widget, WidgetProps } from '../widget.ts';

/** The names by which the trade knows these figures; the cards below spell them out. */
const SHORT = { fng: 'F&G', dominance: 'BTC.D', rsi: 'RSI' } as const;

function View({ live, words }: WidgetProps) {
  const { t, language } = words;
  const fng = live.figures.fng.value;
  const market = live.figures.market.value;
  const rsi = live.figures.rsi.value;
  const cap = market.value.market_cap;
  const dominance = market.value.btc_dominance;
  return (
    <dl class="glance">
      {cell(SHORT.fng, fng, fng.value.value === null ? null : formatFng(fng.value.value, language))}
      {cell(t('short.market_cap'), market, cap === null ? null : formatAmount(cap, language))}
      {cell(SHORT.dominance, market, dominance === null ? null : formatShare(dominance, language))}
      {cell(SHORT.rsi, rsi, rsi.value === null ? null : formatRsi(rsi.value, language))}
    </dl>
  );
}

const cell = (name: string, figure: Figure<unknown>, value: AmountProps['value']): VNode => (
  <div key={name} class="glance-cell">
    <dt>{name}</dt>
    <dd>
      <Amount value={value} size="strong" stale={figure.state === 'stale'} />
    </dd>
  </div>
);

/** Fear & Greed, market cap, dominance and RSI in one row. */
export const glance = { id: 'glance', View } as const satisfies Widget;
