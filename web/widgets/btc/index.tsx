/** The Bitcoin price: the largest number of the page. */

import './btc.css';
import {
  formatAmount,
  formatChange,
  formatPrice,
  formatPriceParts,
  formatShare,
} from '../../format/index.ts';
import type { CoinFigure } from '../../live/index.ts';
import { Card, Change, Price } from '../../ui/index.ts';
import { PRICE_SOURCES } from '../candidates.ts';
import { type Fact, Facts } from '../facts.tsx';
import { CardNote, Missing } from '../standing.tsx';
import type { Widget, WidgetProps, Words } from '../widget.ts';

function View({ live, words }: WidgetProps) {
  const { t } = words;
  const figure = live.figures.btc.value;
  return (
    <Card
      id="btc"
      class="btc"
      title={t('card.btc')}
      aside={<span class="btc-symbol">{figure.symbol}</span>}
      note={<CardNote live={live} words={words} of={figure} />}
    >
      <Hero live={live} words={words} figure={figure} />
      <Beside live={live} words={words} figure={figure} />
    </Card>
  );
}

interface PartProps extends WidgetProps {
  readonly figure: CoinFigure;
}

function Hero({ live, words, figure }: PartProps) {
  const { language, t } = words;
  const { price_usd, change_24h } = figure.value;
  const stale = figure.state === 'stale';
  return (
    <p class="btc-price">
      {price_usd === null ? (
        <Missing
          live={live}
          words={words}
          id="btc-why"
          figure={t('card.btc')}
          candidates={PRICE_SOURCES}
          size="hero"
        />
      ) : (
        <Price
          value={formatPriceParts(price_usd, language)}
          stale={stale}
          flash={live.flashes.btc.value}
        />
      )}
      <Change
        change={change_24h === null ? null : formatChange(change_24h, language)}
        period={t('period.24h_change')}
        size="strong"
        stale={stale}
      />
    </p>
  );
}

function coinFacts({ t, language }: Words, { value }: CoinFigure): Fact[] {
  const { high_24h, low_24h, volume_24h_usd } = value;
  const known = (label: string, text: string | null): Fact[] =>
    text === null ? [] : [{ label, value: text }];
  return [
    ...known(t('col.high'), high_24h === null ? null : formatPrice(high_24h, language)),
    ...known(t('col.low'), low_24h === null ? null : formatPrice(low_24h, language)),
    ...known(
      t('col.volume'),
      volume_24h_usd === null ? null : formatAmount(volume_24h_usd, language).text,
    ),
  ];
}

/** What else is known of the price. */
function Beside({ live, words, figure }: PartProps) {
  const spread = live.figures.spread.value;
  const facts = coinFacts(words, figure);
  if (facts.length === 0 && spread === null) return null;
  return (
    <div class="btc-beside">
      <Facts as="columns" facts={facts} stale={figure.state === 'stale'} />
      {spread === null ? null : (
        <p class="note">
          {words.t('btc.spread', { pct: formatShare(spread.percent, words.language) })}
        </p>
      )}
    </div>
  );
}

/** The price, its change, the day's range and how far the exchanges are apart. */
export const btc = { id: 'btc', View } as const satisfies Widget;
