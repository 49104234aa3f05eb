/** A figure that just changed, for as long as its tint fades. */

import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../contract/index.ts';
import type { Figures } from './figures.ts';

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

/**
 * @param read the figure, read from signals; `null` while unknown. Coming from or going to unknown is no flash
 * @param isNews whether a change of this moment is worth one
 */
export function createFlash(
  deps: { readonly clock: Clock; readonly isNews: () => boolean },
  read: () => number | null,
): FlashSignal {
  const flash = signal<Flash>('flat');
  let previous: number | null = null;
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
        const value = read();
        const before = previous;
        previous = value;
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
}

/** @param symbols the coins that have a row */
export function createFlashes(
  deps: { readonly clock: Clock; readonly isNews: () => boolean },
  figures: Pick<Figures, 'btc' | 'market' | 'coin'>,
  symbols: readonly string[],
): { readonly flashes: Flashes; watch(): () => void } {
  const btc = createFlash(deps, () => figures.btc.value.value.price_usd);
  const marketCap = createFlash(deps, () => figures.market.value.value.market_cap);
  const volume = createFlash(deps, () => figures.market.value.value.volume_24h);
  const coins = symbols.map((symbol) => ({
    symbol,
    signal: createFlash(deps, () => figures.coin(symbol).value.value.price_usd),
  }));
  return {
    flashes: {
      btc: btc.flash,
      marketCap: marketCap.flash,
      volume: volume.flash,
      coins: Object.fromEntries(coins.map((coin) => [coin.symbol, coin.signal.flash])),
    },
    watch() {
      const all = [btc, marketCap, volume, ...coins.map((coin) => coin.signal)];
      const stops = all.map((one) => one.watch());
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
