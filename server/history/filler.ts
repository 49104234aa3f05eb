/** Fills the charts' past from what upstreams tell of it: at the start, after a gap, and whenever an interval has ended. */

import type { Timer } from '../../contract/index.ts';
import {
  type Case,
  type PassDeps,
  type PassEnd,
  retryMs,
  runPass,
  type TermState,
} from './fill-pass.ts';
import { needsOf } from './needs.ts';

/** What a filler is made of. */
export interface FillerDeps extends PassDeps {
  /** Symbols. */
  readonly coins: readonly string[];
  readonly log: PassDeps['log'] & { error(fields: object, message: string): void };
}

/** Fills from when it is made until it is closed. */
export interface Filler {
  /**
   * Whether there is more to come: until a first pass has ended with all there is, while another runs, and as long as one
   * has left something that is to be tried again. A closed one says what it said last.
   */
  isFilling(): boolean;
  close(): void;
}

/** The first round goes first, and nothing may be asked before what upstreams allow is known. */
export const FIRST_PASS_MS = 3000;
/** From the end of five minutes to the next pass: exchanges have closed the candle by then. */
export const AFTER_TURN_MS = 5000;
/** That is spread by so much, so that not every server in the world asks at the same second. */
export const TURN_SPREAD_MS = 10_000;
/** The finest interval that is filled, s. */
const TURN_S = 300;
/** From a pass in which nobody answered to the next: longer and longer, up to this, ms. */
export const MAX_RETRY_MS = 5 * 60_000;
/** From a pass that left something to the next, ms. */
const NEXT_PASS_MS = 1000;

/** Begins {@link FIRST_PASS_MS} from now. */
export function createFiller(deps: FillerDeps): Filler {
  const { clock, random, log } = deps;
  const cases = needsOf(deps.coins).map(
    (need, rank): Case => ({
      ...{ need, rank, failures: 0, notBeforeMs: 0 },
      ...{ wholeAtS: null, wholeUntilMs: 0 },
    }),
  );
  const term: TermState = { isClosed: false, answeredAtMs: Number.NEGATIVE_INFINITY };
  let isFilling = true;
  let failedPasses = 0;
  let timer: Timer | null = null;

  const arm = (waitMs: number) => {
    if (!term.isClosed) timer = clock.after(waitMs, () => void run());
  };
  const run = async () => {
    isFilling = true;
    try {
      const end = await runPass(deps, cases, term);
      if (term.isClosed) return;
      failedPasses = end === 'failed' ? failedPasses + 1 : 0;
      isFilling = end !== 'filled' || cases.some(({ failures }) => failures > 0);
      arm(waitMs(end));
    } catch (err) {
      log.error({ err }, 'filling the past failed');
      arm(MAX_RETRY_MS);
    }
  };
  /** To the next turn, or to what is to be tried again before. */
  const waitMs = (end: PassEnd) => {
    if (end === 'failed') return retryMs(failedPasses, MAX_RETRY_MS, random);
    if (end === 'unfinished') return NEXT_PASS_MS;
    const turnMs = TURN_S * 1000 - (clock.now() % (TURN_S * 1000));
    const putOffMs = cases
      .filter(({ failures }) => failures > 0)
      .map(({ notBeforeMs }) => Math.max(NEXT_PASS_MS, notBeforeMs - clock.monotonic()));
    return Math.min(turnMs + AFTER_TURN_MS + TURN_SPREAD_MS * random(), ...putOffMs);
  };
  arm(FIRST_PASS_MS);
  return {
    isFilling: () => isFilling,
    close() {
      term.isClosed = true;
      timer?.cancel();
    },
  };
}
