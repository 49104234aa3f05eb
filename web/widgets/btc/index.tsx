/** The Bitcoin price: the largest number of the page. */

import './btc.css';
import { type BtcSpread, SOURCE_IDS, SOURCE_NAMES } from '../../../contract/index.ts';
import {
  formatAmount,
  formatChange,
  formatPrice,
  formatPriceParts,
  formatShare,
} from '../../format/index.ts';
import type { CoinFigure } from '../../live/index.ts';
import { Card, Change, DASH, Details, Price } from '../../ui/index.ts';
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
      <Facts as="columns" facts={coinFacts(words, figure)} stale={figure.state === 'stale'} />
      <Spread live={live} words={words} />
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

/** Dashes while they are not known: nothing moves when they come. */
function coinFacts({ t, language }: Words, { value }: CoinFigure): Fact[] {
  const { high_24h, low_24h, volume_24h_usd } = value;
  const price = (usd: number | null) => (usd === null ? DASH : formatPrice(usd, language));
  return [
    { label: t('col.high'), value: price(high_24h) },
    { label: t('col.low'), value: price(low_24h) },
    {
      label: t('col.volume'),
      value: volume_24h_usd === null ? DASH : formatAmount(volume_24h_usd, language).text,
    },
  ];
}

/** How far the exchanges are apart, and behind a button the price at each; its line is kept free while fewer than two live. */
function Spread({ live, words }: WidgetProps) {
  const { t, language } = words;
  const spread = live.figures.spread.value;
  return (
    <div class="btc-spread note">
      {spread === null ? null : (
        <>
          {t('btc.spread', { pct: formatShare(spread.percent, language) })}
          <Details id="btc-spread" label={t('ui.details', { coin: t('card.btc') })}>
            <Facts as="rows" facts={exchangeFacts(words, spread)} />
          </Details>
        </>
      )}
    </div>
  );
}

/** A dash for an exchange that is not live. */
const exchangeFacts = ({ language }: Words, { prices }: BtcSpread): Fact[] =>
  SOURCE_IDS.filter((id) => Object.hasOwn(prices, id)).map((id) => {
    const price = prices[id] ?? null;
    return {
      label: SOURCE_NAMES[id],
      value: price === null ? DASH : formatPrice(price, language),
    };
  });

/** The price, its change, the day's range and how far the exchanges are apart. */
export const btc = { id: 'btc', View } as const satisfies Widget;
