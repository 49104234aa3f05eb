/** What tells a row that was written as it stands from one that a failing disk, or somebody else, has changed since. */

/** CRC-32 of a row's values: finds every flipped bit, and all but one in four thousand million other changes. */
export const checksumOf = (values: readonly (string | number)[]): number =>
  Bun.hash.crc32(values.join(' '));
