/** One pass of the filler: looks what is missing, asks for it page by page, and puts off what fails. */

import type { Clock, SourceId } from '../../contract/index.ts';
import { askedFor } from './gaps.ts';
import { firstEndMs, type Holes, spansOfHoles, withHole } from './holes.ts';
import { type Missing, missingOf, type Need } from './needs.ts';
import type { CandleAnswer, PastAnswer, PastDesk } from './past.ts';
import { pastRows } from './past-rows.ts';
import { isWithin, type Span, type Spans, spansBefore, withSpan } from './spans.ts';
import { bucketOf, DAY_S } from './tiers.ts';
import type { WatchedRows } from './watched-rows.ts';

/** What nobody could tell of, by need; one for all terms of a process. */
export type AskedBefore = Map<string, Holes>;

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
  /** Then the first of its holes is to be asked for again, on the monotonic clock. */
  wholeUntilMs: number;
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
  readonly answered: Map<string, Spans>;
  /** What each exchange has told of in this pass: what is missing there the next is asked for. */
  readonly told: Map<string, Map<SourceId, Spans>>;
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
  const { asked, clock } = deps;
  for (const { need } of cases) forgetWhatIsToCome(asked, need, nowS(deps));
  const holes = [...asked].map(
    ([name, some]) => [name, spansOfHoles(some, clock.monotonic())] as const,
  );
  const pass: Pass = {
    ...{ ...deps, cases, term, answered: new Map(holes), told: new Map() },
    ...{ lacks: new Map(), failed: [], pages: 0, kept: 0 },
  };
  await lookForAll(pass);
  await askForPages(pass);
  return term.isClosed ? 'filled' : settle(pass);
}

const nowS = ({ clock }: Pick<PassDeps, 'clock'>): number => Math.floor(clock.now() / 1000);

async function lookForAll(pass: Pass): Promise<void> {
  const { asked, cases, clock, term } = pass;
  for (const one of cases) {
    await pause(clock, LOOK_SPACING_MS);
    if (term.isClosed) return;
    const openS = bucketOf(nowS(pass), one.need.intervalS);
    const nowMs = clock.monotonic();
    const isWhole = one.wholeAtS === openS && nowMs < one.wholeUntilMs;
    if (one.notBeforeMs > nowMs || isWhole) continue;
    if (look(pass, one) === null && isNeeded(pass, one)) {
      one.wholeAtS = openS;
      one.wholeUntilMs = firstEndMs(asked.get(one.need.name) ?? [], nowMs);
    }
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
    const { gap, not } = questionOf(pass, lack);
    const wanted = need.wanted(askedFor(gap, need.intervalS, nowS(pass)));
    const answer = await desk.ask(
      wanted.kind === 'candles' && not.length > 0 ? { ...wanted, not } : wanted,
    );
    if (term.isClosed) return;
    pass.pages += 1;
    // Somebody has answered of it already: whether others would is for later.
    if (answer === null && not.length === 0) {
      failedInARow += 1;
      noteFailure(pass, lack);
    } else {
      // What nobody has was asked of nobody.
      if (answer !== 'unknown' && answer !== null) {
        failedInARow = 0;
        noteThatSomebodyIsThere(pass, lack);
      }
      take(pass, { ...lack, gap }, answer ?? 'unknown');
    }
  }
}

/** What to ask for: of what some have told of already, only that, and only the others. */
function questionOf(pass: Pass, { case: { need }, gap }: Lack) {
  const newestS = gap.toS - need.intervalS;
  const not: SourceId[] = [];
  let { fromS } = gap;
  for (const [source, spans] of pass.told.get(need.name) ?? []) {
    const span = spans.find((one) => isWithin([one], newestS));
    if (span === undefined) continue;
    not.push(source);
    fromS = Math.max(fromS, span.fromS);
  }
  const within = { fromS, toS: gap.toS };
  const answered = pass.answered.get(need.name) ?? [];
  const missing = not.length > 0 ? missingOf(need, pass.rows, nowS(pass), answered, within) : null;
  return { gap: missing?.gap ?? gap, not };
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
  one.failures = 0;
  const kept = answer === 'unknown' ? 0 : keep(pass, answer);
  pass.kept += kept;
  const hasTold = noteAnswer(pass, one.need, gap, answer);
  const left = look(pass, one, pass.lacks.get(one)?.gap ?? gap);
  // Whoever answers beside what was asked would be asked for ever.
  if (kept === 0 && !hasTold && left?.gap.toS === gap.toS) pass.lacks.delete(one);
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
 * What an exchange has answered is not asked of it again, and what nobody else has of that is a hole; but what has ended a
 * moment ago may come yet.
 * @returns whether the others are asked now for the newest of it that is missing
 */
function noteAnswer(pass: Pass, need: Need, gap: Span, answer: PastAnswer | 'unknown'): boolean {
  const { name, intervalS, of } = need;
  if (of !== undefined && answer !== 'unknown' && answer.source !== of) return false;
  const { answered, asked, clock, told, rows } = pass;
  const settledS = bucketOf(nowS(pass) - SETTLED_AFTER_S, intervalS);
  const noteForNow = (span: Span) => answered.set(name, withSpan(answered.get(name) ?? [], span));
  if (answer !== 'unknown' && answer.kind === 'candles' && of === undefined) {
    const { fromS, toS } = wholeOf(spanOf(answer, gap), intervalS);
    noteForNow({ fromS: Math.max(fromS, settledS), toS });
    // The interval before the gap was asked for beside it.
    const settled = { fromS: Math.max(fromS, gap.fromS), toS: Math.min(toS, settledS) };
    const byName = told.get(name) ?? new Map<SourceId, Spans>();
    told.set(name, byName.set(answer.source, withSpan(byName.get(answer.source) ?? [], settled)));
    return isWithin([settled], gap.toS - intervalS);
  }
  const span = answer === 'unknown' || answer.kind === 'fng' ? gap : spanOf(answer, gap);
  const hole = missingOf(need, rows, nowS(pass), [], wholeOf(span, intervalS))?.gap;
  noteForNow(span);
  if (hole !== undefined) {
    const settled = { fromS: hole.fromS, toS: Math.min(hole.toS, settledS) };
    asked.set(name, withHole(asked.get(name) ?? [], settled, clock.monotonic()));
  }
  return false;
}

/** The whole intervals of a span; of the last one its beginning is enough. */
const wholeOf = ({ fromS, toS }: Span, intervalS: number): Span => ({
  fromS: Math.ceil(fromS / intervalS) * intervalS,
  toS: Math.ceil(toS / intervalS) * intervalS,
});

/** Before hundreds of days without a candle there was no market. */
const spanOf = ({ fromS, toS, intervalS, candles }: CandleAnswer, gap: Span): Span => ({
  fromS: intervalS === DAY_S && candles.length === 0 ? Math.min(fromS, gap.fromS) : fromS,
  toS,
});

/** What was asked for while the clock was ahead is still to come. */
function forgetWhatIsToCome(asked: AskedBefore, { name, intervalS }: Need, nowS: number): void {
  const holes = asked.get(name);
  if (holes !== undefined) asked.set(name, spansBefore(holes, bucketOf(nowS, intervalS)));
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve));
