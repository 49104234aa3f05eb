/** The page's one connection to its server. */

import { createMarketcast, type RefreshResult } from '../../client/index.ts';
import type { DashboardDocument, Position } from '../../contract/index.ts';
import type { LiveInput } from './live.ts';

/** What the page was rendered with. */
export interface ConnectOptions {
  readonly document: DashboardDocument;
  readonly position: Position;
}

/** A connection that feeds a {@link LiveInput}. */
export interface Connection {
  /** Asks for a fresh round; never rejects. */
  refresh(): Promise<RefreshResult>;
  close(): void;
}

/** Connects to the server that the page came from. */
export function connect(live: LiveInput, options: ConnectOptions): Connection {
  const client = createMarketcast(options);
  const unsubscribe = client.subscribe(live.take);
  return {
    refresh: client.refresh,
    close() {
      unsubscribe();
      client.close();
    },
  };
}
