/** Fills the charts' past from what upstreams tell of it: at the start, after a gap, and whenever an interval has ended. */

import type { Clock, Timer } from '../../contract/index.ts';
import { askedFor } from './gaps.ts';
import { type Missing, missingOf, type Need, needsOf } from './needs.ts';
import type { CandleAnswer, PastAnswer, PastDesk } from './past.ts';
import { pastRows } from './past-rows.ts';
import { type Span, type Spans, spansBefore, withSpan } from './spans.ts';
import { bucketOf, DAY_S } from './tiers.ts';
import type { WatchedRows } from './watched-rows.ts';

/** What was asked for and answered, by need; one for all terms of a process. */
export type AskedBefore = Map<string, Spans>;

/** What a filler is made of. */
export interface FillerDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly rows: WatchedRows;
  readonly desk: PastDesk;
  /** Symbols. */
  readonly coins: readonly string[];
  readonly asked: AskedBefore;
  readonly log: {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** Fills from when it is made until it is closed. */
export interface Filler {
  /** Whether pages of the past are being asked for now. */
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
/** From a pass in which nobody answered to the next; twice as long after each further one, up to the second, ms. */
export const FIRST_RETRY_MS = 30_000;
export const MAX_RETRY_MS = 5 * 60_000;
/** Where a page came so short a time ago, what fails does so for reasons of its own, ms. */
const ANSWERING_MS = 10 * 60_000;
/** What fails while others are answered (a coin that no exchange knows) is put off for longer and longer, up to this. */
export const MAX_PUT_OFF_MS = 30 * 60_000;
/** After so many failures in a row the others would most likely fail too. */
const FAILURES_A_PASS = 2;
/** Then what is missing is looked for anew: what has ended meanwhile comes before what is months old. */
export const PAGES_A_PASS = 50;
const NEXT_PASS_MS = 1000;
/** From one look at the rows to the next, ms: some take milliseconds, and requests are answered in between. */
const LOOK_SPACING_MS = 5;
/** What ended less than so long before it was asked for may not have been there yet, s. */
const SETTLED_AFTER_S = 300;
/** A pass of more pages than this is worth a line. */
const QUIET_PAGES = 6;

/** A need, and what came of asking for it. */
interface Case {
  readonly need: Need;
  readonly rank: number;
  /** In a row. */
  failures: number;
  /** On the monotonic clock. */
  notBeforeMs: number;
  /** Nothing was missing while this was the open interval's beginning, seconds since 1970. */
  wholeAtS: number | null;
}

/** What is missing of a case. */
interface Lack extends Missing {
  readonly case: Case;
}

/** Begins {@link FIRST_PASS_MS} from now. */
export function createFiller(deps: FillerDeps): Filler {
  const { clock, random, log } = deps;
  const cases = needsOf(deps.coins).map(
    (need, rank): Case => ({ need, rank, failures: 0, notBeforeMs: 0, wholeAtS: null }),
  );
  const term: TermState = { isClosed: false, answeredAtMs: Number.NEGATIVE_INFINITY };
  let isFilling = false;
  let failedPasses = 0;
  let timer: Timer | null = null;

  const arm = (waitMs: number) => {
    isFilling = false;
    if (!term.isClosed) timer = clock.after(waitMs, () => void run());
  };
  const run = async () => {
    isFilling = true;
    try {
      const end = await runPass(deps, cases, term);
      failedPasses = end === 'failed' ? failedPasses + 1 : 0;
      arm(end === 'unfinished' ? NEXT_PASS_MS : waitMs());
    } catch (err) {
      log.error({ err }, 'filling the past failed');
      arm(MAX_RETRY_MS);
    }
  };
  /** To the next turn, or to what is to be tried again before. */
  const waitMs = () => {
    if (failedPasses > 0) return retryMs(failedPasses, MAX_RETRY_MS, random);
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
      isFilling = false;
      timer?.cancel();
    },
  };
}

interface TermState {
  isClosed: boolean;
  /** When the last page came, on the monotonic clock. */
  answeredAtMs: number;
}

/** @param failures in a row, at least 1 */
const retryMs = (failures: number, maxMs: number, random: () => number): number =>
  Math.min(maxMs, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.75 + 0.25 * random());

/** Looks what is missing, and asks for it page by page. */
async function runPass(
  deps: FillerDeps,
  cases: readonly Case[],
  term: TermState,
): Promise<'filled' | 'unfinished' | 'failed'> {
  const { clock, random, asked, desk, log } = deps;
  const nowS = () => Math.floor(clock.now() / 1000);
  const lacks = new Map<Case, Lack>();
  for (const { need } of cases) forgetWhatIsToCome(asked, need, nowS());
  /** What is not asked for again in this pass: what was not there a moment ago is for the next. */
  const answered: AskedBefore = new Map(asked);
  const look = (one: Case) => {
    const { need } = one;
    lacks.delete(one);
    const isNeeded = need.isNeeded?.(deps.rows, nowS()) ?? true;
    const openS = bucketOf(nowS(), need.intervalS);
    if (!isNeeded || one.wholeAtS === openS) return;
    const missing = missingOf(need, deps.rows, nowS(), answered.get(need.name) ?? []);
    if (missing !== null) lacks.set(one, { case: one, ...missing });
    else {
      one.failures = 0;
      // What was asked for just now is looked at once more.
      if (answered.get(need.name) === asked.get(need.name)) one.wholeAtS = openS;
    }
  };
  for (const one of cases) {
    await pause(clock, LOOK_SPACING_MS);
    if (term.isClosed) return 'filled';
    if (one.notBeforeMs <= clock.monotonic()) look(one);
  }

  const failed: Case[] = [];
  let inARow = 0;
  let [pages, rows] = [0, 0];
  while (pages < PAGES_A_PASS && inARow < FAILURES_A_PASS) {
    const [next] = [...lacks.values()].sort(inOrder);
    if (next === undefined) break;
    const one = next.case;
    // Other nodes may have told of it meanwhile.
    look(one);
    const gap = lacks.get(one)?.gap;
    if (gap === undefined) continue;
    const answer = await desk.ask(one.need.wanted(askedFor(gap, one.need.intervalS, nowS())));
    if (term.isClosed) return 'filled';
    pages += 1;
    if (answer === null) {
      inARow += 1;
      one.failures += 1;
      failed.push(one);
      lacks.delete(one);
      continue;
    }
    inARow = 0;
    term.answeredAtMs = clock.monotonic();
    // Whatever it was that failed is over, perhaps for the others too.
    if (one.failures > 0) for (const other of cases) other.notBeforeMs = 0;
    one.failures = 0;
    const kept = answer === 'unknown' ? 0 : keep(deps, answer);
    rows += kept;
    noteAsked(answered, one.need, gap, answer, Number.POSITIVE_INFINITY);
    noteAsked(asked, one.need, gap, answer, nowS() - SETTLED_AFTER_S);
    look(one);
    // Whoever answers beside what was asked would be asked for ever.
    if (kept === 0 && lacks.get(one)?.gap.toS === gap.toS) lacks.delete(one);
  }
  if (pages > QUIET_PAGES) log.info({ pages, rows }, 'the past was asked for');
  const isAnybodyThere = clock.monotonic() - term.answeredAtMs < ANSWERING_MS;
  if (failed.length > 0 && !isAnybodyThere) return 'failed';
  for (const one of failed) {
    one.notBeforeMs = clock.monotonic() + retryMs(one.failures, MAX_PUT_OFF_MS, random);
  }
  return pages === PAGES_A_PASS ? 'unfinished' : 'filled';
}

/** What charts show before what is only kept, and those that have failed last after the others. */
const inOrder = (a: Lack, b: Lack): number =>
  Number(b.isShown) - Number(a.isShown) ||
  a.case.failures - b.case.failures ||
  a.case.rank - b.case.rank;

/** @returns how many rows were new */
function keep({ rows }: FillerDeps, answer: PastAnswer): number {
  const { samples, keeps, candles } = pastRows(answer);
  return rows.keepCandles(candles).length + rows.keepSamples(samples, keeps).length;
}

/**
 * What was answered is not asked for again: holes stay holes.
 * @param settledS what ended after it may come yet, seconds since 1970
 */
function noteAsked(
  asked: AskedBefore,
  { name, intervalS, of }: Need,
  gap: Span,
  answer: PastAnswer | 'unknown',
  settledS: number,
): void {
  if (of !== undefined && answer !== 'unknown' && answer.source !== of) return;
  const { fromS, toS } = answer === 'unknown' || answer.kind === 'fng' ? gap : spanOf(answer, gap);
  const endS = Math.min(toS, bucketOf(settledS, intervalS));
  asked.set(name, withSpan(asked.get(name) ?? [], { fromS, toS: endS }));
}

/** Before hundreds of days without a candle there was no market. */
const spanOf = ({ fromS, toS, intervalS, candles }: CandleAnswer, gap: Span): Span => ({
  fromS: intervalS === DAY_S && candles.length === 0 ? Math.min(fromS, gap.fromS) : fromS,
  toS,
});

/** What was asked for while the clock was ahead is still to come. */
function forgetWhatIsToCome(asked: AskedBefore, { name, intervalS }: Need, nowS: number): void {
  const spans = asked.get(name);
  if (spans !== undefined) asked.set(name, spansBefore(spans, bucketOf(nowS, intervalS)));
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve));
