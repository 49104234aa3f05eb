/** The history of one process, composed: rows that are kept, sampled, answered, and filled by whoever fetches. */

import type { Clock } from '../contract/index.ts';
import type { Broker } from './broker/broker.ts';
import type { Config } from './config.ts';
import { startCompaction } from './history/compaction.ts';
import type { AskedBefore } from './history/fill-pass.ts';
import { createFiller, type Filler } from './history/filler.ts';
import type { History } from './history/history.ts';
import { createHistorySync, type SharedHistory } from './history/history-sync.ts';
import type { PastDesk } from './history/past.ts';
import { createHistory } from './history/renditions.ts';
import { createSampler } from './history/sampler.ts';
import { watchRows } from './history/watched-rows.ts';
import type { Log } from './log.ts';
import type { HistoryRows } from './store/history-rows.ts';

/** What it is made of. */
export interface HistoryParts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly broker: Broker;
  readonly rows: HistoryRows;
  /** Where the nodes keep a copy; `null` alone. */
  readonly shared: SharedHistory | null;
}

/**
 * What lies in Redis was joined, but its leader may itself have been filling it: of a process that is younger than this, ms,
 * answers are soon outdated.
 */
const LEADER_FILLS_MS = 120_000;

/** From the start of a process to its end. */
export interface KeptHistory {
  /** For those who ask. */
  readonly history: History;
  /** For a term: begins to fill in the past. */
  readonly fill: (desk: PastDesk) => Filler;
  /** Writes what waits; the store is closed after it. */
  close(): void;
}

/** @see KeptHistory */
export function keepHistory(
  { coins }: Pick<Config, 'coins'>,
  { clock, random, log, broker, shared, ...parts }: HistoryParts,
): KeptHistory {
  const rows = watchRows(parts.rows);
  const asked: AskedBefore = new Map();
  const sampler = createSampler({ clock, broker, rows });
  const compaction = startCompaction({ clock, rows });
  const sync = shared && createHistorySync({ clock, random, rows, coins, log, ...shared });
  /** Of the term under way. */
  let filler: Filler | null = null;
  /** One of a term has had all there is. */
  let isFilled = false;
  const bornAtMs = clock.monotonic();
  const isJoined = () => sync?.isDone() === true && clock.monotonic() - bornAtMs > LEADER_FILLS_MS;
  const history = createHistory({
    ...{ clock, broker, rows, coins, sampler },
    isFilling: () => filler?.isFilling() ?? !(isFilled || isJoined()),
  });
  return {
    history,
    fill(desk) {
      const ofTerm = createFiller({ clock, random, rows, desk, coins, asked, log });
      filler = ofTerm;
      return {
        isFilling: ofTerm.isFilling,
        close() {
          isFilled ||= !ofTerm.isFilling();
          ofTerm.close();
          filler = null;
        },
      };
    },
    close() {
      sync?.close();
      compaction.close();
      sampler.close();
    },
  };
}
