/** Moves the wall clock of one server process while it runs: `shifted-clock.ts` is its other half. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

/** The wall clock of one process. */
export interface ProcessClock {
  /** For the process's command line. */
  readonly preload: string;
  /** For the process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** How far it is from the machine's now, ms. */
  offsetMs(): number;
  /**
   * Moves it; resolves when the process goes by it. Before the process is started: where its clock begins.
   * @param process `null` = not started yet
   * @param offsetMs from the machine's clock, not from where it was
   */
  shift(process: { signal(name: NodeJS.Signals): void } | null, offsetMs: number): Promise<void>;
  /** Removes its file; the process is to have ended. */
  remove(): void;
}

/** A clock that goes right until it is moved. */
export function createProcessClock(): ProcessClock {
  const folder = mkdtempSync(join(tmpdir(), 'marketcast-clock-'));
  const file = join(folder, 'offset');
  let offsetMs = 0;
  writeFileSync(file, '0');
  return {
    preload: fileURLToPath(new URL('./shifted-clock.ts', import.meta.url)),
    environment: { SHIFTED_CLOCK_FILE: file },
    offsetMs: () => offsetMs,
    async shift(process, ms) {
      offsetMs = ms;
      writeFileSync(file, String(ms));
      if (process === null) return;
      process.signal('SIGUSR2');
      await until(
        () => readFileSync(`${file}.applied`, 'utf8'),
        (applied) => applied === String(ms),
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
