/** What SQLite's errors, and the system's, mean for a store. */

import { NewerSchemaError } from './migrations.ts';

/** The file is a database, but a damaged one. */
export class CorruptError extends Error {
  override readonly name = 'CorruptError';
}

/** Another connection holds what was wanted. */
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');

/** The file is damaged, or no database. */
export const isCorrupt = (error: unknown): boolean =>
  error instanceof CorruptError || /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));

/** A row is not as its table wants it: the fault of who sends it. */
export const isRowRefused = (error: unknown): boolean =>
  codeOf(error).startsWith('SQLITE_CONSTRAINT');

/** The file cannot be used, by SQLite's word or the system's, or by its own; any other error is a caller's mistake. */
export const isFailure = (error: unknown): boolean =>
  error instanceof CorruptError ||
  error instanceof NewerSchemaError ||
  (codeOf(error).startsWith('SQLITE_') && !isRowRefused(error)) ||
  (error instanceof Error && 'syscall' in error);

/** A word for the log: never a text of the system, which names paths. */
export const reasonOf = (error: unknown): string =>
  codeOf(error) || (error instanceof Error ? error.name : 'unknown');

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
