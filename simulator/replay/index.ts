/** Every route that can be replayed, in the order they are printed. One file each, one line here. */

import { fngRoute } from './fng.ts';
import { globalRoute } from './global.ts';
import { klinesRoute } from './klines.ts';
import type { RecordedRoute } from './recording.ts';
import { rsiRoute } from './rsi.ts';
import { simplePriceRoute } from './simple-price.ts';

export const RECORDED_ROUTES: readonly RecordedRoute[] = [
  globalRoute,
  simplePriceRoute,
  fngRoute,
  rsiRoute,
  klinesRoute,
];
