/**
 * Writes as fast as it can until it is killed: rows that belong together, deletions, and documents. What was kept is said
 * on the standard output, a line a call: `document 7`, `samples 7`, `candles 7`.
 */

import { writeSync } from 'node:fs';
import { systemClock } from '../../contract/index.ts';
import { openSqliteStore } from './sqlite-store.ts';
import {
  BATCHES,
  batch,
  CHURN_INTERVAL_S,
  churn,
  EPOCH,
  ROWS_PER_BATCH,
} from './test-kill-batches.ts';

const [dataDir = '', first = ''] = process.argv.slice(2);
const say = (text: string) => void writeSync(1, `${text}\n`);
const store = openSqliteStore(
  {
    clock: { ...systemClock, now: () => EPOCH },
    log: { warn: (_, message) => say(`warning ${message}`) },
    onInMemory: () => say('in memory'),
  },
  { dataDir, simulated: false },
);
/** More than can be over: what is deleted is whole times. */
const MANY = ROWS_PER_BATCH * 1000;
/** More than are ever reached: whoever started it kills it. */
const LAST = 1_000_000;

for (let version = Number(first); version < LAST; version++) {
  const { samples, candles } = batch(version);
  store.saveDocument({
    epoch: EPOCH,
    seq: version,
    json: JSON.stringify({ version, pad: 'x'.repeat(3000) }),
  });
  say(`document ${version}`);
  store.keepSamples(samples, 'last');
  say(`samples ${version}`);
  store.keepCandles(candles);
  say(`candles ${version}`);
  store.keepSamples(churn(version), 'last');
  const before = churn(version - BATCHES)[0]?.time ?? 0;
  store.drop(CHURN_INTERVAL_S, before, Number.MAX_SAFE_INTEGER, MANY);
}
