/** `npm test`: everything. */

import { BROWSER_STEPS, CHECK_STEPS, QUICK_FAULT_STEPS, runSteps } from './steps.ts';
import { ensureSystemPackages } from './system-packages.ts';

if (!(await ensureSystemPackages())) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
process.exit(await runSteps([...CHECK_STEPS, ...QUICK_FAULT_STEPS, ...BROWSER_STEPS]));
