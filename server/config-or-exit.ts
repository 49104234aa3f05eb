/** The configuration of a process, or its end in one line. */

import { type Config, ConfigError, readConfig } from './config.ts';

/** @param what the process is there for, as in "cannot start" */
export function configOrExit(what: string): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`Marketcast cannot ${what}: ${error.message}\n`);
    process.exit(1);
  }
}
