/** `fetch` of the simulator within a process: the answers of its upstreams as real `Response` objects, in the clock's time. */

import type { Clock, SourceId } from '../contract/index.ts';
import { answerRequest, type Reply } from './answer-request.ts';
import type { Controlled } from './control.ts';
import { bend, hugeJson } from './deliver.ts';
import type { Fault } from './faults.ts';
import { wait } from './in-process-wait.ts';
import { ROUTES } from './upstreams/index.ts';
import type { Answer } from './upstreams/upstream.ts';

/**
 * As the platform's `fetch`, as far as the server uses it: redirects are not followed whatever `init` says, and a body
 * that is compressed on the wire comes inflated.
 * @throws TypeError when nobody answers, or the connection is reset; what aborted it when it was aborted
 */
export type InProcessFetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What it is made of. */
export interface InProcessFetchDeps {
  readonly clock: Clock;
  readonly simulated: Controlled;
  readonly latencyMs: number;
  /** Whose origin it is; `null` = nobody's. */
  upstreamAt(origin: string): SourceId | null;
}

export function createInProcessFetch(deps: InProcessFetchDeps): InProcessFetch {
  const { clock, latencyMs } = deps;
  return async (address, init = {}) => {
    const signal = init.signal ?? null;
    const request = {
      method: init.method ?? 'GET',
      url: new URL(address),
      headers: new Headers(init.headers),
    };
    await wait(clock, latencyMs, signal);
    const reply = replyTo(deps, request);
    if (reply.kind === 'silence') return never(signal);
    if (reply.kind === 'reset') throw reset();
    const fault = reply.fault ?? {};
    if (fault.delayMs) await wait(clock, fault.delayMs, signal);
    if (fault.reset) throw reset();
    const answer = bend(reply.answer, fault);
    const body = hasBody(answer.status) ? bodyOf(answer, fault, clock, signal) : null;
    return new Response(body, { status: answer.status, headers: { ...answer.headers } });
  };
}

/** A request that has come in. */
interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

function replyTo(
  { clock, simulated, upstreamAt }: InProcessFetchDeps,
  { method, url, headers }: Request,
): Reply {
  const upstream = upstreamAt(url.origin);
  // A path of another upstream's is none here.
  const isOwn = upstream !== null && ROUTES.get(url.pathname)?.upstream.id === upstream;
  const path = isOwn ? url.pathname : `${url.origin}${url.pathname}`;
  const reply = answerRequest(
    simulated,
    { method, path, query: url.searchParams, headers },
    clock.now(),
  );
  return upstream === null ? { kind: 'reset' } : reply;
}

const reset = () => new TypeError('the connection was reset');

/** Nothing comes until somebody gives up. */
const never = (signal: AbortSignal | null): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Statuses that a `Response` may have no body with. */
const hasBody = (status: number): boolean => ![204, 205, 304].includes(status);

/** Pieces of a huge body: few enough of them to be read between two timers of a manual clock. */
const PIECE_BYTES = 1_048_576;
/** A dripping body comes in this many pieces a second, or a byte at a time when it is slower still. */
const DRIPS_PER_S = 10;

function bodyOf(answer: Answer, fault: Fault, clock: Clock, signal: AbortSignal | null) {
  const inflatedBytes = fault.hugeBytes ?? fault.gzipBombBytes;
  const { dripBytesPerS, cutAfterBytes } = fault;
  const isPlain = (inflatedBytes ?? dripBytesPerS ?? cutAfterBytes) === undefined;
  if (isPlain) return answer.body;
  const whole =
    inflatedBytes === undefined ? [Buffer.from(answer.body)] : hugeJson(inflatedBytes, PIECE_BYTES);
  const size = dripBytesPerS === undefined ? PIECE_BYTES : Math.ceil(dripBytesPerS / DRIPS_PER_S);
  const pieces = cut(whole, size, cutAfterBytes ?? Number.POSITIVE_INFINITY);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (dripBytesPerS !== undefined) await wait(clock, (size / dripBytesPerS) * 1000, signal);
        signal?.throwIfAborted();
        const { done, value } = pieces.next();
        if (!done) controller.enqueue(value);
        else if (cutAfterBytes === undefined) controller.close();
        else controller.error(reset());
      } catch (error) {
        controller.error(error);
      }
    },
  });
}

/** The same bytes in pieces of at most `size`, and no more than `mostBytes` of them. */
function* cut(
  pieces: Iterable<Uint8Array>,
  size: number,
  mostBytes: number,
): Generator<Uint8Array, void> {
  let left = mostBytes;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length && left > 0; at += size) {
      const part = piece.subarray(at, Math.min(at + size, at + left));
      left -= part.length;
      yield part;
    }
    if (left <= 0) return;
  }
}
