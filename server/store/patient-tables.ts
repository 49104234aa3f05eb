/** The tables of a file that others may lock for a while: nobody waits for them, and nothing is lost by it. */

import type { Clock, Timer } from '../../contract/index.ts';
import { readBoth } from './read-both.ts';
import { isBusy } from './sqlite-errors.ts';
import type { StoreFile } from './store-file.ts';
import { type Tables, tablesInMemory, tablesOn } from './tables.ts';

/** From one try to write what waits to the next, ms. */
const RETRY_MS = 250;
/** A lock may last so long, ms: longer than tools take to tidy a file of ours. What waits is lost in a crash. */
const MAX_LOCKED_MS = 10_000;
/** So many rows wait at most: some megabytes. It takes the past of many coins to come in while the file is locked. */
const MAX_WAITING_ROWS = 50_000;
/** Rows that are written in one go once the lock is gone: some milliseconds. */
const ROWS_A_TURN = 2000;
/** What cannot wait any longer is waited for in place, ms: a stop as a whole takes a few seconds. */
const SETTLE_MS = 1000;

/** Tables whose file may be locked. They throw as others do, and SQLITE_BUSY when there is no waiting for it any longer. */
export interface PatientTables extends Tables {
  /** Writes what waits, now. @throws the error of SQLite; what is not written waits on */
  settle(): void;
  /** Closes, after what still waits was done on other tables. */
  leaveTo(others: Tables): void;
}

/** A write that waits. */
interface Waiting {
  readonly rows: number;
  readonly write: (on: Tables) => unknown;
}

/**
 * What cannot be written now is done on tables in memory, beside the file, that are told first what the file has in the
 * same places: so every answer is what it would have been, and who reads is answered from both. Once the lock is gone
 * everything is done again on the file, in the order in which it came.
 * @param onFailed what waits could not be written, and is not tried again; called from a timer, with the error of SQLite
 */
export function createPatientTables(
  file: StoreFile,
  clock: Clock,
  onFailed: (error: unknown) => void,
): PatientTables {
  const own = tablesOn(file.database, clock);
  const waiting: Waiting[] = [];
  let beside: Tables | null = null;
  let lockedSinceMs = 0;
  let timer: Timer | null = null;

  const forget = () => {
    timer?.cancel();
    timer = null;
    beside?.close();
    beside = null;
    waiting.length = 0;
  };
  const writeSome = (maxRows: number) => {
    for (let [next, rows] = [waiting[0], 0]; next && rows < maxRows; [next] = waiting) {
      next.write(own);
      waiting.shift();
      rows += next.rows;
    }
    if (waiting.length === 0) forget();
  };
  const tryAgain = () => {
    let waitMs = 0;
    try {
      file.whileWaiting(0, () => writeSome(ROWS_A_TURN));
    } catch (error) {
      const isOver = clock.monotonic() - lockedSinceMs >= MAX_LOCKED_MS;
      if (isOver || !isBusy(error)) return onFailed(error);
      waitMs = RETRY_MS;
    }
    timer = waiting.length > 0 ? clock.after(waitMs, tryAgain) : null;
  };
  const settle = () => {
    if (waiting.length > 0) file.whileWaiting(SETTLE_MS, () => writeSome(Number.POSITIVE_INFINITY));
  };

  const write: Write = (rows, action, learn) => {
    if (waiting.reduce((sum, other) => sum + other.rows, rows) > MAX_WAITING_ROWS) settle();
    if (waiting.length === 0) {
      try {
        return action(own);
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      lockedSinceMs = clock.monotonic();
    }
    const tables = beside ?? tablesInMemory(clock);
    learn(tables);
    const answer = action(tables);
    // From here on it is read.
    beside = tables;
    waiting.push({ rows, write: action });
    timer ??= clock.after(RETRY_MS, tryAgain);
    return answer;
  };
  return {
    ...readBoth(own, () => beside),
    ...writing(own, write),
    // Whatever is over can stay a little longer.
    drop: (...bounds) => (beside === null ? unlessBusy(() => own.drop(...bounds), 0) : 0),
    settle,
    leaveTo(others) {
      for (const { write: action } of waiting) action(others);
      forget();
      file.close();
    },
    close() {
      forget();
      file.close();
    },
  };
}

/** Writes to the file, or beside it. @param learn tells what is beside what the file has in the places that are written */
type Write = <T>(rows: number, action: (on: Tables) => T, learn: (beside: Tables) => void) => T;

const writing = (
  own: Tables,
  write: Write,
): Pick<Tables, 'saveDocument' | 'saveBudget' | 'keepSamples' | 'keepCandles'> => ({
  saveDocument: (document) =>
    write(
      1,
      (on) => on.saveDocument(document),
      (beside) => {
        const held = own.loadDocument();
        if (held !== null) beside.saveDocument(held);
      },
    ),
  saveBudget: (budget) =>
    write(
      1,
      (on) => on.saveBudget(budget),
      () => {},
    ),
  keepSamples: (rows, keeps) =>
    write(
      rows.length,
      (on) => on.keepSamples(rows, keeps),
      (beside) => {
        const held = rows.flatMap((row) => own.samples({ ...row, ...momentOf(row) }));
        beside.keepSamples(held, keeps);
      },
    ),
  keepCandles: (rows) =>
    write(
      rows.length,
      (on) => on.keepCandles(rows),
      (beside) => {
        const held = rows.flatMap((row) => own.candles({ ...row, ...momentOf(row) }));
        beside.keepCandles(held);
      },
    ),
});

function unlessBusy<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch (error) {
    if (!isBusy(error)) throw error;
    return otherwise;
  }
}

const momentOf = ({ time }: { readonly time: number }) => ({ fromS: time, toS: time + 1 });
