/** Binance's streams on the market-data host: 24-hour tickers, raw and combined, and the commands of a connection. */

import { DAY_MS } from '../candles.ts';
import type { Ticker } from '../ticker.ts';
import { createCommands } from './binance-commands.ts';
import { combined, miniTickerEvent, shutdownEvent, tickerEvent } from './binance-frames.ts';
import {
  type Conversation,
  type Line,
  MAX_SUBSCRIPTIONS,
  type StreamingExchange,
} from './exchange.ts';

const COMBINED_PATH = '/stream';
const RAW_PATH = '/ws';
/** Where a planned stop is told in the combined form. */
const SHUTDOWN_STREAM = '!serverShutdown';

/**
 * A coin that nobody trades is told of only so often: the 24 hours that its volume is counted over move on all the
 * same. In a market that walks every second brings a change.
 */
const QUIET_TICKS = 5;

export const binance = {
  id: 'binance',
  variable: 'BINANCE_WS_URL',
  serves: (path) => path === COMBINED_PATH || path === RAW_PATH || path.startsWith(`${RAW_PATH}/`),
  needsUserAgent: false,
  handshakes: { count: 300, perMs: 5 * 60_000 },
  messages: { count: 5, perMs: 1000 },
  pings: { everyMs: 20_000, deadlineMs: 60_000 },
  lifetimeMs: DAY_MS,
  shutdownNotice(address, nowMs) {
    const event = shutdownEvent(nowMs);
    return isCombined(address) ? combined(SHUTDOWN_STREAM, event) : event;
  },
  converse,
} as const satisfies StreamingExchange;

/** One subscription, and what was last told of it. */
interface Subscription {
  readonly symbol: string;
  readonly pair: string;
  readonly event: (pair: string, ticker: Ticker, timeMs: number) => string;
  last: Ticker | null;
  quietTicks: number;
}

const EVENTS = { ticker: tickerEvent, miniTicker: miniTickerEvent } as const;
/** Lower case before the `@`; anything else is accepted and never heard of again, as the exchange has it. */
const STREAM = /^([a-z0-9]{1,12})usdt@(ticker|miniTicker)$/;

function converse(address: URL, line: Line): Conversation {
  const wraps = isCombined(address);
  const streams = new Map<string, Subscription | null>();
  const subscribe = (names: readonly string[]): boolean => {
    const wanted = new Set([...streams.keys(), ...names]);
    if (wanted.size > MAX_SUBSCRIPTIONS) return false;
    for (const name of names) if (!streams.has(name)) streams.set(name, read(name));
    return true;
  };
  subscribe(namesIn(address).slice(0, MAX_SUBSCRIPTIONS));

  const commands = createCommands({
    isCombined: wraps,
    subscribe,
    unsubscribe(names) {
      for (const name of names) streams.delete(name);
    },
    list: () => [...streams.keys()],
  });
  return {
    received: (text) => line.say(commands.answer(text)),
    tick() {
      for (const [name, subscription] of streams) {
        const ticker = subscription && line.ticker(subscription.symbol);
        if (!ticker || !isDue(subscription, ticker)) continue;
        const event = subscription.event(subscription.pair, ticker, line.nowMs());
        line.tell(subscription.symbol, wraps ? combined(name, event) : event);
      }
    },
  };
}

const isCombined = (address: URL): boolean => address.pathname === COMBINED_PATH;

function namesIn(address: URL): string[] {
  const text = isCombined(address)
    ? (address.searchParams.get('streams') ?? '')
    : address.pathname.slice(RAW_PATH.length).replaceAll('%40', '@');
  return text.split('/').filter((name) => name !== '');
}

function read(name: string): Subscription | null {
  const [, base, kind] = STREAM.exec(name) ?? [];
  if (base === undefined || (kind !== 'ticker' && kind !== 'miniTicker')) return null;
  const symbol = base.toUpperCase();
  return { symbol, pair: `${symbol}USDT`, event: EVENTS[kind], last: null, quietTicks: 0 };
}

/** Notes what is told. */
function isDue(subscription: Subscription, ticker: Ticker): boolean {
  const { last } = subscription;
  const isSame = last?.price === ticker.price && last.volume24h === ticker.volume24h;
  subscription.quietTicks = isSame ? subscription.quietTicks + 1 : 0;
  if (subscription.quietTicks % QUIET_TICKS !== 0) return false;
  subscription.last = ticker;
  return true;
}
