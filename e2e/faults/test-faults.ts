/**
 * Faults on real processes: each case is a test, and a row in the table that `npm run test:faults` prints.
 *
 * With `FAULTS_FILE` set, every case writes two JSON lines to that file: `{"id","required"}` before anything runs, and
 * `{"id","measured","pass"}` when it has been measured. `scripts/fault-table.ts` reads them.
 */

import { describe, expect, test } from 'bun:test';
import { appendFileSync } from 'node:fs';
import {
  CASE_TIMEOUT_MS,
  type CleanUp,
  type FaultCase,
  type FaultScope,
  type Measured,
} from './fault-case.ts';

/** Stopping a node that does not answer takes ten seconds. */
const CLEAN_UP_MS = 30_000;

/** Announces all cases, then runs them one after the other. */
export function testFaults(cases: readonly FaultCase[]): void {
  const file = process.env.FAULTS_FILE ?? null;
  const write = (line: object) => {
    if (file !== null) appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
  for (const { id, required } of cases) write({ id, required });
  describe('it holds', () => {
    for (const { id, required, timeoutMs = CASE_TIMEOUT_MS, run } of cases) {
      test(
        `${id}: ${required}`,
        async () => {
          const result = await inScope(file !== null, timeoutMs, run);
          write({ id, ...result });
          expect({ id, ...result }).toEqual({ id, measured: result.measured, pass: true });
        },
        timeoutMs + CLEAN_UP_MS,
      );
    }
  });
}

/** Runs a case under its own deadline, which leaves time to clean up. */
async function inScope(
  isFull: boolean,
  timeoutMs: number,
  run: FaultCase['run'],
): Promise<Measured> {
  const actions: CleanUp[] = [];
  const explanations: (() => string)[] = [];
  const scope: FaultScope = {
    isFull,
    cleanUp: (action) => void actions.push(action),
    explain: (text) => void explanations.push(text),
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not measured in ${timeoutMs} ms`)), timeoutMs);
  });
  let holds = false;
  try {
    const result = await Promise.race([run(scope), late]);
    holds = result.pass;
    return result;
  } finally {
    clearTimeout(timer);
    if (!holds) for (const text of explanations) process.stderr.write(`${text()}\n`);
    await undo(actions.toReversed());
  }
}

/** Calls all of them, whatever becomes of one. */
async function undo(actions: readonly CleanUp[]): Promise<void> {
  const errors: unknown[] = [];
  for (const action of actions) {
    try {
      await action();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'a case was not cleaned up');
}
