import { describe, expect, test } from 'bun:test';
import { judgedFigures, type SourceId } from '../contract/index.ts';
import { setUpMarket } from './test-market.ts';

const EXCHANGES = ['binance', 'coinbase', 'kraken'] as const satisfies readonly SourceId[];
const PRICE_SOURCES = [...EXCHANGES, 'coingecko'] as const satisfies readonly SourceId[];

/** So long a server may take to show what the living can give. */
const WITHIN_MS = 10_000;
const WELL_FOR_MS = 15_000;

/** A server to which all was well until now. */
async function setUp() {
  const market = setUpMarket({ env: { TAAPI_SECRET: 'k' } });
  await market.start();
  await market.pass(WELL_FOR_MS);
  const before = new Map(judgedFigures(await market.document()));
  return {
    ...market,
    async figures() {
      return new Map(judgedFigures(await market.document()));
    },
    before,
  };
}

/** The subset with a number, a bit for each source. */
const subset = (number: number): readonly SourceId[] =>
  PRICE_SOURCES.filter((_, index) => (number & (1 << index)) !== 0);

describe('while a server runs', () => {
  test.each(Array.from({ length: 16 }, (_, number) => [subset(number)] as const))(
    'and %p die, prices and RSI go on from the next that lives, or are as old as they say',
    async (dead) => {
      const { simulator, pass, figures, before, end } = await setUp();
      simulator.states.setStates(Object.fromEntries(dead.map((id) => [id, 'dead'])));
      await pass(WITHIN_MS);
      const shown = await figures();
      await end();
      const price = PRICE_SOURCES.find((id) => !dead.includes(id));
      const rsi = EXCHANGES.find((id) => !dead.includes(id));
      for (const [name, { state, source, as_of }] of shown) {
        const isMoving = name === 'rsi_14' || name.startsWith('coins.');
        const giver = name === 'rsi_14' ? rsi : price;
        if (!isMoving) {
          // Polled by now and then: as good as before.
          expect({ name, state, source, as_of }).toMatchObject({
            name,
            state: 'live',
            as_of: before.get(name)?.as_of,
          });
        } else if (giver !== undefined) {
          expect({ name, state, source }).toEqual({ name, state: 'live', source: giver });
        } else {
          // The last that was shown, with its own time, which heartbeats had moved within the last 15 s.
          expect({ name, state }).toEqual({ name, state: 'stale' });
          const laterMs = Date.parse(as_of ?? '') - Date.parse(before.get(name)?.as_of ?? '');
          expect(laterMs).toBeWithin(-15_000, 2000);
        }
      }
    },
  );

  test('and only the stream of the one exchange dies, its candles go on', async () => {
    const { simulator, pass, figures, end } = await setUp();
    simulator.states.setStates({ coinbase: 'dead', kraken: 'dead' });
    await pass(WITHIN_MS);
    simulator.streams.setFaults({ binance: { refuse: 503 } });
    simulator.streams.act('binance', { do: 'cut' });
    await pass(WITHIN_MS);
    const shown = await figures();
    await end();
    expect(shown.get('rsi_14')).toMatchObject({ state: 'live', source: 'binance' });
    expect(shown.get('coins.BTC')).toMatchObject({ state: 'live', source: 'coingecko' });
  });

  test('and prices fail for an hour, the same upstream’s figures of the market are asked for all the same', async () => {
    const { simulator, pass, figures, end } = await setUp();
    simulator.faults.set({ '/api/v3/simple/price': { status: 500 } });
    simulator.states.setStates({ binance: 'dead', coinbase: 'dead', kraken: 'dead' });
    const before = simulator.requests().counts['/api/v3/global'] ?? 0;
    await pass(3_600_000);
    const { counts } = simulator.requests();
    const shown = await figures();
    await end();
    expect((counts['/api/v3/global'] ?? 0) - before).toBe(12);
    expect(shown.get('market')).toMatchObject({ state: 'live', source: 'coingecko' });
    // Less and less often.
    expect(counts['/api/v3/simple/price']).toBeWithin(20, 90);
  }, 30_000);

  test('and the stand-in fails for a while too, it is asked until it answers', async () => {
    const { simulator, pass, figures, end } = await setUp();
    simulator.faults.set({ '/api/v3/simple/price': { status: 500 } });
    simulator.states.setStates({ binance: 'dead', coinbase: 'dead', kraken: 'dead' });
    await pass(8000);
    simulator.faults.clear();
    await pass(WITHIN_MS);
    const shown = await figures();
    await end();
    expect(shown.get('coins.BTC')).toMatchObject({ state: 'live', source: 'coingecko' });
  });

  test('and they come back, they are shown again', async () => {
    const { simulator, pass, figures, end } = await setUp();
    const all = (state: 'dead' | 'ok') =>
      simulator.states.setStates(Object.fromEntries(PRICE_SOURCES.map((id) => [id, state])));
    all('dead');
    await pass(60_000);
    all('ok');
    // The longest wait between two tries of a stream.
    await pass(31_000);
    const shown = await figures();
    await end();
    expect(shown.get('coins.BTC')).toMatchObject({ state: 'live', source: 'binance' });
    expect(shown.get('rsi_14')).toMatchObject({ state: 'live', source: 'binance' });
  });
});
