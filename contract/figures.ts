/** The figures of the document: which values are accepted and how they are written on the wire. */

/** An inclusive or open interval that an accepted number lies in. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** `true`: `min` itself is refused (a price, a cap or a volume of 0 was not read, it is missing). */
  readonly minExcluded: boolean;
  /** `true`: whole numbers only. */
  readonly integer: boolean;
}

const range = (min: number, max: number, rest: Partial<Range> = {}): Range => ({
  min,
  max,
  minExcluded: false,
  integer: false,
  ...rest,
});

/** US dollars; a thousand times what any coin or share has ever cost. What is above was not meant. */
const MAX_PRICE_USD = 1e9;
/** US dollars; ten thousand times the worth of everything on earth. */
const MAX_AMOUNT_USD = 1e18;

/** What a number of each kind has to satisfy before it is shown to anybody. */
export const RANGES = {
  /** US dollars; above 0, up to a thousand million. */
  price: range(0, MAX_PRICE_USD, { minExcluded: true }),
  /** US dollars; above 0, up to 1e18. Market capitalisation and traded volume. */
  amount: range(0, MAX_AMOUNT_USD, { minExcluded: true }),
  /** Per cent; −100 … +1000. */
  percent: range(-100, 1000),
  /** Per cent of the whole market; 0 … 100. */
  dominance: range(0, 100),
  /** Relative strength index; 0 … 100. */
  rsi: range(0, 100),
  /** Fear & Greed index; whole number 0 … 100. */
  fng: range(0, 100, { integer: true }),
} as const satisfies Record<string, Range>;

/** A kind of number; the key of {@link RANGES}. */
export type NumberKind = keyof typeof RANGES;

/**
 * Whether `value` is a number that may be shown as a figure of this kind: finite, of type `number` and in range.
 * Strings, `NaN`, infinities and `null` are refused.
 */
export function isAccepted(kind: NumberKind, value: unknown): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  const { min, max, minExcluded, integer } = RANGES[kind];
  if (value < min || value > max || (minExcluded && value === min)) return false;
  return !integer || Number.isInteger(value);
}

/** Decimals on the wire for per cents and RSI. Prices, caps and volumes stay as the upstream sent them. */
export const WIRE_DECIMALS = 2;

/**
 * Rounds a per cent or an RSI to the two decimals of the wire; never returns −0.
 * @param value a finite number
 */
export function toWire(value: number): number {
  return Number(value.toFixed(WIRE_DECIMALS)) + 0;
}

/** The six market-wide figures; they always come together, from one source. */
export const MARKET_KEYS = [
  'market_cap',
  'volume_24h',
  'market_cap_change_24h',
  'volume_change_24h',
  'btc_dominance',
  'eth_dominance',
] as const;

/** Key of a market-wide figure. */
export type MarketKey = (typeof MARKET_KEYS)[number];

/** Kind of each market-wide figure. */
export const MARKET_KINDS = {
  market_cap: 'amount',
  volume_24h: 'amount',
  market_cap_change_24h: 'percent',
  volume_change_24h: 'percent',
  btc_dominance: 'dominance',
  eth_dominance: 'dominance',
} as const satisfies Record<MarketKey, NumberKind>;

/** The first seven keys of the document: the original contract, which never changes. */
export const ORIGINAL_KEYS = [
  'market_cap',
  'volume_24h',
  'btc_price_usd',
  'btc_change_24h',
  'fng_value',
  'rsi_14',
  'last_updated',
] as const;
