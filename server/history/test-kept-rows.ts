/** A real store in a folder of its own, and rows to put into it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXCHANGES, type SourceEntry, type SourceId } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { type WatchedRows, watchRows } from './watched-rows.ts';

/** Rows of a test. */
export interface KeptRows extends WatchedRows {
  /** Removes the folder. */
  close(): void;
}

/** Opens an empty store. */
export function openKeptRows(): KeptRows {
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-history-'));
  const log = {
    warn(fields: object, message: string) {
      throw new Error(message, { cause: fields });
    },
  };
  const clock = createManualClock(0);
  const store = openSqliteStore({ clock, log, onInMemory() {} }, { dataDir, simulated: false });
  return {
    ...watchRows(store),
    close() {
      store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A sample of one interval; of its beginning unless said otherwise. */
export const sample = (
  series: string,
  intervalS: number,
  time: number,
  value: number,
  rest: Partial<Pick<SampleRow, 'source' | 'asOfS'>> = {},
): SampleRow => ({ series, intervalS, time, value, source: 'binance', asOfS: time, ...rest });

/** A closed candle that did not move from `close`, unless said otherwise. */
export const candle = (
  intervalS: number,
  time: number,
  close: number,
  rest: Partial<CandleRow> = {},
): CandleRow => ({
  ...{ intervalS, time, close, volume: 1, source: 'binance', asOfS: time + intervalS },
  ...{ open: close, high: close, low: close },
  ...rest,
});

/** What the document says of an exchange whose price is off the others'. */
export const ASIDE: SourceEntry = {
  ...{ state: 'set_aside', deviation_percent: 5 },
  ...{ last_success_at: null, next_attempt_at: null, error: null },
};

/** The exchanges by name, for tests that need two. */
export const [BINANCE, COINBASE, KRAKEN] = EXCHANGES satisfies readonly SourceId[];
