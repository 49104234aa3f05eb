/** What the charts need of the past, in the order in which a visitor misses it. */

import { BASE_COIN, coinSeries, EXCHANGES, type SourceId } from '../../contract/index.ts';
import type { HistoryRows } from '../store/history-rows.ts';
import { endedIn, gapIn } from './gaps.ts';
import type { CandleSpanWanted, Wanted } from './past.ts';
import type { Span, Spans } from './spans.ts';
import { bucketOf, DAY_S } from './tiers.ts';

/** Something that is to be there, interval by interval. */
export interface Need {
  /** One of its kind; for the log. */
  readonly name: string;
  readonly intervalS: number;
  /** Whose answer it is that is needed, where any other's is of no use. */
  readonly of?: SourceId;
  /** Whether anything of it is needed now; always, where it does not say. */
  isNeeded?(rows: HistoryRows, nowS: number): boolean;
  /** So far before now charts reach, seconds: what is missing of it comes first. */
  readonly shownS: number;
  /** So far before now rows are kept, seconds. */
  keptS(nowS: number): number;
  /** Where it is looked for: up to now, but for the days that are sampled while they are shown. */
  upToS(nowS: number): number;
  /** Beginnings of the intervals that are there. */
  present(rows: HistoryRows, span: Span): ReadonlySet<number>;
  /** What to ask for a span of it. */
  wanted(span: Span): Wanted;
}

/** Charts of a year, and the days before it that the RSI of its first day is computed from. */
const RSI_YEAR_S = (365 + 101) * DAY_S;
/** About as long as exchanges have been trading BTC against the dollar with their present interfaces. */
const ALL_DAYS_S = 4000 * DAY_S;

/** By the length of an interval: what is shown of it, and what is kept. */
const REACH = {
  300: { shownS: DAY_S, keptS: 2 * DAY_S },
  3600: { shownS: 30 * DAY_S, keptS: 90 * DAY_S },
  86400: { shownS: 365 * DAY_S, keptS: 400 * DAY_S },
} as const satisfies Record<CandleSpanWanted['intervalS'], object>;
/** Days before a month's first point that its RSI is computed from, and that month: of one exchange. */
const RSI_DAYS_S = (101 + 30) * DAY_S;
/** The newest candle is looked for so far back, s: hours later it says nothing of now. */
const LEADING_FOR_S = 3600;
const BASE_DAYS = { shownS: RSI_YEAR_S, keptS: ALL_DAYS_S };

type Interval = CandleSpanWanted['intervalS'];

/** The first day of the Fear & Greed index, seconds since 1970. */
const FIRST_INDEX_DAY_S = Date.UTC(2018, 1, 1) / 1000;
/** Today's and yesterday's values are sampled while they are shown; alternative.me may have a new one late. */
const SAMPLED_DAYS_S = DAY_S;

/** @param coins their symbols; {@link BASE_COIN} is needed whether it is among them or not */
export function needsOf(coins: readonly string[]): readonly Need[] {
  const others = coins.filter((symbol) => symbol !== BASE_COIN);
  return [
    baseCandles(300, REACH[300]),
    baseCandles(86_400, BASE_DAYS),
    baseCandles(3600, REACH[3600]),
    ...EXCHANGES.map(daysOf),
    INDEX,
    ...others.map((symbol) => prices(symbol, 3600)),
    ...others.map((symbol) => prices(symbol, 300)),
    ...others.map((symbol) => prices(symbol, 86_400)),
  ];
}

/** An interval's candle is there when some exchange's has been read after its end. */
const baseCandles = (
  intervalS: Interval,
  { shownS, keptS }: { readonly shownS: number; readonly keptS: number },
): Need => ({
  name: `${BASE_COIN} ${intervalS}`,
  ...{ intervalS, shownS },
  keptS: () => keptS,
  upToS: (nowS) => nowS,
  present: (rows, span) =>
    new Set(
      rows
        .candles({ ...span, intervalS })
        .filter(({ time, asOfS }) => asOfS >= time + intervalS)
        .map(({ time }) => time),
    ),
  wanted: (span) => ({ kind: 'candles', symbol: BASE_COIN, intervalS, ...span }),
});

/**
 * The RSI beside an exchange's candles is of that same exchange's closes in a row: whoever gives the newest candles has to
 * have the days before them too, also where another has told of those.
 */
const daysOf = (exchange: SourceId): Need => ({
  name: `${BASE_COIN} 86400 ${exchange}`,
  intervalS: DAY_S,
  of: exchange,
  isNeeded: (rows, nowS) => leadingExchange(rows, nowS) === exchange,
  shownS: RSI_DAYS_S,
  keptS: () => RSI_DAYS_S,
  upToS: (nowS) => nowS,
  present(rows, span) {
    const days = rows.candles({ ...span, intervalS: DAY_S });
    const own = days.filter(
      ({ source, time, asOfS }) => source === exchange && asOfS >= time + DAY_S,
    );
    return new Set(own.map(({ time }) => time));
  },
  wanted: (span) => ({ kind: 'candles', symbol: BASE_COIN, intervalS: 86_400, ...span }),
});

/** Who told of the last five minutes that have ended, as charts show them. */
function leadingExchange(rows: HistoryRows, nowS: number): SourceId | null {
  const intervalS = 300;
  const candles = rows.candles({ intervalS, fromS: nowS - LEADING_FOR_S, toS: nowS });
  const ended = candles.filter(({ time, asOfS }) => asOfS >= time + intervalS);
  const newest = ended.filter(({ time }) => time === ended.at(-1)?.time);
  return EXCHANGES.find((id) => newest.some(({ source }) => source === id)) ?? null;
}

/** A price is there when anything was read in its interval: it was the last that was shown. */
const prices = (symbol: string, intervalS: Interval): Need => ({
  name: `${symbol} ${intervalS}`,
  intervalS,
  shownS: REACH[intervalS].shownS,
  keptS: () => REACH[intervalS].keptS,
  upToS: (nowS) => nowS,
  present: (rows, span) => timesOf(rows, coinSeries(symbol), intervalS, span),
  wanted: (span) => ({ kind: 'candles', symbol, intervalS, ...span }),
});

/** All of it comes in one answer. */
const INDEX: Need = {
  name: 'fng',
  intervalS: DAY_S,
  shownS: 365 * DAY_S,
  keptS: (nowS) => bucketOf(nowS, DAY_S) - FIRST_INDEX_DAY_S,
  upToS: (nowS) => nowS - SAMPLED_DAYS_S,
  present: (rows, span) => timesOf(rows, 'fng', DAY_S, span),
  wanted: () => ({ kind: 'fng' }),
};

const timesOf = (rows: HistoryRows, series: string, intervalS: number, span: Span) =>
  new Set(rows.samples({ ...span, series, intervalS }).map(({ time }) => time));

/** What is missing of a need. */
export interface Missing {
  readonly gap: Span;
  /** Whether the newest of it is where charts reach. */
  readonly isShown: boolean;
}

/**
 * @param asked what was asked for and is not to be had
 * @param within where to look, in whole intervals; wherever rows are kept, when it is not told
 */
export function missingOf(
  need: Need,
  rows: HistoryRows,
  nowS: number,
  asked: Spans,
  within?: Span,
): Missing | null {
  const { intervalS } = need;
  const atS = need.upToS(nowS);
  const span = within ?? endedIn({ intervalS, reachS: need.keptS(atS) }, atS);
  const gap = gapIn(span, intervalS, need.present(rows, span), asked);
  return gap === null ? null : { gap, isShown: gap.toS > nowS - need.shownS };
}
