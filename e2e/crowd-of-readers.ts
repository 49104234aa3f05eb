/** Many readers of the history at once, in a process of their own: each asks again as soon as it is answered. */

import { createConnection, type Socket } from 'node:net';
import { brotliDecompressSync } from 'node:zlib';
import { PATHS } from '../contract/index.ts';

/** What a crowd is told, as JSON, by its one argument. */
export interface CrowdOrder {
  readonly port: number;
  readonly readers: number;
  /** Targets whose answers are history, as JSON in Brotli. */
  readonly targets: readonly string[];
  /** So long everybody asks for each of the two in turn. */
  readonly turnMs: number;
  readonly turns: number;
}

/** What a crowd saw, as JSON, on its standard output. */
export interface CrowdReport {
  /** From a request to the last byte of its answer, ms. */
  readonly historyMs: readonly number[];
  /** The same of `/healthz`, with as many readers, in the turns between. */
  readonly healthMs: readonly number[];
  /** Answers that were not what they had to be; the first few. */
  readonly wrong: readonly string[];
}

const HEALTH_BODY = '{"status":"ok"}';
/** More say no more. */
const MAX_WRONG = 10;
/** An answer's header is a fifth of this. */
const MAX_HEAD_BYTES = 8_192;

/** An answer on a connection that goes on. */
interface Answer {
  readonly head: string;
  readonly body: Buffer;
}

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? '{}'));

async function run(order: CrowdOrder): Promise<void> {
  const report = { historyMs: [] as number[], healthMs: [] as number[], wrong: [] as string[] };
  const check = createCheck();
  const readers = await Promise.all(
    Array.from({ length: order.readers }, () => connect(order.port)),
  );
  const ask = async (reader: Reader, target: string, tookMs: number[]) => {
    const begun = performance.now();
    const answer = await reader.ask(target);
    tookMs.push(performance.now() - begun);
    const why = check(target, answer);
    if (why !== null && report.wrong.length < MAX_WRONG) report.wrong.push(`${target}: ${why}`);
  };
  for (let turn = 0; turn < order.turns * 2; turn++) {
    const isHealth = turn % 2 === 0;
    const untilMs = performance.now() + order.turnMs;
    const askOn = async (reader: Reader, first: number) => {
      for (let n = first; performance.now() < untilMs; n++) {
        const target = order.targets[n % order.targets.length] ?? '';
        await (isHealth
          ? ask(reader, PATHS.health, report.healthMs)
          : ask(reader, target, report.historyMs));
      }
    };
    await Promise.all(readers.map(askOn));
  }
  for (const reader of readers) reader.close();
  process.stdout.write(JSON.stringify(report satisfies CrowdReport));
}

/** Every body is decoded and read once, and then compared byte for byte. */
function createCheck(): (target: string, answer: Answer) => string | null {
  const read = new Map<string, Buffer>();
  return (target, { head, body }) => {
    if (!head.startsWith('HTTP/1.1 200')) return head.slice(0, 15);
    if (target === PATHS.health) return String(body) === HEALTH_BODY ? null : 'another body';
    const key = `${target} ${/^etag: (.*)$/im.exec(head)?.[1]}`;
    const known = read.get(key);
    if (known) return known.equals(body) ? null : 'another body with the same tag';
    read.set(key, body);
    return whyNoHistory(target, JSON.parse(String(brotliDecompressSync(body))));
  };
}

function whyNoHistory(
  target: string,
  body: { series?: unknown; range?: unknown; rows?: [number][] },
): string | null {
  const asked = new URLSearchParams(target.slice(target.indexOf('?')));
  if (body.series !== asked.get('series')) return 'another series';
  if (body.range !== asked.get('range')) return 'another range';
  const times = body.rows?.map(([time]) => time) ?? [];
  if (times.length === 0) return 'no rows';
  return times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))
    ? null
    : 'rows out of order';
}

/** One of the crowd. */
interface Reader {
  ask(target: string): Promise<Answer>;
  close(): void;
}

async function connect(port: number): Promise<Reader> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = createConnection(port, '127.0.0.1', () => resolve(opened)).on('error', reject);
  });
  socket.setNoDelay(true);
  let received: Buffer = Buffer.alloc(0);
  let waiting: PromiseWithResolvers<Answer> | null = null;
  const lose = () => waiting?.reject(new Error('the connection was lost'));
  socket.on('close', lose).on('error', lose);
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = answerIn(received);
    if (answer === null) return;
    received = Buffer.alloc(0);
    waiting?.resolve(answer);
  });
  return {
    ask(target) {
      waiting = Promise.withResolvers();
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\n\r\n`);
      return waiting.promise;
    },
    close: () => void socket.destroy(),
  };
}

function answerIn(received: Buffer): Answer | null {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) {
    if (received.length > MAX_HEAD_BYTES) throw new Error('the head has no end');
    return null;
  }
  const head = received.toString('latin1', 0, end);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
  const body = received.subarray(end + 4);
  return body.length < length ? null : { head, body };
}
