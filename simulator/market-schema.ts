/** What the control API lets be set about the market: figures in the ranges in which they may be shown. */

import * as v from 'valibot';
import { isAccepted, type NumberKind } from '../contract/index.ts';
import { SETTABLE, type SettableFigure } from './market.ts';
import { EXCHANGES } from './ticker.ts';

const KINDS: Readonly<Record<SettableFigure, NumberKind>> = {
  btc_price_usd: 'price',
  btc_change_24h: 'percent',
  market_cap: 'amount',
  market_cap_change_24h: 'percent',
  volume_24h: 'amount',
  volume_change_24h: 'percent',
  btc_dominance: 'dominance',
  eth_dominance: 'dominance',
  fng_value: 'fng',
  rsi_14_taapi: 'rsi',
};

/** A figure in the range in which it may be shown; what lies outside is a fault, and faults have their own place. */
const figureSchema = (kind: NumberKind) =>
  v.optional(
    v.nullable(
      v.pipe(
        v.number(),
        v.check((value) => isAccepted(kind, value), `out of range for a ${kind}`),
      ),
    ),
  );

/** As far off as a price can be set at all. */
const MAX_OFFSET_PCT = 1000;

/** A change to the market, as the control API takes it. */
export const MarketSchema = v.strictObject({
  ...mapFigures((figure) => figureSchema(KINDS[figure])),
  frozen: v.optional(v.boolean()),
  us_market_open: v.optional(v.boolean()),
  exchange_offset_percent: v.optional(
    v.strictObject(
      v.entriesFromList(
        EXCHANGES,
        v.optional(v.nullable(v.pipe(v.number(), v.gtValue(-100), v.maxValue(MAX_OFFSET_PCT)))),
      ),
    ),
  ),
});

function mapFigures<T>(map: (figure: SettableFigure) => T): Record<SettableFigure, T> {
  const entries = SETTABLE.map((figure) => [figure, map(figure)]);
  // Every figure is among the entries, so the record is whole.
  return Object.fromEntries(entries) as Record<SettableFigure, T>;
}
