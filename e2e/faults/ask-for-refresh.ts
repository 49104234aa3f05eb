/** Somebody who asks a node for a refresh, from an address of his own. */

import { connect } from 'node:net';
import {
  fromETag,
  NO_POSITION,
  PATHS,
  type Position,
  type RefreshBody,
} from '../../contract/index.ts';
import type { RunningNode } from '../start-node.ts';

/** What became of it. */
export interface AskedRefresh {
  readonly node: RunningNode;
  /** `Date.now()` when it was sent. */
  readonly sentAtMs: number;
  /** From the first byte of the request to the last one of the answer, or to the end without one, ms. */
  readonly tookMs: number;
  /** `null`: there was none, the connection broke or nothing came in {@link LIMIT_MS}. */
  readonly answer: RefreshAnswer | null;
}

/** An answer. */
export interface RefreshAnswer {
  readonly status: number;
  /** As sent; `null` without the header. */
  readonly retryAfter: string | null;
  readonly position: Position;
  readonly body: Partial<RefreshBody>;
}

/** Beyond what is allowed, so that a late answer is measured rather than missed. */
const LIMIT_MS = 20_000;

/** The `index`th of as many addresses of 127.0.0.0/8 as anybody needs. */
export const loopbackAddress = (index: number): string =>
  `127.9.${Math.floor(index / 250)}.${1 + (index % 250)}`;

/** Over a connection of its own, as of one visitor. Never rejects. */
export function askForRefresh(node: RunningNode, from: string): Promise<AskedRefresh> {
  const { port } = node.server;
  const [sentAtMs, begunMs] = [Date.now(), performance.now()];
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const timer = setTimeout(() => socket.destroy(), LIMIT_MS);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // What breaks is closed next.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      const answer = readAnswer(Buffer.concat(chunks).toString('utf8'));
      resolve({ node, sentAtMs, tookMs: performance.now() - begunMs, answer });
    });
    socket.write(
      `POST ${PATHS.refresh} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
  });
}

function readAnswer(text: string): RefreshAnswer | null {
  const [head = '', body] = text.split('\r\n\r\n', 2);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  if (status === undefined || body === undefined) return null;
  const header = (name: string) =>
    new RegExp(`^${name}: *(.*?) *$`, 'im').exec(head)?.[1]?.trim() ?? null;
  const parsed = parse(body);
  return parsed === null
    ? null
    : {
        status: Number(status),
        retryAfter: header('retry-after'),
        position: fromETag(header('etag')) ?? NO_POSITION,
        body: parsed,
      };
}

/** `null` of a body that was cut off. */
function parse(body: string): Partial<RefreshBody> | null {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
