/** Files under a name that changes with their content, so that a browser may keep them for ever. */

import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { PATHS } from '../../contract/index.ts';
import type { Asset } from './page.ts';

/** Characters of the hash in a name: 2^40 names for a handful of files. */
const HASH_LENGTH = 10;

/** Within a hundredth of the best for files of this size, at a twentieth of its time: the start waits for it. */
const BROTLI_QUALITY = 9;

const GZIP_LEVEL = 9;

/** A short name for exactly these bytes. */
export const hashOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, HASH_LENGTH);

/** `/assets/<name>-<hash>.<extension>`. */
export const hashedPath = (name: string, extension: string, bytes: Uint8Array): string =>
  `${PATHS.assets}${name}-${hashOf(bytes)}.${extension}`;

const smaller = (compressed: Buffer, bytes: Uint8Array): Uint8Array<ArrayBuffer> | null =>
  compressed.length < bytes.length ? new Uint8Array(compressed) : null;

/** The file, compressed in both ways. */
export function toAsset(path: string, contentType: string, bytes: Uint8Array<ArrayBuffer>): Asset {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    path,
    contentType,
    bytes,
    gzip: smaller(gzipSync(bytes, { level: GZIP_LEVEL }), bytes),
    brotli: smaller(brotliCompressSync(bytes, { params }), bytes),
  };
}
