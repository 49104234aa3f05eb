/** Documents and frames for the client's tests. */

import {
  type DashboardDocument,
  emptyDocument,
  type HelloFrame,
  type Patch,
  type PatchFrame,
  type Position,
  type UpdateFrame,
} from '../../contract/index.ts';

/** The term most tests play in. */
export const EPOCH = 1_763_881_200_000;

/** A position of {@link EPOCH}. */
export const at = (seq: number, epoch = EPOCH): Position => ({ epoch, seq });

/** A document in which nothing is known but the price of BTC. */
export const documentAt = (btcPriceUsd: number | null): DashboardDocument => ({
  ...emptyDocument(
    ['BTC'],
    { market: 1800, fng: 108_000, rsi_14: 60, rsi_14_taapi: 900, coin: 60 },
    false,
  ),
  btc_price_usd: btcPriceUsd,
});

/** A whole document on the wire; its price tells it from others. */
export const update = (position: Position, btcPriceUsd: number | null): UpdateFrame => ({
  type: 'dashboard_update',
  ...position,
  data: documentAt(btcPriceUsd),
});

/** A patch on the wire. */
export const patch = (position: Position, changes: Patch): PatchFrame => ({
  type: 'dashboard_patch',
  ...position,
  patch: changes,
});

/** What the server says of itself; `rest` replaces parts. */
export const hello = (rest: Partial<HelloFrame> = {}): HelloFrame => ({
  type: 'hello',
  server_time: '2026-11-23T07:00:00.000Z',
  app_version: '1.2.3',
  poll_interval_s: 30,
  degraded: [],
  ...rest,
});
