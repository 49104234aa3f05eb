/** The prices of the configured coins. */

import './coins.css';
import { formatAmount, formatChange, formatPrice } from '../../format/index.ts';
import type { CoinFigure } from '../../live/index.ts';
import { Amount, type AmountProps, Card, Change, DASH } from '../../ui/index.ts';
import { PRICE_SOURCES } from '../candidates.ts';
import { Missing } from '../standing.tsx';
import { whenText } from '../when.ts';
import type { Widget, WidgetProps } from '../widget.ts';

/** One coin is the card of its own that it already has. */
const FEWEST = 2;

function View({ live, words }: WidgetProps) {
  if (live.figures.pricedCoins.value < FEWEST) return null;
  const { t } = words;
  return (
    <Card id="coins" class="coins" title={t('card.coins')}>
      <table class="coin-table">
        <thead>
          <tr>
            <th scope="col">{t('col.coin')}</th>
            <th scope="col">{t('col.price')}</th>
            <th scope="col">{t('col.change')}</th>
            <th scope="col" class="roomy">
              {t('col.high')}
            </th>
            <th scope="col" class="roomy">
              {t('col.low')}
            </th>
            <th scope="col" class="roomy">
              {t('col.volume')}
            </th>
          </tr>
        </thead>
        <tbody>
          {live.figures.symbols.value.map((symbol) => (
            <Row key={symbol} live={live} words={words} symbol={symbol} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

/** Reads its own coin only, so that a new price draws one row. */
function Row({ live, words, symbol }: WidgetProps & { readonly symbol: string }) {
  const { language } = words;
  const coin = live.figures.coin(symbol).value;
  const { value, state } = coin;
  const { change_24h, high_24h, low_24h, volume_24h_usd } = value;
  const stale = state === 'stale';
  const cell = (text: AmountProps['value']) => <Amount value={text} size="body" stale={stale} />;
  const price = (usd: number | null) => (usd === null ? null : formatPrice(usd, language));
  return (
    <tr>
      <th scope="row">
        <span class="coin-symbol">{symbol}</span>
        <span class="coin-name">{value.name}</span>
        {stale ? <Age live={live} words={words} coin={coin} /> : null}
      </th>
      <td>
        <Price live={live} words={words} coin={coin} />
      </td>
      <td>
        <Change
          change={change_24h === null ? null : formatChange(change_24h, language)}
          stale={stale}
        />
      </td>
      <td class="roomy">{cell(price(high_24h))}</td>
      <td class="roomy">{cell(price(low_24h))}</td>
      <td class="roomy">
        {cell(volume_24h_usd === null ? null : formatAmount(volume_24h_usd, language).text)}
      </td>
    </tr>
  );
}

interface PartProps extends WidgetProps {
  readonly coin: CoinFigure;
}

function Price({ live, words, coin: { symbol, value, state } }: PartProps) {
  return value.price_usd === null ? (
    <Missing
      live={live}
      words={words}
      id={`coin-${symbol}-why`}
      figure={value.name}
      candidates={PRICE_SOURCES}
      size="body"
    />
  ) : (
    <Amount
      value={formatPrice(value.price_usd, words.language)}
      size="body"
      stale={state === 'stale'}
      flash={live.flashes.coins[symbol]?.value ?? 'flat'}
    />
  );
}

/** How old a price is that is out of date. */
function Age({ live, words, coin }: PartProps) {
  const age = coin.asOfMs === null ? DASH : whenText(live, words, coin.asOfMs);
  return <span class="note">{words.t('state.stale', { age })}</span>;
}

/** A row for each coin, in the order of the configuration; none at all while only Bitcoin is known. */
export const coins = { id: 'coins', View } as const satisfies Widget;
