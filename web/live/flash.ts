/** A figure that just changed, for as long as its tint fades. */

import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Clock, type SourceId, type Timer, US_ETF_SYMBOLS } from '../../contract/index.ts';
import type { CoinFigure } from './coin-figure.ts';
import type { Figures } from './figures.ts';
import type { Figure } from './standing.ts';

/** How long the tint fades; the style sheet's `--flash` says the same. */
export const FLASH_MS = 600;
/** From one flash of a figure to its next: a price that changes four times a second must not flicker. */
export const FLASH_EVERY_MS = 1000;

/** Which way the figure just went; `flat` between flashes. */
export type Flash = 'up' | 'down' | 'flat';

/** See {@link createFlash}. */
interface FlashSignal {
  readonly flash: ReadonlySignal<Flash>;
  /** Begins to watch the figure; the result ends that. */
  watch(): () => void;
}

/** A number and whose it is. */
export interface Watched {
  readonly source: SourceId | null;
  /** `null` while unknown. */
  readonly value: number | null;
}

/**
 * Coming from or going to unknown is no flash, nor is another source's number: between two sources nothing rose or fell.
 * @param read the figure, read from signals
 * @param isNews whether a change of this moment is worth one
 */
export function createFlash(
  deps: { readonly clock: Clock; readonly isNews: () => boolean },
  read: () => Watched,
): FlashSignal {
  const flash = signal<Flash>('flat');
  let previous: Watched | null = null;
  let nextAtMs = Number.NEGATIVE_INFINITY;
  let fading: Timer | null = null;

  const begin = (direction: Flash) => {
    nextAtMs = deps.clock.monotonic() + FLASH_EVERY_MS;
    flash.value = direction;
    fading = deps.clock.after(FLASH_MS, () => {
      flash.value = 'flat';
    });
  };
  return {
    flash,
    watch() {
      const stop = effect(() => {
        const { source, value } = read();
        const before = previous?.source === source ? previous.value : null;
        previous = { source, value };
        if (before === null || value === null || before === value) return;
        if (!deps.isNews() || deps.clock.monotonic() < nextAtMs) return;
        begin(value > before ? 'up' : 'down');
      });
      return () => {
        stop();
        fading?.cancel();
      };
    },
  };
}

/** The figures that flash. */
export interface Flashes {
  readonly btc: ReadonlySignal<Flash>;
  readonly marketCap: ReadonlySignal<Flash>;
  readonly volume: ReadonlySignal<Flash>;
  readonly coins: Readonly<Record<string, ReadonlySignal<Flash>>>;
  readonly etfs: Readonly<Record<string, ReadonlySignal<Flash>>>;
}

const amountOf = <T>({ source, value }: Figure<T>, pick: (value: T) => number | null): Watched => ({
  source,
  value: pick(value),
});

const priceOf = (coin: CoinFigure): Watched => amountOf(coin, ({ price_usd }) => price_usd);

/** @param symbols the coins that have a row */
export function createFlashes(
  deps: { readonly clock: Clock; readonly isNews: () => boolean },
  figures: Pick<Figures, 'btc' | 'market' | 'coin' | 'etf'>,
  symbols: readonly string[],
): { readonly flashes: Flashes; watch(): () => void } {
  const all: FlashSignal[] = [];
  const flashOf = (read: () => Watched) => {
    const one = createFlash(deps, read);
    all.push(one);
    return one.flash;
  };
  const flashesOf = (ofSymbols: readonly string[], figureOf: Figures['coin']) =>
    Object.fromEntries(
      ofSymbols.map((symbol) => [symbol, flashOf(() => priceOf(figureOf(symbol).value))]),
    );
  return {
    flashes: {
      btc: flashOf(() => priceOf(figures.btc.value)),
      marketCap: flashOf(() => amountOf(figures.market.value, ({ market_cap }) => market_cap)),
      volume: flashOf(() => amountOf(figures.market.value, ({ volume_24h }) => volume_24h)),
      coins: flashesOf(symbols, figures.coin),
      etfs: flashesOf(US_ETF_SYMBOLS, figures.etf),
    },
    watch() {
      const stops = all.map((one) => one.watch());
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
