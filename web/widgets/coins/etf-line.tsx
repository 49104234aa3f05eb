/** The US funds in one line: what their indices cost to hold, and whether their market is open. */

import './etf-line.css';
import { formatChange, formatPrice } from '../../format/index.ts';
import type { CoinFigure } from '../../live/index.ts';
import { Change, DASH } from '../../ui/index.ts';
import { ETF_SOURCES } from '../candidates.ts';
import { CardNote } from '../standing.tsx';
import type { WidgetProps } from '../widget.ts';
import { CoinDetails, CoinPrice } from './coin-parts.tsx';

/** Nothing without a key. */
export function EtfLine({ live, words }: WidgetProps) {
  const symbols = live.figures.etfSymbols.value;
  if (symbols === null || symbols.length === 0) return null;
  return (
    <div class="etfs">
      <div>
        <h3 class="card-title" id="etfs-title">
          {words.t('card.etfs')}
        </h3>
        <LineNote live={live} words={words} symbols={symbols} />
      </div>
      <ul class="etf-list" aria-labelledby="etfs-title">
        {symbols.map((symbol) => (
          <Fund key={symbol} live={live} words={words} symbol={symbol} />
        ))}
      </ul>
    </div>
  );
}

/** The funds are read together: the one that is the furthest behind speaks for all. */
function furthestBehind(funds: readonly CoinFigure[]): CoinFigure | undefined {
  const stale = funds.filter(({ state }) => state === 'stale');
  const read = stale.length > 0 ? stale : funds.filter(({ state }) => state === 'live');
  return read.toSorted((a, b) => (a.asOfMs ?? 0) - (b.asOfMs ?? 0))[0] ?? funds[0];
}

function LineNote({ live, words, symbols }: WidgetProps & { readonly symbols: readonly string[] }) {
  const standing = furthestBehind(symbols.map((symbol) => live.figures.etf(symbol).value));
  return (
    <div class="etf-standing">
      {live.figures.isUsMarketClosed.value ? <p class="note">{words.t('etf.closed')}</p> : null}
      {standing ? <CardNote live={live} words={words} of={standing} /> : null}
    </div>
  );
}

/** Reads its own fund only. */
function Fund({ live, words, symbol }: WidgetProps & { readonly symbol: string }) {
  const { t, language } = words;
  const fund = live.figures.etf(symbol).value;
  const { change_24h, high_24h, low_24h } = fund.value;
  const price = (usd: number | null) => (usd === null ? DASH : formatPrice(usd, language));
  return (
    <li class="etf">
      <span class="etf-symbol">{symbol}</span>
      <span class="etf-price">
        <CoinPrice
          live={live}
          words={words}
          coin={fund}
          candidates={ETF_SOURCES}
          flash={live.flashes.etfs[symbol]}
        />
      </span>
      <span class="etf-change">
        <Change
          change={change_24h === null ? null : formatChange(change_24h, language)}
          stale={fund.state === 'stale'}
        />
      </span>
      <CoinDetails
        live={live}
        words={words}
        coin={fund}
        facts={[
          { label: t('col.high_short'), value: price(high_24h) },
          { label: t('col.low_short'), value: price(low_24h) },
        ]}
      />
    </li>
  );
}
