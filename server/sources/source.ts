/** What a source is: an upstream's requests, their schemas and the pure functions that turn answers into readings. */

import type { GenericSchema, InferOutput } from 'valibot';
import { safeParse } from 'valibot';
import type { FngValue, MarketFigures, SourceId } from '../../contract/index.ts';
import type { Stream } from './stream.ts';
import { UpstreamError, type UpstreamRequest } from './upstream.ts';

/** One candle, OHLCV: open time in ms since 1970, then open, high, low, close in the quote currency, base volume. */
export type Candle = readonly [t: number, o: number, h: number, l: number, c: number, v: number];

/** What every reading says of itself. */
interface ReadingBase {
  readonly source: SourceId;
  /**
   * Within one connection of one source, `eventTimeMs` orders readings. For a polled route: the route; for a stream: a
   * name that no other connection of this process has.
   */
  readonly connection: string;
  /** The upstream's own time of the value, ms since 1970; `null` when it sent none. */
  readonly eventTimeMs: number | null;
  /** The time the figure is shown with: the upstream's own, never later than receipt; else receipt minus `Age`. */
  readonly asOfMs: number;
  /** Wall clock when the last byte had arrived, ms since 1970. */
  readonly receivedAtMs: number;
  /** Seconds after `asOfMs` at which the figure is stale. */
  readonly staleAfterS: number;
}

/** The six market-wide figures; what the source lacks is `null`. */
export interface MarketReading extends ReadingBase {
  readonly figure: 'market';
  readonly value: MarketFigures;
}

/** A coin's price and what the source says beside it. */
export interface CoinReading extends ReadingBase {
  readonly figure: 'coin';
  readonly symbol: string;
  readonly value: {
    readonly price_usd: number;
    readonly change_24h: number | null;
    readonly high_24h: number | null;
    readonly low_24h: number | null;
    readonly volume_24h_usd: number | null;
  };
}

/** The Fear & Greed index of the day, with earlier days where the series has them. */
export interface FngReading extends ReadingBase {
  readonly figure: 'fng';
  readonly value: FngValue & {
    readonly nextUpdateAtMs: number | null;
    readonly history: {
      readonly yesterday: FngValue | null;
      readonly last_week: FngValue | null;
      readonly last_month: FngValue | null;
    };
  };
}

/** TAAPI's own RSI. */
export interface RsiReading extends ReadingBase {
  readonly figure: 'rsi_14_taapi';
  readonly value: number;
}

/** The price of a US fund; what a coin has, in US dollars. */
export interface EtfReading extends ReadingBase {
  readonly figure: 'etf';
  readonly symbol: string;
  readonly value: CoinReading['value'];
}

/** Daily candles of BTC, oldest first, the last one usually still open; the local RSI is computed from them. */
export interface CandlesReading extends ReadingBase {
  readonly figure: 'candles';
  readonly value: readonly Candle[];
}

/** `{figure, value, as_of, source}`: what a source hands to the feed. */
export type Reading =
  | MarketReading
  | CoinReading
  | FngReading
  | RsiReading
  | CandlesReading
  | EtfReading;

/** When and how fresh an answer arrived. */
export interface Receipt {
  /** Wall clock when the last byte had arrived, ms since 1970. */
  readonly receivedAtMs: number;
  /** The `Age` header in seconds, 0 without one. */
  readonly ageS: number;
  /** Seconds between two polls of this route. */
  readonly pollIntervalS: number;
}

/** What a source may know of the configuration. */
export interface SourceOptions {
  /** The upstream's key or secret; `null` when none is set. */
  readonly key: string | null;
  /** `pro` or `demo` where the upstream has plans (CoinGecko); `null` otherwise. */
  readonly plan: 'demo' | 'pro' | null;
  /** Symbols of the coins that are shown, BTC among them. */
  readonly coins: readonly string[];
}

/** How often an upstream lets itself be called, as it documents it; what it does not limit is left out. */
export interface CallLimits {
  /** Shortest time from one round's calls to the next, ms. */
  readonly minCallIntervalMs?: number;
  readonly perMinute?: number;
  /** Per day, in UTC. */
  readonly perDay?: number;
  /** Per calendar month, in UTC. */
  readonly perMonth?: number;
}

/**
 * What a route is asked for. Sources that give the same thing stand in for each other, in the feed's order of preference;
 * routes of one source never do.
 */
export type Gift = 'market' | 'prices' | 'candles' | 'fng' | 'rsi_14_taapi' | 'etfs' | 'past';

/** A route that is due at moments of its own. */
export interface OwnClock {
  /** `true`: rounds leave it out until it is due. `false`: it is asked in every round, and when it is due besides. */
  readonly isAlone: boolean;
  /**
   * When to ask again after a good answer, ms since 1970. Pure.
   * @param readings the answer's
   */
  dueAtMs(readings: readonly Reading[], receivedAtMs: number): number;
}

/** One polled route of an upstream. */
export interface Poll {
  /** Path without query, and what tells routes of one path apart; for logs and metrics: never holds a key. */
  readonly route: string;
  readonly gives: Gift;
  readonly ownClock?: OwnClock;
  /** Coins that it can give a price of; for a poll that gives prices. */
  readonly knownCoins?: readonly string[];
  /** The request to send. */
  request(options: SourceOptions): UpstreamRequest;
  /**
   * Turns a parsed body into readings; into none only where an upstream may say that it has no figure.
   * @throws UpstreamError `bad_response` when the schema or the figures do not hold
   */
  read(body: unknown, receipt: Receipt): readonly Reading[];
}

/** A span of a coin's candles: whole intervals from `fromMs` on, before `toMs`; ms since 1970. */
export interface CandlePage {
  readonly symbol: string;
  /** One of the archive's. */
  readonly intervalS: number;
  readonly fromMs: number;
  /** Not after the end of the interval that is open; at most the archive's `maxCandles` intervals after `fromMs`. */
  readonly toMs: number;
}

/** Candles of the past, where an exchange has them, a page at a time. */
export interface CandleArchive {
  readonly gives: 'candles';
  /** Path without query or symbol, for logs and metrics. */
  readonly route: string;
  /** Lengths of its candles that are asked for, seconds, finest first: of 60, 300, 3600 and 86 400. */
  readonly intervalsS: readonly number[];
  /** Candles in an answer at most. */
  readonly maxCandles: number;
  /** Of every interval only so many of the newest are to be had; `null`: all. */
  readonly newestOnly: number | null;
  /** Shortest time between two pages, ms: an upstream that is asked politely goes on answering. */
  readonly spacingMs: number;
  /** `false`: it does not trade the coin against the US dollar or its like. Of the others it refuses what it does not know. */
  hasCoin(symbol: string): boolean;
  /** @throws RangeError for a page that is none of the archive's: another interval, or too many candles */
  request(page: CandlePage): UpstreamRequest;
  /**
   * The page's candles, oldest first, each once, the last one maybe open; none outside of the page. Gaps stay gaps, and
   * a page that is over may have no candles.
   * @throws UpstreamError `bad_response` when the schema or a figure does not hold, when a candle has not begun yet, or
   *   when the answer is empty though the page is not over
   */
  read(body: unknown, page: CandlePage, receivedAtMs: number): readonly Candle[];
}

/** The whole of a daily index. */
export interface IndexArchive {
  readonly gives: 'fng';
  readonly route: string;
  request(): UpstreamRequest;
  /**
   * Oldest first, each day once; `dayMs` is 00:00 UTC, ms since 1970. Days that are missing or unreadable stay missing.
   * @throws UpstreamError `bad_response` when the schema does not hold, no day can be read, or one has not begun yet
   */
  read(
    body: unknown,
    receivedAtMs: number,
  ): readonly { readonly dayMs: number; readonly value: number }[];
}

/** A source: one plain object in one folder, one line in `index.ts`. */
export interface Source {
  readonly id: SourceId;
  /** `true`: without a key the source is `off`. */
  readonly needsKey: boolean;
  /** Of the smallest plan that a key of this kind, or no key, can be of: which plan a key has is not known. */
  limits(options: SourceOptions): CallLimits;
  readonly polls: readonly Poll[];
  /** Live prices, where the upstream streams them. */
  readonly stream: Stream | null;
  /** What it tells of the past, for the charts. */
  readonly past?: CandleArchive | IndexArchive;
}

/** What a poll is written as: the schema and the normaliser beside each other. */
export interface PollDefinition<S extends GenericSchema> {
  readonly source: SourceId;
  readonly route: string;
  readonly gives: Gift;
  readonly ownClock?: OwnClock;
  readonly knownCoins?: readonly string[];
  readonly request: (options: SourceOptions) => UpstreamRequest;
  readonly schema: S;
  /** Whether an answer says, as the upstream documents it, that there is no figure: no reading, and no failure either. */
  readonly saysNone?: (answer: InferOutput<S>) => boolean;
  /** Pure. Returns an empty list, or throws, when the answer holds no usable figure. */
  readonly normalise: (answer: InferOutput<S>, receipt: Receipt) => readonly Reading[];
}

/** Makes a poll of a schema and a normaliser; an answer without a usable reading is a `bad_response`. */
export function definePoll<S extends GenericSchema>(definition: PollDefinition<S>): Poll {
  const { source, schema, saysNone, normalise, ...rest } = definition;
  return {
    ...rest,
    read(body, receipt) {
      // One fault is enough: a list of a million would take gigabytes to write down.
      const parsed = safeParse(schema, body, { abortEarly: true });
      if (!parsed.success) throw new UpstreamError(source, 'bad_response');
      if (saysNone?.(parsed.output)) return [];
      const readings = normalise(parsed.output, receipt);
      if (readings.length === 0) throw new UpstreamError(source, 'bad_response');
      return readings;
    },
  };
}
