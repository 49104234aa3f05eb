/** What happens in the demo, again and again: a stream that is cut, a source that fails, an exchange that deviates. */

import type { Clock, Timer } from '../contract/index.ts';
import type { Fault } from './faults.ts';
import type { RemoteControl } from './remote-control.ts';

/** What the script does things to. */
export type DemoStage = Pick<
  RemoteControl,
  'setFaults' | 'setStreamFaults' | 'actOnStream' | 'setMarket'
>;

/** What it needs. */
export interface DemoScriptDeps {
  readonly clock: Clock;
  readonly stage: DemoStage;
  /** Told in one line what happens now. */
  readonly say: (line: string) => void;
}

/** One thing that happens. */
interface Act {
  readonly says: string;
  readonly lastsS: number;
  begin(stage: DemoStage): Promise<unknown>;
  end(stage: DemoStage): Promise<unknown>;
}

/** Ends before the server gives a connection up that brings nothing, 20 seconds after it has opened one. */
const CUT: Act = {
  says: 'Binance’s stream is cut for about 20 seconds; Coinbase’s prices are shown',
  lastsS: 18,
  async begin(stage) {
    // New connections open, but say nothing: refused ones would be tried ever more rarely, and the end not be seen.
    await stage.setStreamFaults({ binance: { silent: true } });
    await stage.actOnStream('binance', { do: 'cut' });
  },
  end: (stage) => stage.setStreamFaults({ binance: null }),
};

const DEVIATION_PCT = 3;

const DEVIATION: Act = {
  says: `Kraken’s prices are ${DEVIATION_PCT} % off for half a minute; it is set aside`,
  lastsS: 30,
  begin: (stage) => stage.setMarket({ exchange_offset_percent: { kraken: DEVIATION_PCT } }),
  end: (stage) => stage.setMarket({ exchange_offset_percent: { kraken: null } }),
};

const COINGECKO_ROUTES = ['/api/v3/global', '/api/v3/simple/price'];

/** As long as a round of the demo takes to come, and a second. */
const FAILURE: Act = {
  says: 'CoinGecko fails for a round; its last figures stand',
  lastsS: 16,
  begin: (stage) => stage.setFaults(faultsOfCoingecko({ status: 503, times: 1 })),
  end: (stage) => stage.setFaults(faultsOfCoingecko(null)),
};

const faultsOfCoingecko = (fault: Fault | null) =>
  Object.fromEntries(COINGECKO_ROUTES.map((route) => [route, fault]));

/** Seconds after which everything begins anew; no act is under way then. */
const CYCLE_S = 270;

/** When, in seconds of a cycle; a cut every minute and a half, and never two things at once. */
const PROGRAMME: readonly (readonly [atS: number, act: Act])[] = [
  [40, CUT],
  [85, FAILURE],
  [130, CUT],
  [175, DEVIATION],
  [220, CUT],
];

/**
 * Begins the script.
 * @returns ends it; what is wrong then stays so, for the simulator ends too
 */
export function startDemoScript({ clock, stage, say }: DemoScriptDeps): () => void {
  const startMs = clock.monotonic();
  let isOver = false;
  let timer: Timer;

  const at = (seconds: number, run: () => void) => {
    timer = clock.after(startMs + seconds * 1000 - clock.monotonic(), run);
  };
  const perform = async (doing: Promise<unknown>, then: () => void): Promise<void> => {
    // A simulator that no longer answers has ended, and the demo with it.
    await doing.catch(() => {});
    if (!isOver) then();
  };
  const play = (index: number) => {
    const cycle = Math.floor(index / PROGRAMME.length);
    const [atS, act] = PROGRAMME[index % PROGRAMME.length] ?? [0, CUT];
    const beginS = cycle * CYCLE_S + atS;
    at(beginS, () => {
      say(act.says);
      perform(act.begin(stage), () => {
        at(beginS + act.lastsS, () => perform(act.end(stage), () => play(index + 1)));
      });
    });
  };
  play(0);
  return () => {
    isOver = true;
    timer.cancel();
  };
}
