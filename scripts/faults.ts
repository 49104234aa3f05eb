/** `npm run test:faults`: every fault on real processes, and the table of what was measured. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsAll, printFaultRows, readFaultRows } from './fault-table.ts';
import { faultStep, runSteps } from './steps.ts';
import { ensureSystemPackages } from './system-packages.ts';

/**
 * The cases of each thing that must hold, of the last one when one node is killed, of all others when many share a Redis:
 * a file that is lost takes none with it unseen.
 */
const CASES = [2, 2, 3, 5, 21, 4, 6, 4, 2, 3, 1] as const;

if (!(await ensureSystemPackages())) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), 'marketcast-faults-'));
const file = join(folder, 'rows.jsonl');
const code = await runSteps([faultStep(file)]);
const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
rmSync(folder, { recursive: true, force: true });
const rows = readFaultRows(lines, CASES);
console.log(`\n${printFaultRows(rows)}`);
process.exit(code === 0 && holdsAll(rows) ? 0 : 1);
