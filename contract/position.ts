/** The position of a document: which term wrote it, and as which version of that term. */

/** `epoch` is the leader's term (13 digits), `seq` counts versions within it from 1. Compared as a pair. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** What is held before any term: every figure `null`. */
export const NO_POSITION: Position = { epoch: 0, seq: 0 };

/**
 * The highest epoch there can be. The scripts in Redis handle numbers of up to fifteen digits exactly, and above this
 * one there has to be room for further terms: a highest that another program put there must not be the last.
 */
export const MAX_EPOCH = 500_000_000_000_000;

/** The lowest: the first of thirteen digits. An epoch is never before the wall clock's ms of its term. */
const MIN_EPOCH = 1_000_000_000_000;

/** Whether two numbers from outside can be the position of a document that somebody published. */
export const isPosition = (epoch: number, seq: number): boolean =>
  Number.isSafeInteger(epoch) &&
  epoch >= MIN_EPOCH &&
  epoch <= MAX_EPOCH &&
  Number.isSafeInteger(seq) &&
  seq >= 1;

/** < 0 when `a` is older than `b`, 0 when equal, > 0 when newer. */
export const comparePositions = (a: Position, b: Position): number =>
  a.epoch === b.epoch ? a.seq - b.seq : a.epoch - b.epoch;

/** Whether nothing was ever published. */
export const isNoPosition = (p: Position): boolean => p.epoch === 0 && p.seq === 0;

/** The entity tag of the document at a position: `W/"E-S"`. */
export const toETag = (p: Position): string => `W/"${p.epoch}-${p.seq}"`;

const ETAG = /^(?:W\/)?"(\d{1,16})-(\d{1,16})"$/;

/** The position in an entity tag; `null` when it is not one of ours. */
export function fromETag(tag: string | null): Position | null {
  const match = tag === null ? null : ETAG.exec(tag.trim());
  if (!match) return null;
  const position = { epoch: Number(match[1]), seq: Number(match[2]) };
  return Number.isSafeInteger(position.epoch) && Number.isSafeInteger(position.seq)
    ? position
    : null;
}
