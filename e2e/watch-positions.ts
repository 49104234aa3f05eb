/** A socket that is kept open as a browser would, and holds the server to its word about positions and patches. */

import {
  applyPatch,
  comparePositions,
  type DashboardDocument,
  isNoPosition,
  type PatchFrame,
  type Position,
  type ServerFrame,
  type UpdateFrame,
} from '../contract/index.ts';
import { until } from './until.ts';
import { type WatchedSocket, watchSocket } from './watch-socket.ts';

/** One document that came, whole or by a patch. */
export interface SeenPosition extends Position {
  /** From 1: which of the connections brought it. */
  readonly connection: number;
  readonly isWhole: boolean;
  /** `performance.now()` at receipt. */
  readonly atMs: number;
}

/** A connection that ended other than by us. */
export interface SeenClose {
  readonly connection: number;
  readonly code: number;
  readonly atMs: number;
}

/** Positions under watch. */
export interface WatchedPositions {
  /** The newest {@link MAX_SEEN}, in order of receipt. */
  readonly seen: readonly SeenPosition[];
  readonly closes: readonly SeenClose[];
  /**
   * What the wire forbids, one sentence each: on one connection a position that goes back, a patch that does not follow
   * what is held, a whole document that differs from the one the patches led to, or a frame before the first document.
   */
  readonly faults: readonly string[];
  /** The document held; `null` before the first. */
  document(): DashboardDocument | null;
  position(): Position | null;
  /** Where a new connection began with an older position than the one before had; not forbidden, but worth counting. */
  stepsBack(): number;
  /** Resolves when a position beyond `after` is held; default: beyond the one that is held now. */
  moves(withinMs?: number, after?: Position): Promise<Position>;
  /** Asks for the whole document and resolves when it has come, compared with what was held. */
  sync(withinMs?: number): Promise<DashboardDocument>;
  /** Leaves this node for another, as a browser behind a proxy would. */
  goTo(socketUrl: string): Promise<void>;
  close(): void;
}

/** Documents that are remembered: ten minutes of four a second, several times over. */
export const MAX_SEEN = 10_000;
/** Until a connection that broke is tried again: a browser waits longer, a test has no time. */
const RECONNECT_MS = 100;

/** What a socket holds. */
interface Held extends Position {
  readonly document: DashboardDocument;
}

/** Told of every document that is held, and of its position. */
export type OnDocument = (position: Position, document: DashboardDocument) => void;

/** Resolves when the first document has come. */
export async function watchPositions(
  socketUrl: string,
  onDocument?: OnDocument,
): Promise<WatchedPositions> {
  const record = createRecord(onDocument);
  let url = socketUrl;
  let socket: WatchedSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let connection = 0;

  const open = async () => {
    const own = ++connection;
    record.begin();
    const opened = await watchSocket(url, ({ frame, atMs }) => {
      if (own === connection && frame !== null) record.take(frame, own, atMs);
    });
    if (own !== connection) return opened.close();
    socket = opened;
    void opened.closed.then((code) => {
      if (own !== connection) return;
      record.closes.push({ connection: own, code, atMs: performance.now() });
      reopen();
    });
  };
  const reopen = () => {
    timer = setTimeout(() => void open().catch(reopen), RECONNECT_MS);
  };
  const leave = () => {
    clearTimeout(timer);
    connection++;
    socket?.close();
  };
  const hasWhole = () => until(record.hasBegun, (hasBegun) => hasBegun);

  await open();
  await hasWhole();
  return {
    ...record.view,
    async sync(withinMs) {
      const wholes = record.wholes();
      socket?.send('sync');
      await until(record.wholes, (now) => now > wholes, withinMs);
      const document = record.view.document();
      if (document === null) throw new Error('no document has come');
      return document;
    },
    async goTo(next) {
      url = next;
      leave();
      await open();
      await hasWhole();
    },
    close: leave,
  };
}

/** What has come, and what was wrong with it. */
export function createRecord(onDocument: OnDocument = () => {}) {
  const seen: SeenPosition[] = [];
  const closes: SeenClose[] = [];
  const faults: string[] = [];
  let held: Held | null = null;
  /** The newest position of the connection under way; `null` before its first document. */
  let last: Position | null = null;
  let wholes = 0;
  let stepsBack = 0;

  const hold = (next: Held, connection: number, isWhole: boolean, atMs: number) => {
    const { epoch, seq } = next;
    held = next;
    seen.push({ epoch, seq, connection, isWhole, atMs });
    if (seen.length > MAX_SEEN) seen.shift();
    onDocument({ epoch, seq }, next.document);
  };
  const patch = ({ epoch, seq, patch }: PatchFrame, blame: (what: string) => void) => {
    const follows = held !== null && held.epoch === epoch && held.seq + 1 === seq;
    if (last !== null && follows && held !== null) {
      return { epoch, seq, document: applyPatch(held.document, patch) };
    }
    blame(`a patch that does not follow: ${name(held)} → ${epoch}-${seq}`);
    return null;
  };
  const whole = ({ epoch, seq, data }: UpdateFrame, blame: (what: string) => void) => {
    const next = { epoch, seq, document: data };
    const order = held === null ? 1 : comparePositions(next, held);
    if (last !== null && comparePositions(next, last) < 0)
      blame(`back: ${name(last)} → ${name(next)}`);
    if (last === null && order < 0) stepsBack++;
    if (order === 0 && !Bun.deepEquals(held?.document, data, true)) {
      blame(`another document at ${name(next)}`);
    }
    wholes++;
    // As a browser does: what it has is better than nothing at all.
    return isNoPosition(next) && held !== null ? null : next;
  };
  const take = (frame: ServerFrame, connection: number, atMs: number) => {
    const blame = (what: string) => faults.push(`${what} (connection ${connection})`);
    if (last === null && frame.type !== 'dashboard_update')
      blame(`${frame.type} before a document`);
    if (frame.type === 'hello') return;
    const isWhole = frame.type === 'dashboard_update';
    const next = isWhole ? whole(frame, blame) : patch(frame, blame);
    last = { epoch: frame.epoch, seq: frame.seq };
    if (next !== null) hold(next, connection, isWhole, atMs);
  };
  const position = () => (held === null ? null : { epoch: held.epoch, seq: held.seq });
  return {
    /** A new connection begins. */
    begin() {
      last = null;
    },
    take,
    closes,
    hasBegun: () => last !== null,
    /** Whole documents that have come. */
    wholes: () => wholes,
    view: {
      seen,
      closes,
      faults,
      document: () => held?.document ?? null,
      position,
      stepsBack: () => stepsBack,
      async moves(withinMs?: number, after = position()): Promise<Position> {
        const isBeyond = (now: Position | null) =>
          now !== null && (after === null || comparePositions(now, after) > 0);
        const moved = await until(position, isBeyond, withinMs);
        if (moved === null) throw new Error('no document has come');
        return moved;
      },
    },
  };
}

const name = (position: Position | null): string =>
  position === null ? 'nothing' : `${position.epoch}-${position.seq}`;
