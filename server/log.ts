/** The log: one JSON object a line, readable sentences on a terminal; never blocks, never grows. */

import { readFileSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './config.ts';

/** The server's logger. */
export type Log = Logger;

/** What waits to be written at most, bytes; what does not fit is dropped and counted: a full pipe stops nobody. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Names under which a secret could be logged by mistake. */
const SECRET_NAMES = ['key', 'secret', 'token', 'password', 'url', 'authorization', 'cookie'];

/** A log, and how many lines were lost because nobody read it. */
export interface LogHandle {
  readonly log: Log;
  dropped(): number;
  /** Writes what is buffered. */
  flush(): void;
}

/** @param isTerminal whether a person reads along */
export function createLog(level: LogLevel, isTerminal: boolean): LogHandle {
  const options = {
    level,
    base: null,
    redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  };
  if (isTerminal) {
    const stream = pretty({
      sync: true,
      colorize: true,
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss',
    });
    return { log: pino(options, stream), dropped: () => 0, flush: () => {} };
  }
  let dropped = 0;
  const destination = pino.destination({ sync: false, maxLength: MAX_BUFFERED_BYTES });
  destination.on('drop', () => {
    dropped += 1;
  });
  return {
    log: pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, destination),
    dropped: () => dropped,
    flush: () => destination.flushSync(),
  };
}

/** The version in package.json. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
