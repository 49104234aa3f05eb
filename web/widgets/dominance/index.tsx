/** Bitcoin's share of the whole market. */

import './dominance.css';
import { formatShare } from '../../format/index.ts';
import { Card, DASH, Doughnut, type Share } from '../../ui/index.ts';
import { MARKET_SOURCES } from '../candidates.ts';
import { CardNote, Missing } from '../standing.tsx';
import type { Widget, WidgetProps, Words } from '../widget.ts';

function View({ live, words }: WidgetProps) {
  const { t } = words;
  const figure = live.figures.market.value;
  const { btc_dominance: btc, eth_dominance: eth } = figure.value;
  return (
    <Card
      id="dominance"
      class="dominance"
      title={t('card.dominance')}
      note={<CardNote live={live} words={words} of={figure} />}
    >
      {btc === null ? (
        <Missing
          live={live}
          words={words}
          id="dominance-why"
          figure={t('card.dominance')}
          candidates={MARKET_SOURCES}
        />
      ) : (
        <Doughnut
          shares={sharesOf(words, btc, eth)}
          description={describe(words, btc, eth)}
          stale={figure.state === 'stale'}
        />
      )}
    </Card>
  );
}

/** What neither Bitcoin nor Ethereum holds; unknown as long as Ethereum's share is. */
const restOf = (btc: number, eth: number | null): number | null =>
  eth === null ? null : Math.max(0, 100 - btc - eth);

function sharesOf({ t, language }: Words, btc: number, eth: number | null): Share[] {
  const share = (name: string, percent: number | null, colour: Share['colour']): Share => ({
    name,
    percent,
    text: percent === null ? DASH : formatShare(percent, language),
    colour,
  });
  return [
    share(t('share.btc'), btc, '--share-btc'),
    share(t('share.eth'), eth, '--share-eth'),
    share(t('share.rest'), restOf(btc, eth), '--share-rest'),
  ];
}

function describe({ t, language }: Words, btc: number, eth: number | null): string {
  const text = (percent: number | null) =>
    percent === null ? t('state.unavailable') : formatShare(percent, language);
  return t('aria.dominance', { btc: text(btc), eth: text(eth), rest: text(restOf(btc, eth)) });
}

/** The shares of Bitcoin, Ethereum and all others. */
export const dominance = { id: 'dominance', View } as const satisfies Widget;
