/** The prices of the configured coins, and of the US funds with a key. */

import './coins.css';
import type { ReadonlySignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { SOURCE_NAMES, SPARKLINE_RANGE, toWireTime } from '../../../contract/index.ts';
import { formatAmount, formatChange, formatPrice } from '../../format/index.ts';
import type { CoinFigure, ShownHistory } from '../../live/index.ts';
import { Amount, type AmountProps, Card, Change, DASH, FigureNote } from '../../ui/index.ts';
import { PRICE_SOURCES } from '../candidates.ts';
import { useShownSeries } from '../shown-series.ts';
import { whenText } from '../when.ts';
import type { Widget, WidgetProps } from '../widget.ts';
import { CoinDetails, CoinPrice } from './coin-parts.tsx';
import { EtfLine } from './etf-line.tsx';
import { Spark } from './spark.tsx';

/** One coin is the card of its own that it already has. */
const FEWEST = 2;

function View({ live, words }: WidgetProps) {
  const symbols = live.figures.symbols.value;
  if (symbols.length < FEWEST && live.figures.etfSymbols.value === null) return null;
  const { t } = words;
  return (
    <Card id="coins" class="coins" title={t('card.coins')}>
      <CoinTable live={live} words={words} symbols={symbols} />
      <div class="coin-note">
        <LiveNote live={live} words={words} />
      </div>
      <EtfLine live={live} words={words} />
    </Card>
  );
}

/** Rows stay where they are, and ask for the week they show together. */
function CoinTable({
  live,
  words,
  symbols,
}: WidgetProps & { readonly symbols: readonly string[] }) {
  const { t } = words;
  const table = useRef<HTMLTableElement>(null);
  const week = useShownSeries(live, table, 'sparklines', SPARKLINE_RANGE);
  return (
    <table class="coin-table" ref={table}>
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
          <th scope="col" class="week">
            {t('col.week')}
          </th>
        </tr>
      </thead>
      <tbody>
        {symbols.map((symbol) => (
          <Row key={symbol} live={live} words={words} symbol={symbol} week={week} />
        ))}
      </tbody>
    </table>
  );
}

/** Who supplies the coins that are live; the others say it themselves. */
function LiveNote({ live, words }: WidgetProps) {
  const { sources, asOfMs } = live.figures.liveCoins.value;
  if (asOfMs === null) return null;
  return (
    <FigureNote
      t={words.t}
      state="live"
      source={sources.map((id) => SOURCE_NAMES[id]).join(', ')}
      when={whenText(live, words, asOfMs)}
      datetime={toWireTime(asOfMs)}
    />
  );
}

interface RowProps extends WidgetProps {
  readonly symbol: string;
  readonly week: ReadonlySignal<ShownHistory>;
}

/** Reads its own coin only, so that a new price draws one row. */
function Row({ live, words, symbol, week }: RowProps) {
  const { t, language } = words;
  const coin = live.figures.coin(symbol).value;
  const { value, state } = coin;
  const { change_24h } = value;
  const stale = state === 'stale';
  const cell = (text: AmountProps['value']) => <Amount value={text} size="body" stale={stale} />;
  const high = value.high_24h === null ? null : formatPrice(value.high_24h, language);
  const low = value.low_24h === null ? null : formatPrice(value.low_24h, language);
  const volume =
    value.volume_24h_usd === null ? null : formatAmount(value.volume_24h_usd, language).text;
  return (
    <tr>
      <th scope="row">
        <div class="coin-head">
          <span class="coin-symbol">{symbol}</span>
          <span class="coin-name">
            {stale ? <Age live={live} words={words} coin={coin} /> : value.name}
          </span>
          <CoinDetails
            live={live}
            words={words}
            coin={coin}
            facts={[
              { label: t('col.high'), value: high ?? DASH },
              { label: t('col.low'), value: low ?? DASH },
              { label: t('col.volume'), value: volume ?? DASH },
            ]}
          />
        </div>
      </th>
      <td>
        <CoinPrice
          live={live}
          words={words}
          coin={coin}
          candidates={PRICE_SOURCES}
          flash={live.flashes.coins[symbol]}
        />
      </td>
      <td>
        <Change
          change={change_24h === null ? null : formatChange(change_24h, language)}
          stale={stale}
        />
      </td>
      <td class="roomy">{cell(high)}</td>
      <td class="roomy">{cell(low)}</td>
      <td class="roomy">{cell(volume)}</td>
      <td class="week">
        <Spark words={words} symbol={symbol} name={value.name} week={week} />
      </td>
    </tr>
  );
}

/** How old a price is that is out of date; stands in the place of the name, so that no row moves. */
function Age({ live, words, coin }: WidgetProps & { readonly coin: CoinFigure }) {
  const age = coin.asOfMs === null ? DASH : whenText(live, words, coin.asOfMs);
  return <span class="note">{words.t('state.stale', { age })}</span>;
}

/** A row for each coin, in the order of the configuration, then the funds in one line. */
export const coins = { id: 'coins', View } as const satisfies Widget;
