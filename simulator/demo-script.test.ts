import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock, type ManualClock } from '../contract/manual-clock.ts';
import { type DemoStage, startDemoScript } from './demo-script.ts';
import { createInProcessSimulator, type InProcessSimulator } from './in-process.ts';

let clock: ManualClock;
let simulator: InProcessSimulator;
let said: { readonly atS: number; readonly line: string }[];
let end: () => void;

const stageOf = ({ faults, streams, market }: InProcessSimulator): DemoStage => ({
  setFaults: async (changes) => faults.set(changes),
  setStreamFaults: async (changes) => streams.setFaults(changes),
  actOnStream: async (exchange, action) => streams.act(exchange, action),
  async setMarket(change) {
    market.set(change);
    return market.figures();
  },
});

beforeEach(() => {
  clock = createManualClock();
  simulator = createInProcessSimulator({ clock, seed: 1 });
  said = [];
  end = startDemoScript({
    clock,
    stage: stageOf(simulator),
    say: (line) => said.push({ atS: clock.monotonic() / 1000, line }),
  });
});
afterEach(() => {
  end();
  simulator.close();
});

const inSeconds = (atS: number) => clock.advanceAsync(atS * 1000 - clock.monotonic());

const isBinanceSilent = () => simulator.streams.faults().binance.silent === true;

const krakenOffPct = () => {
  const [btc, kraken] = [
    simulator.market.coin('BTC'),
    simulator.market.exchangeCoin('kraken', 'BTC'),
  ];
  return ((kraken?.price ?? 0) / (btc?.price ?? 1) - 1) * 100;
};

describe('the script of the demo', () => {
  test('cuts Binance’s stream every minute and a half, for about twenty seconds', async () => {
    const ends: number[] = [];
    const events = { opened() {}, frame() {}, pinged() {} };
    simulator.connect(
      'ws://binance.simulated/ws',
      {},
      { ...events, ended: () => ends.push(clock.monotonic() / 1000) },
    );
    for (const begin of [40, 130, 220, 310]) {
      await inSeconds(begin - 1);
      expect(isBinanceSilent()).toBe(false);
      await inSeconds(begin + 1);
      expect(isBinanceSilent()).toBe(true);
      await inSeconds(begin + 17);
      expect(isBinanceSilent()).toBe(true);
      await inSeconds(begin + 19);
      expect(isBinanceSilent()).toBe(false);
    }
    expect(ends).toEqual([40]);
  });

  test('lets CoinGecko fail for a round, and Kraken deviate for half a minute', async () => {
    await inSeconds(86);
    const faults = simulator.faults.all();
    expect(faults).toEqual({
      '/api/v3/global': { status: 503, times: 1 },
      '/api/v3/simple/price': { status: 503, times: 1 },
    });
    await inSeconds(102);
    expect(simulator.faults.all()).toEqual({});
    expect(Math.abs(krakenOffPct())).toBeLessThan(0.1);
    await inSeconds(176);
    expect(krakenOffPct()).toBeCloseTo(3, 0);
    await inSeconds(206);
    expect(Math.abs(krakenOffPct())).toBeLessThan(0.1);
  });

  test('says each thing in one line when it happens, and goes on for ever', async () => {
    await inSeconds(3 * 270 - 1);
    expect(said.map(({ atS }) => atS)).toEqual(
      [0, 270, 540].flatMap((cycle) => [40, 85, 130, 175, 220].map((atS) => cycle + atS)),
    );
    expect(said.slice(0, 5).map(({ line }) => line.split(' ')[0])).toEqual([
      'Binance’s',
      'CoinGecko',
      'Binance’s',
      'Kraken’s',
      'Binance’s',
    ]);
    for (const { line } of said) expect(line).not.toContain('\n');
  });

  test('goes on when the simulator does not answer', async () => {
    const lines: string[] = [];
    const away = () => Promise.reject(new Error('away'));
    const stage = { setFaults: away, setStreamFaults: away, actOnStream: away, setMarket: away };
    const endOther = startDemoScript({ clock, stage, say: (line) => lines.push(line) });
    await inSeconds(269);
    expect(lines).toHaveLength(5);
    endOther();
  });

  test.each([10, 45])('does nothing after its end, %d seconds in', async (atS) => {
    await inSeconds(atS);
    const before = said.length;
    end();
    await inSeconds(600);
    expect(said).toHaveLength(before);
    expect(clock.pending()).toBe(0);
  });
});
