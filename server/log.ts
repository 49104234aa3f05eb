/** The log: one JSON object a line, readable sentences on a terminal; never blocks, never grows. */

import { readFileSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLevel } from './config.ts';

/** The server's logger. */
export type Log = Logger;

/** What waits to be written at most, bytes; what does not fit is dropped and counted: a full pipe stops nobody. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Names under which a secret could be logged by mistake. */
const SECRET_NAMES = ['key', 'secret', 'token', 'password', 'url', 'authorization', 'cookie'];

/** How long a stopping process waits for its last lines to go out: a reader that has stopped takes none. */
const END_WITHIN_MS = 500;

/** A log, and how many lines were lost because nobody read it or the disk was full. */
export interface LogHandle {
  readonly log: Log;
  dropped(): number;
  /** Gives what is buffered a moment to go out, and drops the rest. The last thing before the process exits. */
  end(): Promise<void>;
  /** Drops what is buffered: for a process that exits now. */
  abandon(): void;
}

/**
 * @param isTerminal whether a person reads along
 * @param fd where it goes; standard output unless a test says otherwise
 */
export function createLog(level: LogLevel, isTerminal: boolean, fd = 1): LogHandle {
  let dropped = 0;
  const count = () => {
    dropped += 1;
  };
  const destination = pino.destination({ dest: fd, sync: false, maxLength: MAX_BUFFERED_BYTES });
  destination.on('drop', count);
  // A full disk or a reader that went away costs lines, not the server.
  destination.on('error', count);
  const options = {
    level,
    base: null,
    redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const log = isTerminal ? pino(options, readable(destination)) : pino(options, destination);
  const end = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    destination.once('close', resolve);
    setTimeout(resolve, END_WITHIN_MS);
    destination.end();
    await promise;
    abandon();
  };
  // What is still buffered would otherwise be written at exit, waiting for a reader that may never come.
  const abandon = () => destination.destroy();
  return { log, dropped: () => dropped, end, abandon };
}

/** Sentences instead of JSON, into the same bounded destination. */
function readable(destination: { write(line: string): unknown }) {
  const toSentence = prettyFactory({
    colorize: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  });
  return {
    write(line: string) {
      destination.write(toSentence(line));
    },
  };
}

/** The version in package.json. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
