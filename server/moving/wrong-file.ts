/** A file that cannot be taken in. */

/** Names the first line that is wrong, and why; never what stands in it, which a terminal might obey. */
export class WrongFile extends Error {
  override readonly name = 'WrongFile';
  /** @param line from 1 */
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}
