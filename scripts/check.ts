/** `npm run check`: everything that needs no browser. */

import { CHECK_STEPS, runSteps } from './steps.ts';

process.exit(await runSteps(CHECK_STEPS));
