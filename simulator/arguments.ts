/** Reading the command line: what does not fit ends the process with one clear line. */

import { parseArgs } from 'node:util';

/** Exit code of a command that was called wrongly. */
export const BAD_ARGUMENTS = 2;

/** A command line that does not fit; the message is the one line that is shown. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** Options of one command, in the form of `node:util`'s `parseArgs`. */
type Options = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>
>;

/**
 * As `parseArgs`, strictly.
 * @throws ArgumentError for an unknown option or a missing value
 */
export function readOptions<const O extends Options>(
  args: readonly string[],
  options: O,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    // The first sentence says what is wrong; the rest is advice about dashes.
    const [line] = (error instanceof Error ? error.message : String(error)).split(
      /\.?(?:\s|$)(?=To |Did |$)/,
    );
    throw new ArgumentError(line);
  }
}

/**
 * A whole number of an option.
 * @throws ArgumentError naming the option
 */
export function readWhole(
  name: string,
  text: string | undefined,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ArgumentError(`${name} must be a whole number from ${min} to ${max}`);
}

/** `--port`; 0 = any free one. */
export const readPort = (text: string | undefined): number =>
  readWhole('--port', text, { min: 0, max: 65_535, fallback: 0 });
