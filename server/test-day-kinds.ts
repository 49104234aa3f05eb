/** For tests: everything that goes wrong with simulated upstreams in a day of trouble, as data. */

import type { SourceId } from '../contract/index.ts';
import type { InProcessSimulator } from '../simulator/in-process.ts';

/** What a trouble is made with. */
export interface Scene {
  readonly simulator: InProcessSimulator;
  readonly id: SourceId;
  /** In [0, 1). */
  readonly dice: () => number;
}

/** One way to go wrong. */
export interface Trouble {
  readonly name: string;
  /** How often it is drawn, beside the others of its list. */
  readonly weight: number;
  /** How long it lasts, s: from the least to the most. */
  readonly forS: readonly [number, number];
  /** So long after its end the upstream may be left alone, s. */
  readonly settleS: number;
  /** What comes is good all the same. */
  readonly isHarmless?: true;
  /** What comes cannot be read. */
  readonly isGarbling?: true;
  /** Befalls the upstream as a whole: for an exchange its stream too. */
  readonly isWhole?: true;
  begin(scene: Scene): void;
}

/** Every polled source of the day, with its routes. */
export const ROUTES_OF = {
  coingecko: ['/api/v3/global', '/api/v3/simple/price'],
  coinpaprika: ['/v1/global'],
  coinlore: ['/api/global/'],
  alternative_me: ['/fng/'],
  taapi: ['/rsi'],
  binance: ['/api/v3/klines'],
  coinbase: ['/products/BTC-USD/candles'],
  kraken: ['/0/public/OHLC'],
} as const satisfies Partial<Record<SourceId, readonly string[]>>;

/** See {@link ROUTES_OF}. */
export type PolledSource = keyof typeof ROUTES_OF;
/** All of them. */
export const POLLED = Object.keys(ROUTES_OF) as PolledSource[];

/** Who gives the market-wide figures, and where. */
export const MARKET_ROUTES: { readonly [id in SourceId]?: string } = {
  coingecko: '/api/v3/global',
  coinpaprika: '/v1/global',
  coinlore: '/api/global/',
};
/** Where CoinGecko gives prices. */
export const PRICES_ROUTE = '/api/v3/simple/price';

type StreamFaults = Exclude<
  Parameters<InProcessSimulator['streams']['setFaults']>[0]['binance'],
  null | undefined
>;
type PollFault = Exclude<Parameters<InProcessSimulator['faults']['set']>[0][string], null>;

const exchangeOf = ({ id }: Scene): 'binance' | 'coinbase' | 'kraken' => {
  if (id === 'binance' || id === 'coinbase' || id === 'kraken') return id;
  throw new TypeError(`${id} streams nothing`);
};

/** A round of five minutes, and a breaker that is open for five. */
const ROUND_AND_BREAKER_S = 660;
/** Half an hour's pause, which a rate limit may come to as well, and the round after. */
const PAUSE_AND_ROUND_S = 2400;
/** Troubles of a stream are over within minutes. */
const MINUTES = [20, 360] as const;

const stream = (
  name: string,
  faults: StreamFaults,
  rest: Partial<Omit<Trouble, 'name' | 'begin'>> & { readonly cuts?: true } = {},
): Trouble => ({
  ...{ name, weight: 1, forS: MINUTES, settleS: 0 },
  ...rest,
  begin(scene) {
    const exchange = exchangeOf(scene);
    scene.simulator.streams.setFaults({ [exchange]: faults });
    if (rest.cuts) scene.simulator.streams.act(exchange, { do: 'cut' });
  },
});

const CLOSE_CODES = [1000, 1001, 1006, 1011, 1012, 4000];
/** Texts that no exchange sends, each once on every connection. */
const GARBAGE = [
  '',
  '{}',
  '[]',
  'null',
  '{"e":"24hrTicker"}',
  '{"type":"ticker","price":1e400}',
  '<',
];

/** What happens to an exchange's stream. */
export const STREAM_TROUBLES: readonly Trouble[] = [
  {
    ...{ name: 'cut', weight: 4, forS: [1, 2], settleS: 0, isHarmless: true },
    begin(scene) {
      const code = CLOSE_CODES[Math.floor(scene.dice() * CLOSE_CODES.length)] ?? 1006;
      scene.simulator.streams.act(exchangeOf(scene), { do: 'cut', code });
    },
  },
  {
    ...{ name: 'goes down for maintenance', weight: 3, forS: [1, 2], settleS: 0, isHarmless: true },
    begin: (scene) => scene.simulator.streams.act(exchangeOf(scene), { do: 'shutdown' }),
  },
  {
    ...{ name: 'strange frames', weight: 2, forS: [1, 2], settleS: 0, isHarmless: true },
    begin: (scene) =>
      scene.simulator.streams.act(exchangeOf(scene), {
        do: 'inject',
        frames: [...GARBAGE, { base64: 'AAH/' }],
      }),
  },
  stream('silent', { silent: true }, { weight: 3 }),
  stream('every frame cut in half', { malformed: true }, { weight: 2, isGarbling: true }),
  stream('handshakes frozen', { frozen: true }, { cuts: true, weight: 2 }),
  stream('handshakes refused: 451', { refuse: 451 }, { cuts: true, weight: 0.3 }),
  stream('handshakes refused: 403', { refuse: 403 }, { cuts: true, weight: 0.3 }),
  stream('handshakes refused: 429', { refuse: 429 }, { cuts: true }),
  stream('handshakes refused: 429, Retry-After', { refuse: 429, retryAfterS: 90 }, { cuts: true }),
  stream('handshakes refused: 503', { refuse: 503 }, { cuts: true }),
  stream('handshakes refused: 503, Retry-After', { refuse: 503, retryAfterS: 120 }, { cuts: true }),
  stream('flapping', { cutEveryMs: 1000 }, { weight: 3 }),
  stream('out of order', { outOfOrder: true }, { weight: 2, isHarmless: true }),
  stream('every price twice', { repeat: true }, { weight: 2, isHarmless: true }),
  // Set right again, its prices are from before those that it has told, for as long.
  stream('clock 45 s ahead', { skewMs: 45_000 }, { settleS: 50 }),
  stream('clock an hour ahead', { skewMs: 3_600_000 }),
  stream('clock 4 s ahead', { skewMs: 4000 }, { isHarmless: true }),
  stream('clock 20 s behind', { skewMs: -20_000 }),
  stream('clock an hour behind', { skewMs: -3_600_000 }),
  // In time again, its frames overtake those that are still on their way.
  stream('frames 40 s late', { delayMs: 40_000 }, { settleS: 45 }),
  whole('dead', 3, 0, (scene) => scene.simulator.states.setStates({ [scene.id]: 'dead' })),
  whole('frozen', 3, 0, (scene) => scene.simulator.states.setStates({ [scene.id]: 'frozen' })),
  whole('blocked: 451', 0.3, 0, (scene) => scene.simulator.states.setBlocks({ [scene.id]: 451 })),
];

function whole(
  name: string,
  weight: number,
  settleS: number,
  begin: (scene: Scene) => void,
): Trouble {
  return { name, weight, forS: MINUTES, settleS, isWhole: true, begin };
}

const poll = (name: string, fault: PollFault, settleS = ROUND_AND_BREAKER_S): Trouble => ({
  ...{ name, weight: 1, forS: [60, 1200], settleS },
  begin({ simulator, id }) {
    const routes: readonly string[] = ROUTES_OF[id as PolledSource];
    simulator.faults.set(Object.fromEntries(routes.map((route) => [route, fault])));
  },
});

/** More than the caller of upstreams reads. */
const HUGE_BYTES = 8_000_000;

/** What happens to polled routes. */
export const POLL_TROUBLES: readonly Trouble[] = [
  poll('answers 500', { status: 500, body: { error: 'oops' } }),
  poll('answers 503, Retry-After', { status: 503, headers: { 'retry-after': '400' } }),
  poll('answers 429', { status: 429 }, PAUSE_AND_ROUND_S),
  poll(
    'answers 429, Retry-After',
    { status: 429, headers: { 'retry-after': '600' } },
    PAUSE_AND_ROUND_S,
  ),
  poll('answers 403', { status: 403 }, PAUSE_AND_ROUND_S),
  poll('a page of HTML', { html: true }),
  poll('a huge body', { hugeBytes: HUGE_BYTES }),
  poll('a gzip bomb', { gzipBombBytes: HUGE_BYTES }),
  poll('a redirect', { redirectTo: 'http://trap.simulated/' }),
  poll('half a body', { malformed: true }),
  poll('an empty body', { body: '' }),
  poll('a byte a second', { dripBytesPerS: 1 }),
  poll('connections reset', { reset: true }),
  poll('12 s late', { delayMs: 12_000 }),
  whole('dead', 1, PAUSE_AND_ROUND_S, (scene) =>
    scene.simulator.states.setStates({ [scene.id]: 'dead' }),
  ),
  whole('frozen', 1, PAUSE_AND_ROUND_S, (scene) =>
    scene.simulator.states.setStates({ [scene.id]: 'frozen' }),
  ),
];
