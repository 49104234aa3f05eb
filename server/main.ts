/** The composition root: configuration → parts → start → stop. The only file that knows all parts. */

import {
  CLOSE,
  type Clock,
  type DashboardDocument,
  emptyDocument,
  isPlausible,
  PATHS,
  systemClock,
} from '../contract/index.ts';
import { buildPage } from '../web/app/build.ts';
import { renderPage } from '../web/app/render.tsx';
import { createConditions } from './broker/conditions.ts';
import { keepDocument } from './broker/keep-document.ts';
import { readDocument } from './broker/read-document.ts';
import type { Config } from './config.ts';
import { configOrExit } from './config-or-exit.ts';
import { createHttpServer } from './http/http-server.ts';
import { createHub } from './hub/socket-hub.ts';
import { type KeptHistory, keepHistory } from './keep-history.ts';
import { newestDocument } from './leader/inherit.ts';
import { canResolve, localAddress, whyNotListening } from './listening.ts';
import { createLog, type Log, type LogHandle, readVersion } from './log.ts';
import { createOpenSocket } from './open-socket.ts';
import { type Share, type Stored, share } from './share.ts';
import type { Connect } from './sources/stream.ts';
import { limitFrames } from './sources/stream-flood.ts';
import { createStreamMemory } from './sources/stream-memory.ts';
import { createUpstream } from './sources/upstream.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { streamPauses } from './streams.ts';
import { staleTable, startTerm, type Term } from './term.ts';

/** What the server takes from its surroundings, so that a test can give its own. */
export interface Surroundings {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Opens the exchanges' streams. */
  readonly connect: Connect;
  readonly log: Log;
  readonly version: string;
}

/** The whole server. */
export interface Server {
  /** Where it listens. */
  readonly port: number;
  /** Hands the sockets over to whoever serves them next, keeps the document, frees the port. */
  stop(): Promise<void>;
}

/** Seconds between polls for a page that cannot have a WebSocket. */
const POLL_INTERVAL_S = 30;

/**
 * Builds the parts and starts them.
 * @throws when the port cannot be had
 */
export async function startServer(config: Config, around: Surroundings): Promise<Server> {
  const { clock, log, version } = around;
  const assets = await buildPage();
  const appVersion = `${version}+${assets.version}`;
  const conditions = createConditions();
  const onInMemory = () => conditions.set('store_in_memory', true);
  const store = openSqliteStore({ clock, log, onInMemory }, config);
  const empty = emptyDocument(config.coins, staleTable(config.fetchIntervalS), config.simulated);
  const stored = loadStored(store, empty, clock.now());
  const parts = { conditions, empty, stored, store };
  const { broker, lease, ledger, history: shared, close } = share(config, around, parts);
  const hub = createHub(
    { broker, clock, log },
    { ...config, appVersion, pollIntervalS: POLL_INTERVAL_S },
  );
  const kept = keepHistory(config, { ...around, broker, rows: store, shared });
  const http = createHttpServer(
    { broker, hub, history: kept.history, renderPage, assets, clock, log },
    { ...config, hostname: config.host, appVersion },
  );
  const stopKeeping = keepDocument(broker, store, clock);
  // In one synchronous block: whoever connects finds the last known figures, and a taken port costs no upstream call.
  const { port } = http.start();
  lead(config, around, { broker, lease, ledger, stored, fill: kept.fill });
  return {
    port,
    async stop() {
      http.drain();
      await lease.close();
      hub.close(CLOSE.serviceRestart);
      stopKeeping();
      await http.stop();
      kept.close();
      await broker.close();
      await close();
      store.close();
    },
  };
}

/** Leads whenever, and for as long as, the lease is held. */
function lead(
  config: Config,
  { clock, random, fetch, connect, log, version }: Surroundings,
  {
    broker,
    lease,
    ledger,
    stored,
    fill,
  }: Pick<Share, 'broker' | 'lease' | 'ledger'> & { stored: Stored } & Pick<KeptHistory, 'fill'>,
): void {
  const userAgent = `Marketcast/${version} (self-hosted market dashboard)`;
  const upstream = createUpstream({
    fetch,
    clock,
    userAgent,
    timeoutMs: config.upstreamTimeoutMs,
  });
  const streamMemory = createStreamMemory({ clock, random, log, pauses: streamPauses(ledger) });
  let term: Term | null = null;
  lease.subscribe((event) => {
    term?.stop();
    term = null;
    if (event.type === 'lost') return;
    const newest = newestDocument(broker.held(), [event.stored, stored.document], config.simulated);
    const deps = {
      ...{ config, clock, broker, lease, ledger, log, random },
      ...{ upstream, connect: limitFrames(connect, clock), streamMemory, userAgent, fill },
    };
    term = startTerm(deps, event.epoch, newest.document, event.nodes);
  });
  lease.start();
}

function loadStored(store: Store, empty: DashboardDocument, nowMs: number): Stored {
  const row = store.loadDocument();
  if (row === null || !isPlausible(row, nowMs)) {
    return { epoch: 0, row: null, document: null };
  }
  const { epoch, seq } = row;
  const document = readDocument(row.json, empty, nowMs);
  return { epoch, row, document: document === null ? null : { epoch, seq, document } };
}

/** A second signal this long after the first ends the process at once. */
const FORCE_AFTER_MS = 500;
/** A stop that takes longer than this is cut short. */
const STOP_TIMEOUT_MS = 5000;

/** Runs the server as a process: reads the environment, logs, and stops on a signal. */
async function run(): Promise<void> {
  const config = configOrExit('start');
  const handle = createLog(config.logLevel, process.stdout.isTTY === true);
  const { log } = handle;
  // A mistake of ours in a timer costs what it was about to do, not everybody's page.
  process.on('uncaughtException', (err) => log.error({ err }, 'an exception was not caught'));
  process.on('unhandledRejection', (err) => log.error({ err }, 'a promise was left rejected'));
  warnOfUnused(config, log);
  const server = await startOrExit(config, handle);
  log.info(`Marketcast is up: ${localAddress(config.host, server.port)}${PATHS.page}`);

  let stoppingSince: number | null = null;
  const exitNow = () => {
    handle.abandon();
    process.exit(1);
  };
  const stop = async (signal: string) => {
    if (stoppingSince !== null) {
      // A terminal and npm may both pass one Ctrl-C on; only a later one means "now".
      if (performance.now() - stoppingSince > FORCE_AFTER_MS) exitNow();
      return;
    }
    stoppingSince = performance.now();
    log.info(`${signal}: stopping`);
    setTimeout(exitNow, STOP_TIMEOUT_MS).unref();
    await server.stop();
    log.info({ droppedLogLines: handle.dropped() }, 'stopped');
    await handle.end();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => void stop('SIGHUP'));
}

async function startOrExit(config: Config, { log, end }: LogHandle): Promise<Server> {
  const giveUp = async (fields: object, sentence: string): Promise<never> => {
    log.fatal(fields, sentence);
    await end();
    process.exit(1);
  };
  if (!(await canResolve(config.host))) {
    return giveUp({}, 'HOST must be an address or a name of this machine.');
  }
  try {
    return await startServer(config, {
      clock: systemClock,
      random: Math.random,
      fetch: (url, init) => fetch(url, init),
      connect: createOpenSocket(systemClock),
      log,
      version: readVersion(),
    });
  } catch (err) {
    const why = whyNotListening(err, config.port);
    return giveUp(why === null ? { err } : {}, why ?? 'Marketcast cannot start');
  }
}

/** Settings that are accepted but without effect yet are said so, rather than silently ignored. */
function warnOfUnused(config: Config, log: Log): void {
  if (config.workers !== 1) log.warn('WORKERS is set, but this version has one hub thread.');
}

if (import.meta.main) await run();
