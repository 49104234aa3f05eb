/** One pass of the filler: looks what is missing, asks for it page by page, and puts off what fails. */

import type { Clock } from '../../contract/index.ts';
import { askedFor } from './gaps.ts';
import { type Missing, missingOf, type Need } from './needs.ts';
import type { CandleAnswer, PastAnswer, PastDesk } from './past.ts';
import { pastRows } from './past-rows.ts';
import { type Span, type Spans, spansBefore, withSpan } from './spans.ts';
import { bucketOf, DAY_S } from './tiers.ts';
import type { WatchedRows } from './watched-rows.ts';

/** What was asked for and answered, by need; one for all terms of a process. */
export type AskedBefore = Map<string, Spans>;

/** What a pass is made of. */
export interface PassDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly rows: WatchedRows;
  readonly desk: PastDesk;
  readonly asked: AskedBefore;
  readonly log: { info(fields: object, message: string): void };
}

/** A need, and what came of asking for it. */
export interface Case {
  readonly need: Need;
  readonly rank: number;
  /** In a row. */
  failures: number;
  /** On the monotonic clock. */
  notBeforeMs: number;
  /** Nothing was missing while this was the open interval's beginning, seconds since 1970. */
  wholeAtS: number | null;
}

/** What passes of one term have in common. */
export interface TermState {
  isClosed: boolean;
  /** When the last page came, on the monotonic clock. */
  answeredAtMs: number;
}

/** `unfinished`: there is more to be asked for now; `failed`: nobody answered. */
export type PassEnd = 'filled' | 'unfinished' | 'failed';

/** From a first failure to the next try; twice as long after each further one, ms. */
export const FIRST_RETRY_MS = 30_000;
/** What fails while others are answered (a coin that no exchange knows) is put off for longer and longer, up to this. */
export const MAX_PUT_OFF_MS = 30 * 60_000;
/** Where a page came so short a time ago, what fails does so for reasons of its own, ms. */
const ANSWERING_MS = 10 * 60_000;
/** After so many failures in a row the others would most likely fail too. */
const FAILURES_A_PASS = 2;
/** Then what is missing is looked for anew: what has ended meanwhile comes before what is months old. */
export const PAGES_A_PASS = 50;
/** From one look at the rows to the next, ms: some take milliseconds, and requests are answered in between. */
const LOOK_SPACING_MS = 5;
/** What ended less than so long before it was asked for may not have been there yet, s. */
const SETTLED_AFTER_S = 300;
/** A pass of more pages than this is worth a line. */
const QUIET_PAGES = 6;

/** @param failures in a row, at least 1 */
export const retryMs = (failures: number, maxMs: number, random: () => number): number =>
  Math.min(maxMs, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.75 + 0.25 * random());

/** What is missing of a case. */
interface Lack extends Missing {
  readonly case: Case;
}

/** A pass under way. */
interface Pass extends PassDeps {
  readonly cases: readonly Case[];
  readonly term: TermState;
  readonly lacks: Map<Case, Lack>;
  /** What is not asked for again in this pass: what was not there a moment ago is for the next. */
  readonly answered: AskedBefore;
  readonly failed: Case[];
  pages: number;
  /** New ones. */
  kept: number;
}

/** Runs one; what comes after the term's end is not kept. */
export async function runPass(
  deps: PassDeps,
  cases: readonly Case[],
  term: TermState,
): Promise<PassEnd> {
  const { asked } = deps;
  for (const { need } of cases) forgetWhatIsToCome(asked, need, nowS(deps));
  const pass: Pass = {
    ...{ ...deps, cases, term, answered: new Map(asked) },
    ...{ lacks: new Map(), failed: [], pages: 0, kept: 0 },
  };
  await lookForAll(pass);
  await askForPages(pass);
  return term.isClosed ? 'filled' : settle(pass);
}

const nowS = ({ clock }: Pick<PassDeps, 'clock'>): number => Math.floor(clock.now() / 1000);

async function lookForAll(pass: Pass): Promise<void> {
  const { cases, clock, term } = pass;
  for (const one of cases) {
    await pause(clock, LOOK_SPACING_MS);
    if (term.isClosed) return;
    const openS = bucketOf(nowS(pass), one.need.intervalS);
    if (one.notBeforeMs > clock.monotonic() || one.wholeAtS === openS) continue;
    if (look(pass, one) === null && isNeeded(pass, one)) one.wholeAtS = openS;
  }
}

const isNeeded = (pass: Pass, { need }: Case): boolean =>
  need.isNeeded?.(pass.rows, nowS(pass)) ?? true;

/**
 * Looks what is missing of a case, and notes it.
 * @param within what was missing before: the rest need not be read again
 */
function look(pass: Pass, one: Case, within?: Span): Lack | null {
  const { lacks, rows, answered } = pass;
  const asked = answered.get(one.need.name) ?? [];
  const missing = isNeeded(pass, one) ? missingOf(one.need, rows, nowS(pass), asked, within) : null;
  if (missing === null) {
    one.failures = 0;
    lacks.delete(one);
    return null;
  }
  const lack = { case: one, ...missing };
  lacks.set(one, lack);
  return lack;
}

async function askForPages(pass: Pass): Promise<void> {
  const { lacks, desk, term } = pass;
  let failedInARow = 0;
  while (pass.pages < PAGES_A_PASS && failedInARow < FAILURES_A_PASS) {
    const [next] = [...lacks.values()].sort(inOrder);
    if (next === undefined || term.isClosed) return;
    const { need } = next.case;
    // Other nodes may have told of it meanwhile.
    const lack = look(pass, next.case, next.gap);
    if (lack === null) continue;
    const answer = await desk.ask(need.wanted(askedFor(lack.gap, need.intervalS, nowS(pass))));
    if (term.isClosed) return;
    pass.pages += 1;
    if (answer === null) {
      failedInARow += 1;
      noteFailure(pass, lack);
    } else {
      // What nobody has was asked of nobody.
      if (answer !== 'unknown') {
        failedInARow = 0;
        noteThatSomebodyIsThere(pass, lack);
      }
      take(pass, lack, answer);
    }
  }
}

/** What charts show before what is only kept, and those that have failed last after the others. */
const inOrder = (a: Lack, b: Lack): number =>
  Number(b.isShown) - Number(a.isShown) ||
  a.case.failures - b.case.failures ||
  a.case.rank - b.case.rank;

/** Whatever it was that failed is over, perhaps for the others too. */
function noteThatSomebodyIsThere({ cases, clock, term }: Pass, { case: one }: Lack): void {
  term.answeredAtMs = clock.monotonic();
  if (one.failures > 0) for (const other of cases) other.notBeforeMs = 0;
}

function take(pass: Pass, { case: one, gap }: Lack, answer: PastAnswer | 'unknown'): void {
  const { answered, asked, lacks } = pass;
  one.failures = 0;
  const kept = answer === 'unknown' ? 0 : keep(pass, answer);
  pass.kept += kept;
  noteAsked(answered, one.need, gap, answer, Number.POSITIVE_INFINITY);
  noteAsked(asked, one.need, gap, answer, nowS(pass) - SETTLED_AFTER_S);
  const left = look(pass, one, gap);
  // Whoever answers beside what was asked would be asked for ever.
  if (kept === 0 && left?.gap.toS === gap.toS) lacks.delete(one);
}

function noteFailure({ failed, lacks }: Pass, { case: one }: Lack): void {
  one.failures += 1;
  failed.push(one);
  lacks.delete(one);
}

function settle({ failed, pages, kept, clock, random, log, term }: Pass): PassEnd {
  if (pages > QUIET_PAGES) log.info({ pages, rows: kept }, 'the past was asked for');
  const isAnybodyThere = clock.monotonic() - term.answeredAtMs < ANSWERING_MS;
  if (failed.length > 0 && !isAnybodyThere) return 'failed';
  for (const one of failed) {
    one.notBeforeMs = clock.monotonic() + retryMs(one.failures, MAX_PUT_OFF_MS, random);
  }
  return pages === PAGES_A_PASS ? 'unfinished' : 'filled';
}

/** @returns how many rows were new */
function keep({ rows }: Pass, answer: PastAnswer): number {
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
