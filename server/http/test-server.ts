/** The server on a free port, with a broker, a hub and a clock that a test decides about. */

import net from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import { coinSeries, HISTORY_SERIES, type HistorySeries } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { Asset, PageInput } from '../../web/app/page.ts';
import { createTestBroker, type TestBroker } from '../broker/test-broker.ts';
import type { History, HistoryQuery, Rendition } from '../history/history.ts';
import type { Admission, Hub, SocketData } from '../hub/hub.ts';
import {
  createHttpServer,
  type HttpDeps,
  type HttpOptions,
  type HttpServer,
} from './http-server.ts';

/** A server and all its surroundings. */
export interface TestServer {
  readonly broker: TestBroker;
  readonly clock: ManualClock;
  readonly http: HttpServer;
  readonly hub: TestHub;
  readonly history: TestHistory;
  readonly port: number;
  readonly origin: string;
  /** What the page was rendered from, each time. */
  readonly rendered: readonly PageInput[];
  /** Levels and messages of the log. */
  readonly logged: readonly string[];
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
  /** Sends bytes as they are and answers with all that comes back, until `stopAt` or until the connection ends. */
  raw(request: string, stopAt?: string): Promise<string>;
}

/** A hub that counts. */
export interface TestHub extends Hub<SocketData> {
  answerAdmissions(admission: Admission): void;
  readonly admitted: string[];
  readonly givenBack: string[];
}

/** A history that a test writes, for any query; of series it has those of Bitcoin and Ether. */
export interface TestHistory extends History {
  /** What was asked for, each time. */
  readonly asked: readonly HistoryQuery[];
  /** From now on this is the answer. */
  write(body: string, goodForS?: number): void;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** The script of the test's page, long enough to be worth compressing. */
export const SCRIPT = 'console.log(1);\n'.repeat(200);

const FILES: readonly Asset[] = [
  {
    path: '/assets/page-abc123.js',
    contentType: 'text/javascript; charset=utf-8',
    bytes: bytes(SCRIPT),
    gzip: Bun.gzipSync(bytes(SCRIPT)),
    brotli: new Uint8Array(brotliCompressSync(SCRIPT)),
  },
  {
    path: '/assets/page-def456.css',
    contentType: 'text/css; charset=utf-8',
    bytes: bytes('a{}'),
    gzip: null,
    brotli: null,
  },
  {
    path: '/client.js',
    contentType: 'text/javascript; charset=utf-8',
    bytes: bytes('export {};'),
    gzip: null,
    brotli: null,
  },
];

const RAW_PATIENCE_MS = 5_000;

/** Starts a server; `await using` or `stop` ends it. */
export function startTestServer(
  options: Partial<HttpOptions> = {},
  deps: Partial<HttpDeps> = {},
): TestServer & AsyncDisposable {
  const broker = createTestBroker();
  const clock = createManualClock();
  const hub = createTestHub();
  const history = createTestHistory();
  const rendered: PageInput[] = [];
  const logged: string[] = [];
  const note = (level: string) => (_fields: object, message: string) =>
    void logged.push(`${level}: ${message}`);
  const http = createHttpServer(
    {
      broker,
      clock,
      hub,
      history,
      log: { info: note('info'), warn: note('warn'), error: note('error') },
      renderPage(input) {
        rendered.push(input);
        return `<!doctype html><html lang="${input.language}">${input.document.market_cap}</html>`;
      },
      assets: { files: FILES, script: '/s', style: '/c', chart: '/h', version: 'v' },
      ...deps,
    },
    {
      hostname: '127.0.0.1',
      port: 0,
      allowedOrigins: [],
      trustedProxies: [],
      appVersion: '1.2.3+v',
      ...options,
    },
  );
  const { port } = http.start();
  const origin = `http://127.0.0.1:${port}`;
  return {
    broker,
    clock,
    http,
    hub,
    history,
    port,
    origin,
    rendered,
    logged,
    get: (path, headers = {}, method = 'GET') =>
      fetch(`${origin}${path}`, { method, headers, redirect: 'manual' }),
    raw: (request, stopAt) => sendRaw(port, request, stopAt),
    async [Symbol.asyncDispose]() {
      const stopped = http.stop();
      clock.advance(1_000);
      await stopped;
    },
  };
}

function createTestHub(): TestHub {
  let admission: Admission = { admitted: true };
  const admitted: string[] = [];
  const givenBack: string[] = [];
  return {
    admitted,
    givenBack,
    answerAdmissions(next) {
      admission = next;
    },
    admit(ip) {
      if (admission.admitted) admitted.push(ip);
      return admission;
    },
    giveBack: (ip) => void givenBack.push(ip),
    socketData: (ip) => ({ ip }),
    websocket: {
      open: (socket) => void socket.send(`welcome ${socket.data.ip}`),
      message() {},
    },
    start() {},
    stats: () => ({
      sockets: 3,
      framesPublished: 0,
      slowClosed: 0,
      unheardTerminated: 0,
      refused: 0,
    }),
    close() {},
  };
}

function createTestHistory(): TestHistory {
  const known: readonly string[] = [...HISTORY_SERIES, coinSeries('BTC'), coinSeries('ETH')];
  const asked: HistoryQuery[] = [];
  let rendition: Rendition = { body: '{}', goodForS: () => 60 };
  return {
    asked,
    write(body, goodForS = 60) {
      rendition = { body, goodForS: () => goodForS };
    },
    has: (series): series is HistorySeries => known.includes(series),
    render(query) {
      asked.push(query);
      return rendition;
    },
  };
}

function sendRaw(port: number, request: string, stopAt?: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    const timer = setTimeout(end, RAW_PATIENCE_MS);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (stopAt !== undefined && received.includes(stopAt)) end();
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}
