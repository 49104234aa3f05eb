/** Puts an answer on the wire, as well or as badly as its fault says. */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import type { Fault } from './faults.ts';
import type { Answer } from './upstreams/upstream.ts';

/** The body as a stream; its length where it is known and told. */
interface Body {
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  readonly length: number | null;
}

/** Pieces of a huge body. */
const PIECE_BYTES = 65_536;
/** A dripping body comes in this many pieces a second, or a byte at a time when it is slower still. */
const DRIPS_PER_S = 10;

const CHALLENGE_PAGE =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>';

/** Sends `answer`, bent by `fault`. Ends early when the other side hangs up. */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | null,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    if (fault?.delayMs) await wait(fault.delayMs, undefined, { signal: gone.signal });
    if (fault?.reset) response.socket?.resetAndDestroy();
    else await send(response, fault ? bend(answer, fault) : answer, fault ?? {}, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

/** The answer with the fault's status, headers and text. */
export function bend(answer: Answer, fault: Fault): Answer {
  const { status, headers, body } = faulty(answer, fault);
  return { status: fault.status ?? status, headers: { ...headers, ...fault.headers }, body };
}

function faulty(answer: Answer, fault: Fault): Answer {
  if (fault.redirectTo !== undefined) {
    return { status: 302, headers: { location: fault.redirectTo }, body: '' };
  }
  if (fault.html) {
    const headers = { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' };
    return { status: 200, headers, body: CHALLENGE_PAGE };
  }
  if (fault.malformed) return { ...answer, body: answer.body.slice(0, answer.body.length / 2) };
  if (fault.body === undefined) return answer;
  const body = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body);
  return { ...answer, body };
}

async function send(response: ServerResponse, answer: Answer, fault: Fault, gone: AbortSignal) {
  const { pieces, length } = bodyOf(answer, fault);
  const headers: Record<string, string> = { ...answer.headers };
  if (fault.gzipBombBytes !== undefined) headers['content-encoding'] = 'gzip';
  if (length !== null) headers['content-length'] ??= String(length);
  response.writeHead(answer.status, headers);
  response.flushHeaders();

  let left = fault.cutAfterBytes ?? Number.POSITIVE_INFINITY;
  for await (const piece of paced(pieces, fault.dripBytesPerS, gone)) {
    if (gone.aborted || left <= 0) break;
    const part = piece.subarray(0, Math.min(piece.length, left));
    left -= part.length;
    if (!response.write(part)) await once(response, 'drain', { signal: gone });
  }
  if (left <= 0) response.socket?.destroySoon();
  else response.end();
}

function bodyOf(answer: Answer, fault: Fault): Body {
  const inflated = fault.hugeBytes ?? fault.gzipBombBytes;
  if (inflated === undefined) {
    const bytes = Buffer.from(answer.body);
    return { pieces: [bytes], length: bytes.length };
  }
  const huge = hugeJson(inflated);
  if (fault.hugeBytes !== undefined) return { pieces: huge, length: null };
  return { pieces: Readable.from(huge).pipe(createGzip()), length: null };
}

/** `{"padding":"     … "}`, `bytes` long: only its size is wrong with it. */
export function* hugeJson(bytes: number, pieceBytes = PIECE_BYTES): Generator<Uint8Array> {
  const start = Buffer.from('{"padding":"');
  const end = Buffer.from('"}');
  const spaces = Buffer.alloc(pieceBytes, ' ');
  yield start;
  for (let left = bytes - start.length - end.length; left > 0; left -= pieceBytes) {
    yield spaces.subarray(0, Math.min(left, pieceBytes));
  }
  yield end;
}

/** The same bytes, no faster than `bytesPerS`. */
async function* paced(
  pieces: Body['pieces'],
  bytesPerS: number | undefined,
  gone: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (bytesPerS === undefined) {
    yield* pieces;
    return;
  }
  const size = Math.ceil(bytesPerS / DRIPS_PER_S);
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += size) {
      await wait((size / bytesPerS) * 1000, undefined, { signal: gone });
      yield piece.subarray(at, at + size);
    }
  }
}
