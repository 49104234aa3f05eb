/**
 * Runs the simulator as a process: `bun simulator/main.ts [--port N] [--seed N] [--quiet] [--with-parent]`.
 * Prints one JSON line with its addresses when it is ready. `--with-parent`: ends when standard input closes.
 */

import { systemClock } from '../contract/index.ts';
import { ArgumentError, BAD_ARGUMENTS, readOptions, readPort, readWhole } from './arguments.ts';
import { onStop } from './lifetime.ts';
import { createSimulator } from './simulator.ts';

/** Seed of the market when none is given. */
const DEFAULT_SEED = 1;
const MAX_SEED = 2 ** 32 - 1;

const OPTIONS = {
  port: { type: 'string' },
  seed: { type: 'string' },
  quiet: { type: 'boolean' },
  'with-parent': { type: 'boolean' },
} as const;

async function main(args: readonly string[]): Promise<void> {
  const { values } = readOptions(args, OPTIONS);
  const seed = { min: 0, max: MAX_SEED, fallback: DEFAULT_SEED };
  const simulator = await createSimulator({
    clock: systemClock,
    port: readPort(values.port),
    seed: readWhole('--seed', values.seed, seed),
    ...(!values.quiet && { onRequest: (method, path) => console.error(`${method} ${path}`) }),
  });
  onStop(values['with-parent'] === true, () => {
    simulator.close().then(() => process.exit(0));
  });
  console.log(JSON.stringify({ url: simulator.url, wsUrl: simulator.wsUrl }));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof ArgumentError ? BAD_ARGUMENTS : 1);
});
