/** `npm run check`: everything but the end-to-end tests. */

import { CHECK_STEPS, runSteps } from './steps.ts';
import { ensureSystemPackages } from './system-packages.ts';

if (!(await ensureSystemPackages())) process.exit(1);
process.exit(await runSteps(CHECK_STEPS));
