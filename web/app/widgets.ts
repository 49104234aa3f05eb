/** The cards of the page, in the order in which they are read. */

import { btc } from '../widgets/btc/index.tsx';
import { chart } from '../widgets/chart/index.tsx';
import { coins } from '../widgets/coins/index.tsx';
import { dominance } from '../widgets/dominance/index.tsx';
import { fng } from '../widgets/fng/index.tsx';
import { glance } from '../widgets/glance/index.tsx';
import { marketCap } from '../widgets/market-cap/index.tsx';
import { rsi } from '../widgets/rsi/index.tsx';
import { sources } from '../widgets/sources/index.tsx';
import { volume } from '../widgets/volume/index.tsx';
import type { Widget } from '../widgets/widget.ts';

/** One line a card. */
export const WIDGETS: readonly Widget[] = [
  btc,
  glance,
  chart,
  fng,
  marketCap,
  volume,
  dominance,
  rsi,
  coins,
  sources,
];
