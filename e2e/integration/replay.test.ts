import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { applyPatch, type DashboardDocument, PATHS } from '../../contract/index.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';
import { watchSocket } from '../watch-socket.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RECORDINGS = 'simulator/recordings';

/** Starts the replay of the project's own recordings and reads the environment it prints. */
async function startReplay(...args: string[]) {
  const child = Bun.spawn(
    [process.execPath, '--no-env-file', 'simulator/replay.ts', RECORDINGS, ...args],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '' } },
  );
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('npm start')) break;
  }
  const environment = Object.fromEntries(
    [...text.matchAll(/\b([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value ?? '']),
  );
  return {
    environment,
    stop: async () => {
      child.kill('SIGTERM');
      await child.exited;
    },
  };
}

/** Prices of a recorded stream, in their order; typed as the document has them. */
const pricesIn = (file: string, pattern: RegExp): readonly (number | null)[] =>
  readFileSync(`${ROOT}${RECORDINGS}/${file}`, 'utf8')
    .split('\n')
    .flatMap((line) => pattern.exec(line)?.[1] ?? [])
    .map(Number);

const BTC_PRICES = {
  binance: pricesIn('binance/ws_miniTicker_2026-11-20.jsonl', /BTCUSDT\\",\\"c\\":\\"([\d.]+)/),
  coinbase: pricesIn('coinbase/ws_ticker_2026-11-20.jsonl', /BTC-USD\\",\\"price\\":\\"([\d.]+)/),
  kraken: pricesIn('kraken/ws_v2_ticker_2026-11-20.jsonl', /BTC\/USD.*\\"last\\":([\d.]+)/),
};

/** Every version of the document from now on, as a page holds them. */
async function watchDocuments(url: string) {
  const documents: DashboardDocument[] = [];
  const socket = await watchSocket(url, ({ frame }) => {
    const held = documents.at(-1);
    if (frame?.type === 'dashboard_update') documents.push(frame.data);
    if (frame?.type === 'dashboard_patch' && held) documents.push(applyPatch(held, frame.patch));
  });
  return { documents, close: socket.close };
}

/** Wilder's RSI(14), to two decimals, as the document has it. */
function rsi14(closes: readonly number[]): number {
  const changes = closes.slice(1).map((close, i) => close - (closes[i] ?? close));
  const wilder = (moves: readonly number[]) =>
    moves
      .slice(14)
      .reduce(
        (mean, move) => (mean * 13 + move) / 14,
        moves.slice(0, 14).reduce((sum, move) => sum + move, 0) / 14,
      );
  const gain = wilder(changes.map((change) => Math.max(change, 0)));
  const loss = wilder(changes.map((change) => Math.max(-change, 0)));
  return Math.round((100 - 100 / (1 + gain / loss)) * 100) / 100;
}

describe('the replay of recorded answers and streams', () => {
  let replay: Awaited<ReturnType<typeof startReplay>>;
  let server: RunningServer;
  let watched: Awaited<ReturnType<typeof watchDocuments>>;
  let market: Record<string, number>;

  beforeAll(async () => {
    replay = await startReplay();
    const answer = await fetch(`${replay.environment.COINGECKO_BASE_URL}/api/v3/global`);
    const { data } = await answer.json();
    market = { market_cap: data.total_market_cap.usd, volume_24h: data.total_volume.usd };
    server = await startServer({ environment: replay.environment });
    watched = await watchDocuments(server.socketUrl);
  });
  afterAll(async () => {
    watched.close();
    await server.stop();
    await replay.stop();
  });

  /** Versions in which BTC's price is streamed and the RSI is known. */
  const streamed = () =>
    watched.documents.filter(
      ({ coins, rsi_14 }) => coins.BTC?.source === 'binance' && rsi_14 !== null,
    );
  const distinct = (values: readonly (number | null)[]) => [...new Set(values)];

  test('moves prices as they were recorded, of Binance, in their order, as of now', async () => {
    const documents = await until(
      streamed,
      (seen) => distinct(seen.map(({ btc_price_usd }) => btc_price_usd)).length >= 3,
    );
    const shown = distinct(documents.map(({ btc_price_usd }) => btc_price_usd));
    // A busy machine may conflate two of them.
    expect(BTC_PRICES.binance.filter((price) => shown.includes(price))).toEqual(shown);
    const { BTC } = documents.at(-1)?.coins ?? {};
    expect(BTC).toMatchObject({ source: 'binance', state: 'live', stale_after_s: 60 });
    // The tape is as fast as the market was, so no price is older than the one before the next.
    expect(Date.now() - Date.parse(BTC?.as_of ?? '')).toBeWithin(-1000, 5000);
  });

  test('compares the exchanges by what each of them said', async () => {
    const [document] = await until(
      () =>
        streamed()
          .filter(({ btc_spread }) => btc_spread !== null)
          .slice(-1),
      ([newest]) =>
        Object.values(newest?.btc_spread?.prices ?? {}).filter((price) => price !== null).length ===
        3,
    );
    const { binance, coinbase, kraken } = document?.btc_spread?.prices ?? {};
    expect(BTC_PRICES.binance).toContain(binance ?? null);
    expect(BTC_PRICES.coinbase).toContain(coinbase ?? null);
    expect(BTC_PRICES.kraken).toContain(kraken ?? null);
    const prices = [binance, coinbase, kraken].map((price) => price ?? Number.NaN);
    const lowest = Math.min(...prices);
    expect(document?.btc_spread?.percent).toBeCloseTo((Math.max(...prices) / lowest - 1) * 100, 2);
  });

  test('gives the RSI of the recorded candles with the streamed price as their last close', async () => {
    const documents = await until(
      streamed,
      (seen) => distinct(seen.map((d) => d.rsi_14)).length >= 3,
    );
    const klines = '/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=500';
    const rows = await (await fetch(replay.environment.BINANCE_BASE_URL + klines)).json();
    const closed = rows.slice(0, -1).map((row: string[]) => Number(row[4]));
    for (const { btc_price_usd, rsi_14, freshness } of documents) {
      expect(rsi_14).toBe(rsi14([...closed, btc_price_usd]));
      expect(freshness.rsi_14).toMatchObject({ source: 'binance', state: 'live' });
    }
  });

  test('is shown with exactly its numbers by socket, summary and page, and as live', async () => {
    const sent = await until(
      () => streamed().at(-1),
      (document) => document?.us_etfs?.QQQ?.price_usd != null && document.fng_value !== null,
    );
    const summary = (await (await fetch(server.url + PATHS.summary)).json()) as DashboardDocument;
    for (const document of [sent, summary]) {
      expect(document).toMatchObject(market);
      expect(document?.us_etfs?.SPY).toMatchObject({ price_usd: 742.31, state: 'live' });
      expect(document?.rsi_14_taapi).toBe(33.45);
    }
    // Times were moved, so the figures are not the market's of now, and the page says so.
    expect(summary.simulated).toBe(true);
    expect(Object.values(summary.freshness).map(({ state }) => state)).toEqual(
      Object.values(summary.freshness).map(() => 'live'),
    );
    expect(Object.keys(summary.coins)).toEqual(['BTC', 'ETH', 'SOL']);

    const page = await (await fetch(`${server.url}${PATHS.page}?lang=en`)).text();
    const text = page.replaceAll(/<script[\s\S]*?<\/script>/g, '').replaceAll(/<[^>]+>/g, '');
    const dollars = (value: number, options: Intl.NumberFormatOptions) =>
      new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', ...options }).format(
        value,
      );
    const compact = {
      notation: 'compact',
      maximumFractionDigits: 2,
      minimumFractionDigits: 2,
    } as const;
    const cents = { minimumFractionDigits: 2 };
    const isShown = (price: number | null) =>
      price !== null && text.includes(dollars(price, cents));
    expect(BTC_PRICES.binance.some(isShown)).toBe(true);
    expect(text).toContain(dollars(market.market_cap ?? 0, compact));
    expect(text).toContain(dollars(market.volume_24h ?? 0, compact));
  });
});

describe('the replay with times as recorded', () => {
  let replay: Awaited<ReturnType<typeof startReplay>>;
  let server: RunningServer;

  beforeAll(async () => {
    replay = await startReplay('--as-recorded');
    // CoinGecko's answer would come before the streams' and stay, as old as they are.
    const environment = { ...replay.environment, COINGECKO_BASE_URL: 'off' };
    server = await startServer({ environment });
  });
  afterAll(async () => {
    await server.stop();
    await replay.stop();
  });

  test('shows old prices with their true time, stale and never live', async () => {
    const { documents, close } = await watchDocuments(server.socketUrl);
    const priced = () => documents.filter(({ btc_price_usd }) => btc_price_usd !== null);
    await until(
      priced,
      (seen) => new Set(seen.map(({ btc_price_usd }) => btc_price_usd)).size >= 3,
    );
    close();
    // While none is live, whichever exchange came first stays.
    const streamed = Object.values(BTC_PRICES).flat();
    for (const { coins, btc_price_usd } of priced()) {
      expect(streamed).toContain(btc_price_usd);
      expect(coins.BTC?.as_of).toMatch(/^2026-11-20T16:2[01]:\d\dZ$/);
    }
    for (const { coins, us_etfs, btc_spread, freshness } of documents) {
      expect(btc_spread).toBeNull();
      const shown = [coins, us_etfs ?? {}, freshness].flatMap((group) => Object.values(group));
      expect(shown.filter(({ state }) => state === 'live')).toEqual([]);
    }
  });
});
