/** The position of a document: which term wrote it, and as which version of that term. */

/** `epoch` is the leader's term (13 digits), `seq` counts versions within it from 1. Compared as a pair. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** What is held before any term: every figure `null`. */
export const NO_POSITION: Position = { epoch: 0, seq: 0 };

/** The highest epoch by its form: the scripts in Redis handle numbers of up to fifteen digits exactly. */
export const MAX_EPOCH = 500_000_000_000_000;

/** The lowest: the first of thirteen digits. A node whose clock is before it begins its terms here. */
export const MIN_EPOCH = 1_000_000_000_000;

/** A hundred years, ms: a clock that is wrong by less is still understood. */
const EPOCH_AHEAD_MS = 100 * 365.25 * 86_400_000;

/**
 * The highest epoch that is believed when it comes from outside (the channel, the keys, the store). Epochs begin at the
 * clock and grow by at most 65 536 a term, so that none is ever this far ahead unless another program put it there. The
 * limit moves with the clock and therefore always leaves room: the terms that follow an epoch put at the very limit are
 * above it for a minute or so, and believed again from then on. Above a limit that stands still there would be no next
 * term, ever.
 * @param nowMs the judging node's wall clock
 */
export const maxEpochAt = (nowMs: number): number =>
  Math.min(MAX_EPOCH, Math.max(Math.floor(nowMs), MIN_EPOCH) + EPOCH_AHEAD_MS);

/** Whether a position from outside is one that a node can have published, judged at `nowMs` of the own wall clock. */
export const isPlausible = ({ epoch, seq }: Position, nowMs: number): boolean =>
  isPosition(epoch, seq) && epoch <= maxEpochAt(nowMs);

/** Whether two numbers have the form of the position of a document that somebody published. */
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
