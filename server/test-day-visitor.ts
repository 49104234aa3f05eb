/** For tests: somebody whose page is open for a whole simulated day, and who presses refresh. */

import { applyPatch, type DashboardDocument, PATHS, type Patch } from '../contract/index.ts';

/** Told of every version that comes. */
export type OnVersion = (document: DashboardDocument) => void;

/** A page that is open. */
export interface Visitor {
  /** What it shows. */
  shown(): DashboardDocument | null;
  /** Versions that have come, patches that did not fit among them. */
  counts(): { readonly versions: number; readonly whole: number; readonly gaps: number };
  /** Presses refresh, unless the last press has not been answered. */
  press(): void;
  /** Answers to presses, by status. */
  presses(): Readonly<Record<string, number>>;
  close(): void;
}

/** Resolves when it is connected. */
export async function visit(port: number, onVersion: OnVersion): Promise<Visitor> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${PATHS.socket}`);
  const counts = { versions: 0, whole: 0, gaps: 0 };
  const presses: Record<string, number> = {};
  let shown: DashboardDocument | null = null;
  let seq = 0;
  let isPressing = false;

  const take = (document: DashboardDocument, newSeq: number) => {
    shown = document;
    seq = newSeq;
    counts.versions += 1;
    onVersion(document);
  };
  socket.onmessage = ({ data }) => {
    const frame: Frame = JSON.parse(String(data));
    if (frame.type === 'dashboard_update') {
      counts.whole += 1;
      take(frame.data, frame.seq);
    } else if (frame.type === 'dashboard_patch' && shown !== null && frame.seq === seq + 1) {
      take(applyPatch(shown, frame.patch), frame.seq);
    } else if (frame.type === 'dashboard_patch') {
      counts.gaps += 1;
      socket.send('sync');
    }
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const press = async () => {
    isPressing = true;
    const response = await fetch(`http://127.0.0.1:${port}${PATHS.refresh}`, { method: 'POST' });
    await response.text();
    presses[response.status] = (presses[response.status] ?? 0) + 1;
    isPressing = false;
  };
  return {
    shown: () => shown,
    counts: () => ({ ...counts }),
    press() {
      if (!isPressing) void press();
    },
    presses: () => ({ ...presses }),
    close: () => socket.close(),
  };
}

type Frame =
  | { readonly type: 'dashboard_update'; readonly seq: number; readonly data: DashboardDocument }
  | { readonly type: 'dashboard_patch'; readonly seq: number; readonly patch: Patch }
  | { readonly type: 'hello' };
