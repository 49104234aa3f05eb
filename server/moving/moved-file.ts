/** Where a file to be taken in comes from: the disk, or another program. */

import {
  closeSync,
  createReadStream,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes that can be read from their beginning as often as is wanted. */
export interface OpenedFile {
  chunks(): Iterable<Buffer>;
  close(): void;
}

/** More came than any file of ours holds. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** What is read at once. */
const CHUNK_BYTES = 65_536;
/** More than the most rows that are taken in. */
const MAX_SPOOLED_BYTES = 1024 ** 3;

/**
 * Opens a file. What can be read only once (a pipe) is written into a file of its own first, which has no name and goes
 * with the process.
 * @throws TooLarge, and the system's own errors
 */
export async function openMovedFile(path: string): Promise<OpenedFile> {
  if (path === '-') return spool(process.stdin);
  const file = openSync(path, 'r');
  if (fstatSync(file).isFile()) return opened(file);
  closeSync(file);
  return spool(createReadStream(path));
}

const opened = (file: number): OpenedFile => ({
  *chunks() {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let position = 0; ; ) {
      const bytes = readSync(file, buffer, 0, CHUNK_BYTES, position);
      if (bytes === 0) return;
      position += bytes;
      yield buffer.subarray(0, bytes);
    }
  },
  close: () => closeSync(file),
});

async function spool(stream: AsyncIterable<Buffer>): Promise<OpenedFile> {
  const folder = mkdtempSync(join(tmpdir(), 'marketcast-import-'));
  const file = openSync(join(folder, 'rows'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > MAX_SPOOLED_BYTES) throw new TooLarge();
    for (let from = 0; from < chunk.byteLength; ) from += writeSync(file, chunk, from);
  }
  return opened(file);
}
