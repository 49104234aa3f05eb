/** The chart's own script: asked for when it is needed, again when that failed. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { PriceChart } from './drawing.ts';

/** See {@link createScript}. */
export interface ChartScript {
  /** `null` until the script is there. */
  readonly chart: ReadonlySignal<PriceChart | null>;
  readonly hasFailed: ReadonlySignal<boolean>;
  /** Loads it; nothing while it is there or on its way. */
  load(): Promise<void>;
  close(): void;
}

/** @param element where the chart is drawn; `null` when that is gone */
export function createScript(element: () => HTMLElement | null): ChartScript {
  const chart = signal<PriceChart | null>(null);
  const hasFailed = signal(false);
  let isComing = false;
  return {
    chart,
    hasFailed,
    async load() {
      if (isComing || chart.peek() !== null) return;
      isComing = true;
      hasFailed.value = false;
      try {
        const { createPriceChart } = await import('./drawing.ts');
        const place = element();
        if (place) chart.value = createPriceChart(place);
      } catch {
        // No network, or a server of another version: there is a button.
        hasFailed.value = true;
      }
      isComing = false;
    },
    close() {
      chart.peek()?.close();
      chart.value = null;
    },
  };
}
