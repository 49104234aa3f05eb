/** Reads a document that another process wrote: from Redis, from a channel message, from the store. */

import * as v from 'valibot';
import { type DashboardDocument, isJsonObject } from '../../contract/index.ts';
import { parseJson } from './parse-json.ts';
import { plausibleFigures } from './read-document-figures.ts';

/** Largest document that is read, in characters: three hundred times what is written; a larger one is not ours. */
export const MAX_DOCUMENT_LENGTH = 1_000_000;

/** One fault is enough to refuse; a list of all of them would be larger than the document by far. */
const FIRST_FAULT = { abortEarly: true } as const;

const numberOrNull = v.nullable(v.pipe(v.number(), v.finite()));
/** A text in the form of a time can still name an hour that does not exist. */
const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((text) => Number.isFinite(Date.parse(text))),
);
const textOrNull = v.nullable(v.string());
const fngValue = v.nullable(v.looseObject({ value: v.number(), label: v.string() }));

/** An object with any keys; a list, whose keys are numbers, is none. */
const byName = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.pipe(v.custom<object>(isJsonObject), v.record(v.string(), entry));

const judged = {
  source: textOrNull,
  as_of: v.nullable(time),
  state: v.picklist(['live', 'stale', 'unavailable']),
  stale_after_s: v.pipe(v.number(), v.finite()),
};

const coin = v.looseObject({
  ...judged,
  name: v.string(),
  price_usd: numberOrNull,
  change_24h: numberOrNull,
  high_24h: numberOrNull,
  low_24h: numberOrNull,
  volume_24h_usd: numberOrNull,
});

const sourceEntry = v.looseObject({
  state: v.string(),
  last_success_at: textOrNull,
  next_attempt_at: textOrNull,
  error: v.nullable(v.looseObject({ code: v.string(), at: v.string() })),
  deviation_percent: numberOrNull,
});

/** The original contract: a document that breaks it is unreadable. */
const originalKeys = v.looseObject({
  market_cap: numberOrNull,
  volume_24h: numberOrNull,
  btc_price_usd: numberOrNull,
  btc_change_24h: numberOrNull,
  fng_value: numberOrNull,
  rsi_14: numberOrNull,
  last_updated: textOrNull,
});

/** Later keys: one that is missing or of another form reads as it does before anything was read. */
const laterKeys = {
  market_cap_change_24h: numberOrNull,
  volume_change_24h: numberOrNull,
  btc_dominance: numberOrNull,
  eth_dominance: numberOrNull,
  fng_label: textOrNull,
  fng_next_update_at: v.nullable(time),
  fng_history: v.looseObject({ yesterday: fngValue, last_week: fngValue, last_month: fngValue }),
  rsi_14_taapi: numberOrNull,
  btc_spread: v.nullable(v.looseObject({ percent: v.number(), prices: byName(numberOrNull) })),
  coins: byName(coin),
  us_etfs: v.nullable(byName(coin)),
  freshness: v.looseObject({
    market: v.looseObject(judged),
    fng: v.looseObject(judged),
    rsi_14: v.looseObject(judged),
    rsi_14_taapi: v.looseObject(judged),
  }),
  sources: byName(sourceEntry),
  simulated: v.boolean(),
} satisfies Record<Exclude<keyof DashboardDocument, keyof typeof originalKeys.entries>, unknown>;

/**
 * The document in `json`; `null` when it cannot be read: no JSON object, too long or too deep, or a wrong type in
 * one of the seven keys of the original contract.
 * Figures out of range and times that cannot be are as if they were never read.
 * @param empty the document before anything was read: what a missing later key reads as
 * @param nowMs wall clock, ms since 1970: what the times are judged by
 */
export function readDocument(
  json: string,
  empty: DashboardDocument,
  nowMs: number,
): DashboardDocument | null {
  if (json.length > MAX_DOCUMENT_LENGTH) return null;
  const parsed = v.safeParse(originalKeys, parseJson(json), FIRST_FAULT);
  if (!parsed.success) return null;
  const later = Object.entries(laterKeys).map(([key, schema]) => {
    const value = v.safeParse(schema, parsed.output[key], FIRST_FAULT);
    return [key, value.success ? value.output : empty[key as keyof typeof laterKeys]];
  });
  // Every key was checked above or is the empty document's own.
  const read = { ...empty, ...parsed.output, ...Object.fromEntries(later) } as DashboardDocument;
  return plausibleFigures(read, empty, nowMs);
}
