/** The price chart itself: a script of its own, loaded when the chart is near. Knows the library, and nothing of the page. */

import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  type IChartApi,
  LineSeries,
  LineStyle,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { candleItems, lineItems, type Row, type Span } from './items.ts';
import { type Look, readLook, watchLook } from './look.ts';

/** How numbers and times are written. The same object as long as language and zone are. */
export interface Writing {
  readonly price: (value: number) => string;
  readonly rsi: (value: number) => string;
  /** Seconds since 1970, of the place on the axis; a day's name or a clock's reading. */
  readonly tick: (timeS: number, isDay: boolean) => string;
  readonly moment: (timeS: number) => string;
  /** The visitor's clocks ahead of UTC, seconds: days on the axis begin at the visitor's midnight. */
  readonly offsetS: number;
}

/** What is drawn. */
export interface Drawing {
  readonly kind: 'line' | 'candles';
  readonly span: Span;
  /** Of `btc_price` for a line, of `btc_candles` for candles. */
  readonly price: readonly Row[];
  /** Of `rsi_14`. */
  readonly rsi: readonly Row[];
  readonly writing: Writing;
}

/** A chart on the page. */
export interface PriceChart {
  draw(drawing: Drawing): void;
  close(): void;
}

/** The RSI's guides, and how far its scale always reaches. */
const GUIDES = [30, 70];
const STRIP_REACH = [20, 80] as const;
/** Letters' heights between two ticks, many times the strip's: its guides alone are marked, and give way to the newest. */
const NO_TICKS = 1000;
/** Names a day from here on: `TickMarkType.DayOfMonth` and what is longer. */
const DAY_TICK = 2;
const UNSEEN = 'transparent';
/** The axis counts whole dollars. */
const PRICE_STEP = 1;
const RSI_STEP = 0.01;

/** Nothing can be dragged or turned by the wheel: the page scrolls as if the chart were a picture. */
const FIXED = {
  // From the beginning: the library's own logo brings a style sheet that the page's policy refuses. The foot names it.
  layout: { attributionLogo: false },
  autoSize: true,
  handleScroll: false,
  handleScale: false,
  kineticScroll: { mouse: false, touch: false },
  crosshair: { mode: CrosshairMode.Magnet },
  rightPriceScale: { borderVisible: false },
} as const;

/** Takes the size of its element and the look of the page, both as they change. */
export function createPriceChart(element: HTMLElement): PriceChart {
  const chart = createChart(element, FIXED);
  const shared = { lineWidth: 2, priceLineVisible: false } as const;
  const line = chart.addSeries(LineSeries, shared);
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
  const strip = chart.addSeries(LineSeries, { ...shared, lineWidth: 1 }, 1);
  const guides = GUIDES.map((price) =>
    strip.createPriceLine({ price, lineStyle: LineStyle.Dashed }),
  );
  strip.priceScale().applyOptions({ tickMarkDensity: NO_TICKS });
  strip.applyOptions({ autoscaleInfoProvider: reach });
  let drawn: Drawing | null = null;
  let look = readLook(element);
  const restyle = ({ price, rsi }: Writing) => {
    const priceFormat = format(price, PRICE_STEP);
    line.applyOptions({ color: look.line, priceFormat });
    candles.applyOptions({ ...candleColours(look), priceFormat });
    const mark = (value: number) => (GUIDES.includes(value) ? String(value) : rsi(value));
    strip.applyOptions({ color: look.strip, priceFormat: format(mark, RSI_STEP) });
    const label = { axisLabelColor: look.ground, axisLabelTextColor: look.text };
    for (const guide of guides) guide.applyOptions({ color: look.guide, ...label });
    chart.panes()[1]?.setHeight(look.stripHeight);
  };
  const dress = () => {
    look = readLook(element);
    if (drawn === null) return;
    style(chart, look, drawn.writing);
    restyle(drawn.writing);
  };
  const unwatch = watchLook(dress);
  // The whole range in any size, and the strip as high as it is to be.
  const unwatchSize = watchSize(element, () => {
    dress();
    chart.timeScale().fitContent();
  });

  return {
    draw(drawing) {
      const { writing, kind, span, price, rsi } = drawing;
      const before = drawn !== null && isAlike(drawn, drawing) ? drawn : null;
      const [shown, hidden] = kind === 'line' ? [line, candles] : [candles, line];
      const shift = shifted(writing.offsetS);
      const pointsOf = (rows: readonly Row[], of: Span) => lineItems(rows, of, UNSEEN).map(shift);
      const barsOf = (rows: readonly Row[], of: Span) => candleItems(rows, of).map(shift);
      const items = kind === 'line' ? pointsOf : barsOf;
      const isPriceNew = put(shown, items, { before: before?.price, rows: price, span });
      const isRsiNew = put(strip, pointsOf, { before: before?.rsi, rows: rsi, span });
      if (before === null) hidden.setData([]);
      // A place that was empty and is filled would otherwise move the newest point out of sight.
      if (isPriceNew || isRsiNew) chart.timeScale().fitContent();
      if (drawn?.writing !== writing) {
        style(chart, look, writing);
        restyle(writing);
      }
      drawn = drawing;
    },
    close() {
      unwatch();
      unwatchSize();
      chart.remove();
    },
  };
}

/** The same picture, but for its points. */
const isAlike = (a: Drawing, b: Drawing): boolean =>
  a.kind === b.kind &&
  a.writing === b.writing &&
  a.span.toS === b.span.toS &&
  a.span.intervalS === b.span.intervalS;

/** What a series is drawn from, and was: `before` is missing when all of it is new. */
interface Put {
  readonly before: readonly Row[] | undefined;
  readonly rows: readonly Row[];
  readonly span: Span;
}

/**
 * A live price moves the newest point alone: setting all of them anew costs twenty times as much.
 * @returns whether all were set
 */
function put<Item extends { readonly time: UTCTimestamp }>(
  series: { setData(items: Item[]): void; update(item: Item): void },
  itemsOf: (rows: readonly Row[], span: Span) => Item[],
  { before, rows, span }: Put,
): boolean {
  const isOld = (row: Row, at: number) => row === before?.[at];
  const newest = rows.at(-1);
  const areOthersOld = before?.length === rows.length && rows.slice(0, -1).every(isOld);
  if (areOthersOld && (newest === undefined || isOld(newest, rows.length - 1))) return false;
  // Before the end of the axis an empty place follows, and only what is last can be moved.
  if (!areOthersOld || newest === undefined || newest[0] < span.toS) {
    series.setData(itemsOf(rows, span));
    return true;
  }
  for (const item of itemsOf([newest], { ...span, fromS: newest[0] })) series.update(item);
  return false;
}

/** Calls back a frame after the element has got a size, when the chart has taken it on. */
function watchSize(element: HTMLElement, changed: () => void): () => void {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(changed);
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

/** The library knows only UTC: what is moved by the zone's offset stands where the visitor's clocks say. */
const shifted =
  (offsetS: number) =>
  <Item extends { readonly time: number }>(item: Item) => ({
    ...item,
    // A number of seconds is what the library calls so; the brand cannot be had otherwise.
    time: (item.time + offsetS) as UTCTimestamp,
  });

const format = (formatter: (value: number) => string, minMove: number) =>
  ({ type: 'custom', formatter, minMove }) as const;

/** Fall filled, rise hollow: print and an eye that does not tell the two colours apart see it. */
const candleColours = ({ up, down, ground }: Look) => ({
  upColor: ground,
  downColor: down,
  borderUpColor: up,
  borderDownColor: down,
  wickUpColor: up,
  wickDownColor: down,
});

interface Reach {
  readonly priceRange: { readonly minValue: number; readonly maxValue: number } | null;
}

/** The guides are always in sight. */
function reach(own: () => Reach | null): Reach {
  const range = own()?.priceRange;
  const [low, high] = STRIP_REACH;
  return {
    priceRange: {
      minValue: Math.min(low, range?.minValue ?? low),
      maxValue: Math.max(high, range?.maxValue ?? high),
    },
  };
}

function style(chart: IChartApi, look: Look, writing: Writing): void {
  const grid = { color: look.grid };
  const hair = { color: look.guide, labelBackgroundColor: look.guide };
  const real = (time: Time) => (typeof time === 'number' ? time - writing.offsetS : 0);
  chart.applyOptions({
    layout: {
      background: { type: ColorType.Solid, color: look.ground },
      textColor: look.text,
      fontFamily: look.font,
      fontSize: look.fontSize,
      panes: { enableResize: false, separatorColor: look.grid, separatorHoverColor: look.grid },
    },
    grid: { vertLines: grid, horzLines: grid },
    crosshair: { vertLine: hair, horzLine: hair },
    timeScale: {
      borderColor: look.grid,
      timeVisible: true,
      tickMarkFormatter: (time: Time, type: number) => writing.tick(real(time), type <= DAY_TICK),
    },
    localization: { timeFormatter: (time: Time) => writing.moment(real(time)) },
  });
}
