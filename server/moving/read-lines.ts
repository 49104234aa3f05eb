/** A file's lines, a few at a time, whatever it holds. */

import { WrongFile } from './wrong-file.ts';

/** A line without its end. */
export interface Line {
  /** From 1, as editors count. */
  readonly number: number;
  /** A character a byte: what is no ASCII stands in no row, and is refused by whoever reads it. */
  readonly text: string;
}

/** The longest row is a fifth of this; what is longer is no file of ours. */
const MAX_LINE_CHARACTERS = 1_000;
/** A year of everything is a hundred thousand rows. */
const MAX_LINES = 5_000_000;
/** What some programs put before the text to say that it is UTF-8, as bytes. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/**
 * Lines that are not empty, without the ends that either kind of system writes.
 * @throws WrongFile when there are more, or longer ones, than any file of ours has
 */
export function* readLines(chunks: Iterable<Buffer>): Generator<Line> {
  let number = 0;
  let rest = '';
  for (const chunk of chunks) {
    const texts = (rest + chunk.toString('latin1')).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      number += 1;
      yield* lineOf(number, text);
    }
    // Before the next chunk is put behind it.
    if (rest.length > MAX_LINE_CHARACTERS) throw tooLong(number + 1);
  }
  yield* lineOf(number + 1, rest);
}

function* lineOf(number: number, sent: string): Generator<Line> {
  if (number > MAX_LINES) throw new WrongFile(number, `more than ${MAX_LINES} lines`);
  if (sent.length > MAX_LINE_CHARACTERS) throw tooLong(number);
  const unmarked =
    number === 1 && sent.startsWith(BYTE_ORDER_MARK) ? sent.slice(BYTE_ORDER_MARK.length) : sent;
  const text = unmarked.endsWith('\r') ? unmarked.slice(0, -1) : unmarked;
  if (text !== '') yield { number, text };
}

const tooLong = (number: number) =>
  new WrongFile(number, `longer than ${MAX_LINE_CHARACTERS} characters, which no row is`);
